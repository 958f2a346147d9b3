/* SPDX-License-Identifier: MIT */
/*
 * A recorded session as JSON lines, to travel between machines: docs/recording.md.
 * What was read and written again is the same, byte by byte.
 */
#ifndef SESSION_RECORDING_H
#define SESSION_RECORDING_H

#include "db/db.h"

#include <stdio.h>

bool recording_write(struct db *db, const struct session_record *session, FILE *file,
	struct error *err);

/*
 * Reads a recording, which may be hostile, from its current position on; name is for
 * errors, which begin with "name:line: ". With db NULL it is only checked. Else *id is
 * the new session's, and after an error the database is as it was.
 */
bool recording_read(
	FILE *file, const char *name, struct db *db, int64_t *id, struct error *err);

#endif
