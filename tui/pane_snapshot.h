/* SPDX-License-Identifier: MIT */
/* A pane's whole state, kept and put back: for going back in a recorded terminal. */
#ifndef TUI_PANE_SNAPSHOT_H
#define TUI_PANE_SNAPSHOT_H

#include "tui/pane.h"
#include "tui/pane_arena.h"

struct pane_snapshot;

/* A pane whose libvterm lies in the arena, which outlives it. It answers nothing. */
struct pane *pane_new_in(struct pane_arena *arena, int rows, int columns);

/* Of what scrolled off, only as much is kept as making the terminal higher can need. */
struct pane_snapshot *pane_snapshot_take(
	struct pane *pane, const struct pane_arena *arena);
void pane_snapshot_free(struct pane_snapshot *snapshot); /* accepts NULL */
/* Memory that it takes, in bytes. */
size_t pane_snapshot_size(const struct pane_snapshot *snapshot);
/* The pane is as it was then, to be drawn anew as a whole. */
void pane_snapshot_restore(const struct pane_snapshot *snapshot, struct pane *pane,
	struct pane_arena *arena);

/* True if a line of the screen that has changed since the last call has the words. */
bool pane_changed_line_has(struct pane *pane, const char *words);

/* The characters of a line of the screen, blanks at its end left out. Owned. */
char *pane_line_text(const struct pane *pane, int row);

#endif
