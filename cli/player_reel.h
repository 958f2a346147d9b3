/* SPDX-License-Identifier: MIT */
/* What a player shows: a session's terminal output, and the moments worth a stop. */
#ifndef CLI_PLAYER_REEL_H
#define CLI_PLAYER_REEL_H

#include "db/db.h"

struct player_chunk {
	int64_t time;	   /* nanoseconds since the session started */
	size_t at, length; /* in the reel's bytes */
};

/* A question or a denial. */
struct player_mark {
	int64_t time;
	char *words; /* safe to show */
};

/* Zero-initialise. */
struct player_reel {
	struct player_chunk *chunks;
	size_t chunk_count, chunk_capacity;
	char *bytes;
	size_t byte_count, byte_capacity;
	struct player_mark *marks;
	size_t mark_count, mark_capacity;
	unsigned columns, rows; /* the largest that the terminal was */
};

bool player_reel_load(struct player_reel *reel, struct db *db,
	const struct session_record *session, struct error *err);
void player_reel_finish(struct player_reel *reel);

#endif
