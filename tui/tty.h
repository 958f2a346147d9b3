/* SPDX-License-Identifier: MIT */
/*
 * The person's own terminal: its modes, kept so that it can always be put back as it
 * was found, also when a signal ends the front end.
 */
#ifndef TUI_TTY_H
#define TUI_TTY_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <termios.h>

struct tty {
	int input, output; /* not owned */
	struct termios found;
	bool is_open;
	bool is_full_screen; /* a crash has to leave the alternate screen, too */
};

/* How the terminal treats what is typed. */
enum tty_mode {
	TTY_RELAY,  /* byte by byte, unchanged, for a tree that has its own terminal */
	TTY_SILENT, /* the same, with output processed: nothing typed is shown */
	TTY_LINES,  /* whole lines with echo; Ctrl-C and Ctrl-Z end a line as bytes */
};

/* Remembers how the terminal was found. Fails if either descriptor is no terminal. */
bool tty_open(struct tty *tty, int input, int output, struct error *err);

/* Puts it back as it was found. Accepts a zeroed tty and a terminal that has gone. */
void tty_close(struct tty *tty);

/*
 * False if the terminal has gone. Going to TTY_LINES throws away what was typed and not
 * read yet.
 */
bool tty_set_mode(const struct tty *tty, enum tty_mode mode);

/* Throws away what was typed and not read yet. */
void tty_flush_input(const struct tty *tty);

/* Writes all of it, waiting for the terminal. False if it has gone. */
bool tty_write(const struct tty *tty, const void *bytes, size_t length);

/* 24 by 80 if the terminal does not know. */
void tty_size(const struct tty *tty, uint16_t *rows, uint16_t *columns);

/*
 * Puts the terminal of the open tty back, from a signal handler or an invariant_hook:
 * only calls that are safe there. Does nothing if none is open.
 */
void tty_emergency_restore(void);

/* Catches the signals that mean a crash, restores, and dies of them as before. */
void tty_restore_on_crash(void);

#endif
