/* SPDX-License-Identifier: MIT */
/* The parts of the pane among themselves: pane_*.c. */
#ifndef TUI_PANE_INTERNAL_H
#define TUI_PANE_INTERNAL_H

#include "tui/pane.h"

/* A line that has scrolled off, without the blanks at its end. */
struct pane_line {
	VTermScreenCell *cells;
	int count;
};

/* ---- pane_guard.c ---- */

enum { PANE_GUARD_HELD_MAX = 1024 };

enum pane_guard_state {
	PANE_GUARD_TEXT,
	PANE_GUARD_ESCAPE,   /* after ESC, and what stands between it and the name */
	PANE_GUARD_SEQUENCE, /* after ESC [ */
	PANE_GUARD_STRING,   /* after ESC ] and its like */
	PANE_GUARD_STRING_ESCAPE, /* after ESC in a string */
};

/* What of the bytes is not whole yet. Zero-initialise. */
struct pane_guard {
	enum pane_guard_state state;
	bool is_wrong;			/* what is held is to be left out */
	unsigned count;			/* intermediate bytes */
	unsigned separators, digits;	/* of the arguments, and of the last one */
	unsigned missing;		/* bytes of a character */
	uint32_t character, least;	/* as far as it is known; less is overlong */
	unsigned marks;			/* without a width, one after the other */
	char held[PANE_GUARD_HELD_MAX]; /* of a character, sequence or string */
	size_t held_length;
};

struct pane {
	VTerm *vterm;
	VTermScreen *screen;
	int rows, columns;
	pane_reply_fn *reply;
	void *context;
	struct modes modes;
	struct pane_guard guard;
	bool *is_damaged; /* by row */
	bool has_damage, has_bell;
	bool is_cursor_visible, is_cursor_blinking, is_alternate;
	VTermPos cursor;
	int cursor_shape;
	char title[PANE_TITLE_SIZE];
	size_t title_length;

	char *backlog; /* bytes that did not take effect yet */
	size_t backlog_length;

	struct pane_line *history; /* a ring of PANE_HISTORY_MAX */
	int history_start, history_count;
	int scrolled;
};

/* Gives libvterm what it can take of the bytes. */
void pane_guard_write(struct pane *pane, struct text bytes);
/* After its size was set: takes the margins away and the cursor onto the screen. */
void pane_guard_resized(struct pane *pane);

/* ---- pane_draw.c ---- */

/*
 * At most CCHARW_MAX characters and their end. What ncurses would draw in another width
 * than libvterm counted is replaced.
 */
void pane_cell_characters(const VTermScreenCell *cell, wchar_t *characters);

/* ---- pane_rendition.c ---- */

enum { PANE_FONT_FAINT = 1 };

struct pane_rendition {
	char bytes[PANE_GUARD_HELD_MAX + 1];
	size_t length;
	bool has_arguments; /* false: there is nothing to be written */
	const char *font;   /* a sequence to be written after it, or NULL */
};

/* What a whole sequence of numbers that ends with m is for libvterm; never longer. */
void pane_rendition_read(struct pane_rendition *rendition, struct text sequence);

/* ---- pane_flood.c ---- */

/*
 * Part of what is written at once: skip bytes after the first keep bytes change nothing
 * that can be seen, on the screen or above it.
 */
struct pane_flood {
	size_t keep, skip;
};
struct pane_flood pane_flood_find(struct text bytes, size_t rows);

/* ---- pane_history.c ---- */

void pane_history_push(struct pane *pane, const VTermScreenCell *cells, int count);
/* Takes the newest line back; false if there is none. */
bool pane_history_pop(struct pane *pane, VTermScreenCell *cells, int count);
void pane_history_free(struct pane *pane);
/* 0 is the oldest. */
const struct pane_line *pane_history_line(const struct pane *pane, int index);

#endif
