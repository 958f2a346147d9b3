/* SPDX-License-Identifier: MIT */
/*
 * The agent's terminal: its bytes go into libvterm, and cells come out. Nothing that
 * the agent writes gets to the person's terminal in any other way. What a program asks
 * its terminal (where the cursor is, what kind it is) is answered from here.
 */
#ifndef TUI_PANE_H
#define TUI_PANE_H

#include "base/text.h"
#include "tui/modes.h"

#include <ncurses.h>
#include <vterm.h>

enum { PANE_TITLE_SIZE = 256, PANE_HISTORY_MAX = 5000 };

struct pane;

/* Called with bytes that the terminal answers to the agent. */
typedef void pane_reply_fn(struct text bytes, void *context);

struct pane *pane_new(int rows, int columns, pane_reply_fn *reply, void *context);
void pane_free(struct pane *pane);

void pane_resize(struct pane *pane, int rows, int columns);
void pane_size(const struct pane *pane, int *rows, int *columns);
/* Takes the agent's bytes; they take effect in pane_process() or a little earlier. */
void pane_write(struct pane *pane, struct text bytes);
void pane_process(struct pane *pane);

/* True if something is to be drawn that was not yet. */
bool pane_is_damaged(const struct pane *pane);
/* Everything is to be drawn anew. */
void pane_damage_all(struct pane *pane);
/* Draws what has changed since the last time, into a window of the pane's size. */
void pane_draw(struct pane *pane, WINDOW *window);

/* Where the agent's cursor stands; false if it is hidden. */
bool pane_cursor(const struct pane *pane, int *row, int *column);
/* 1 block, 2 underline, 3 bar; negative if it does not blink. */
int pane_cursor_shape(const struct pane *pane);
/* Not made safe to show. */
struct text pane_title(const struct pane *pane);
/* Modes that say how keys, mouse and pastes are to be sent. */
const struct modes *pane_modes(const struct pane *pane);
/* True once for each time that the bell was rung. */
bool pane_take_bell(struct pane *pane);

/*
 * What a terminal would still have of it: lines, scrolled off or not, without colours;
 * owned, or NULL if there is nothing.
 */
char *pane_text(struct pane *pane);

/* ---- pane_history.c: what has scrolled off ---- */

/* Shows what is that many lines above the present; at most what there is. */
void pane_scroll_to(struct pane *pane, int above);
int pane_scrolled(const struct pane *pane);
int pane_history_count(const struct pane *pane);
/* Scrolls up to the next line above that has the words; false if there is none. */
bool pane_search_up(struct pane *pane, const char *words);

#endif
