/* SPDX-License-Identifier: MIT */
/*
 * The temporary folder of a session: made, held, and removed at its end, or by a later
 * session if this one died. The tree writes there what it likes, so that removing follows
 * no link and leaves no file system.
 */
#ifndef SESSION_TEMPORARY_H
#define SESSION_TEMPORARY_H

#include "base/error.h"
#include "db/db.h"

/* A new folder below TMPDIR or /tmp; owned; NULL with the reason. */
char *temporary_make(struct error *err);

/* Keeps others from removing it, for as long as the descriptor is open; -1: they may. */
int temporary_hold(const char *path);

void temporary_remove(const char *path);

/* Removes the folders of recorded sessions whose supervisor died. */
void temporaries_clear(struct db *db);

#endif
