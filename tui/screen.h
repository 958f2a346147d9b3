/* SPDX-License-Identifier: MIT */
/*
 * The person's terminal under ncurses: the agent's pane, a status line below it, and a
 * box or a view over it. Also the terminal's input modes, which follow the agent's
 * while keys go to the agent and are the plain ones while they go to Duenna.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "tui/modes.h"
#include "tui/settings.h"
#include "tui/tty.h"

#include <ncurses.h>

enum { SCREEN_ROWS_MIN = 3, SCREEN_COLUMNS_MIN = 10 };

/* Zero-initialise. */
struct screen {
	struct tty tty;
	FILE *stream, *typed; /* our own, to the same terminal */
	SCREEN *curses;
	WINDOW *pane, *status, *over; /* over: NULL, or a box or view above the pane */
	int rows, columns;
	bool has_colour; /* of our own; the agent's colours are its own matter */
	struct text_look looks[STYLE_COUNT];
	bool mirrored[16];
	bool has_mouse; /* it is told of while no modes are mirrored */
	bool has_keypad;
	int cursor_shape; /* last one sent; 0: the terminal's own */
};

/* Fails with ERROR_REFUSED if the terminal cannot do what is needed. */
bool screen_open(struct screen *screen, int input, int output, struct error *err);
/* How styles look; STYLE_COUNT of them. */
void screen_set_looks(struct screen *screen, const struct text_look *looks);
/* Puts the terminal back as it was found. */
void screen_close(struct screen *screen);

/* Takes over the terminal's present size. */
void screen_resize(struct screen *screen);

/* Makes the window above the pane that many rows high, at the bottom; 0: none. */
void screen_set_over(struct screen *screen, int rows);

/* The agent's input modes for the terminal; NULL: plain ones. */
void screen_mirror_modes(struct screen *screen, const struct modes *modes);
/* As pane_cursor_shape() gives it; 0: the terminal's own. */
void screen_set_cursor_shape(struct screen *screen, int shape);

/* A stretch of one row of a window. */
struct screen_place {
	int row, column, columns;
};

/*
 * Safe UTF-8 text in at most that many columns, the rest of them blank if is_filled.
 * Returns the columns used by the text.
 */
int screen_put(WINDOW *window, struct screen_place place, attr_t attributes,
	const char *safe, bool is_filled);

attr_t screen_style(const struct screen *screen, enum screen_style style);

/* The bell. */
void screen_ring(struct screen *screen);
/* A notification by the terminal, if it can show one, of safe plain words. */
void screen_notify(struct screen *screen, const char *safe);

/* Draws everything that changed; the cursor stands there, or is hidden (row < 0). */
void screen_update(struct screen *screen, int row, int column);

#endif
