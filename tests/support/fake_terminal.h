/* SPDX-License-Identifier: MIT */
/*
 * A terminal for a test: runs a function in a child whose standard streams are a pty,
 * types into it, and waits for what it shows. Every wait has a deadline.
 */
#ifndef TESTS_SUPPORT_FAKE_TERMINAL_H
#define TESTS_SUPPORT_FAKE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

enum { FAKE_TERMINAL_WAIT_MS = 60000 };

struct fake_terminal {
	int master, slave; /* slave stays open, so that its modes can be looked at */
	pid_t child;
	struct termios before; /* modes before the child started */
	char *shown;	       /* all that was shown, terminated */
	size_t length, capacity;
	size_t seen; /* waiting looks only behind this */
};

typedef int fake_terminal_child_fn(void *argument);

/* Runs the function in a child, whose exit status is what it returns. */
bool fake_terminal_start(struct fake_terminal *terminal, unsigned short rows,
	unsigned short columns, fake_terminal_child_fn *run, void *argument);
/* Kills the child if it still runs. */
void fake_terminal_finish(struct fake_terminal *terminal);

/* Takes what is shown, once poll(2) says that there is something on the master. */
void fake_terminal_read(struct fake_terminal *terminal);
/* Waits until the text is shown, and looks behind it from then on. */
bool fake_terminal_await(struct fake_terminal *terminal, const char *text);
/* True if all that was shown up to now has the text. */
bool fake_terminal_has_shown(const struct fake_terminal *terminal, const char *text);

void fake_terminal_type(struct fake_terminal *terminal, const char *keys);
void fake_terminal_resize(
	struct fake_terminal *terminal, unsigned short rows, unsigned short columns);
/* Takes the terminal away, as closing its window does. */
void fake_terminal_hang_up(struct fake_terminal *terminal);

/* The exit status, 128 + a signal, or -1 if it does not end in time. */
int fake_terminal_await_exit(struct fake_terminal *terminal);

/* True if the terminal has the modes that it had before. */
bool fake_terminal_is_restored(const struct fake_terminal *terminal);

#endif
