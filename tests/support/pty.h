/* SPDX-License-Identifier: MIT */
/*
 * A terminal for a test: runs a function in a child whose standard streams are a pty,
 * types into it, and waits for what it shows. Every wait has a deadline.
 */
#ifndef TESTS_SUPPORT_PTY_H
#define TESTS_SUPPORT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

enum { PTY_WAIT_MS = 20000 };

struct pty {
	int master, slave; /* slave stays open, so that its modes can be looked at */
	pid_t child;
	struct termios before; /* modes before the child started */
	char *shown;	       /* all that was shown, terminated */
	size_t length, capacity;
	size_t seen; /* waiting looks only behind this */
};

typedef int pty_child_fn(void *argument);

/* Runs the function in a child, whose exit status is what it returns. */
bool pty_start(struct pty *pty, unsigned short rows, unsigned short columns,
	pty_child_fn *run, void *argument);
/* Kills the child if it still runs. */
void pty_finish(struct pty *pty);

/* Waits until the text is shown, and looks behind it from then on. */
bool pty_await(struct pty *pty, const char *text);
/* True if all that was shown up to now has the text. */
bool pty_has_shown(const struct pty *pty, const char *text);

void pty_type(struct pty *pty, const char *keys);
void pty_resize(struct pty *pty, unsigned short rows, unsigned short columns);
/* Takes the terminal away, as closing its window does. */
void pty_hang_up(struct pty *pty);

/* The exit status, 128 + a signal, or -1 if it does not end in time. */
int pty_await_exit(struct pty *pty);

/* True if the terminal has the modes that it had before. */
bool pty_is_restored(const struct pty *pty);

#endif
