/* SPDX-License-Identifier: MIT */
/* The parts of the pane among themselves: pane.c, pane_draw.c and pane_history.c. */
#ifndef TUI_PANE_INTERNAL_H
#define TUI_PANE_INTERNAL_H

#include "tui/pane.h"

/* A line that has scrolled off, without the blanks at its end. */
struct pane_line {
	VTermScreenCell *cells;
	int count;
};

/* ---- pane_guard.c ---- */

/* Where in a control sequence the bytes are. Zero-initialise. */
struct pane_guard {
	enum { PANE_GUARD_TEXT, PANE_GUARD_ESCAPE, PANE_GUARD_SEQUENCE } state;
	unsigned separators;
};
/* Gives the bytes to libvterm, but for arguments that it has no room for. */
void pane_guard_write(struct pane_guard *guard, VTerm *vterm, struct text bytes);

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
