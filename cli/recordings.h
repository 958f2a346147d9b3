/* SPDX-License-Identifier: MIT */
/* Recorded sessions as the actions that rules/back_test.h judges again. */
#ifndef CLI_RECORDINGS_H
#define CLI_RECORDINGS_H

#include "db/db.h"
#include "rules/back_test.h"

struct recordings;

/* Which stored rules there are is read once. Borrows the database. */
struct recordings *recordings_open(struct db *db, struct error *err);
void recordings_close(struct recordings *recordings); /* accepts NULL */

/* Starts reading a session's events. temporary: what stands for its {tmp} now. */
bool recordings_begin(struct recordings *recordings, int64_t session,
	const char *temporary, struct error *err);

/*
 * The next action, without those that ended undecided; false at the end (err->code 0) or
 * on failure. Texts are borrowed until the next call, subjects until the closing.
 */
bool recordings_next(struct recordings *recordings, struct recorded_action *recorded,
	struct error *err);

#endif
