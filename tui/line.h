/* SPDX-License-Identifier: MIT */
/*
 * The line prompt: a front end that needs nothing of the terminal but lines. It relays
 * between the person's terminal and the tree's own, and shows questions in between.
 */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct line_options {
	int input, output;  /* the person's terminal */
	const char *client; /* a word for itself in the protocol: "line", "attach" */
	unsigned
		arming_ms; /* typing counts only that long after a question was shown */
	const char *word;  /* begins every question; NULL: chosen at random */
	pid_t supervisor; /* gets the signals that are meant for the command; 0: none */
};

/*
 * Is the front end of the session behind session_fd, which it takes, until the session
 * ends or the terminal goes away or a signal, if no supervisor gets it, ends it. The
 * terminal is then as it was found. On success *status is the exit status to leave with:
 * the session's, or 128 + the signal. Fails with ERROR_REFUSED if there is no terminal,
 * and with another code if the session went away without saying how it ended.
 */
bool line_front_end_run(int session_fd, const struct line_options *options, int *status,
	struct error *err);

#endif
