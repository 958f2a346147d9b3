/* SPDX-License-Identifier: MIT */
/* `duenna replay` on a terminal: the recorded output, played as it came. */
#ifndef CLI_PLAYER_H
#define CLI_PLAYER_H

#include "db/db.h"

struct player_options {
	const char *speed; /* "0.25" to "16"; NULL: 1 */
	bool keep_idle;	   /* pauses of the recording are as long as they were */
};

/* Plays until the end or until the person has had enough. */
bool player_run(struct db *db, const struct session_record *session,
	const struct player_options *options, struct error *err);

#endif
