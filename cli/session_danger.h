/* SPDX-License-Identifier: MIT */
/* What in a session came nearest to danger. */
#ifndef CLI_SESSION_DANGER_H
#define CLI_SESSION_DANGER_H

#include "db/db.h"

#include <stdio.h>

/*
 * At most five lines under a title, the worst first: what rules/danger.h warns of, that
 * which was allowed before that which was not, then what was forbidden, denied and asked.
 * Nothing if there was no such thing.
 */
bool session_danger_print(FILE *out, struct db *db,
	const struct session_record *session, struct error *err);

#endif
