/* SPDX-License-Identifier: MIT */
/*
 * A session with a front end beside it: two processes, so that a fault in drawing or in
 * reading what the tree prints holds no power over the tree.
 */
#ifndef CLI_RUN_FRONT_END_H
#define CLI_RUN_FRONT_END_H

#include "session/session.h"
#include "tui/app.h"
#include "tui/settings.h"

/* What the full-screen front end is given. */
struct front_end {
	const struct tui_memory *memory;
	const struct tui_settings *settings;
	pid_t supervisor; /* of a session that this process starts, see tui/app.h */
};

/*
 * All fork. In the child they run the session and return as session_run does; in the
 * parent they are the front end, and return with the child's exit status.
 */
bool run_with_line_prompt(const struct session_options *options,
	const struct tui_settings *settings, int *status, struct error *err);

/* The same with the full-screen front end; the parent also returns on a detach. */
bool run_with_tui(const struct session_options *options, const struct front_end *own,
	int *status, struct error *err);

/* That front end for a session that runs; says in the end how it ended. */
bool attach_with_tui(int session_fd, const struct front_end *own, const char *client,
	struct tui_end *end, struct error *err);

/* The parent ends as soon as the session runs, after saying how to reach it. */
bool run_detached(
	const struct session_options *options, int *status, struct error *err);

#endif
