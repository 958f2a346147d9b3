/* SPDX-License-Identifier: MIT */
/*
 * The hash chain over a session's events: each event's link is the SHA-256 of the link
 * before it and of everything stored of the event; before the first stands the hash of
 * what was stored of the session when it began. For db/ only; db.h has db_chain_verify.
 */
#ifndef DB_CHAIN_H
#define DB_CHAIN_H

#include "db/connection.h"

/* The columns of an event that its link covers, in their order. */
enum { CHAIN_COLUMNS = 28 };

/* The link of an event with these columns after the event before it; false on failure. */
bool chain_next(struct db *db, int64_t session, int64_t seq,
	const struct value columns[static CHAIN_COLUMNS], struct error *err);
/* The link that chain_next made last. */
struct text chain_link(const struct db *db);
/* The link of the session's last event (of its beginning, if it has none). */
bool chain_head(struct db *db, int64_t session, struct error *err);
/* SHA-256 of such columns after a link (NULL: none); what it is made of, for seals. */
void chain_hash(const uint8_t *before, const struct value *columns, size_t count,
	uint8_t link[static CHAIN_LINK_SIZE]);
struct value chain_column(sqlite3_stmt *row, int column);
/* Hexadecimal; the buffer holds 2 * CHAIN_LINK_SIZE + 1. */
void chain_print(char *buffer, const uint8_t *link);
/* What was chained is not stored after all. */
void chain_forget(struct db *db);

#endif
