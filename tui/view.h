/* SPDX-License-Identifier: MIT */
/*
 * A view: lines of which one is selected, with search and a filter. What the lines are,
 * and what is done with the selected one, is up to whoever fills it.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/edit.h"
#include "tui/keys.h"
#include "tui/screen.h"

struct view_row {
	char *text; /* owned, safe */
	int64_t id; /* of what it stands for; 0: nothing */
	enum screen_style style;
	bool is_marked;
};

enum view_prompt {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_TEXT,	/* something the owner of the view asked for */
	PROMPT_CONFIRM, /* y does it, any other key does not */
};

/* Zero-initialise. */
struct view {
	const char *title;
	char *head;	     /* added to the title, safe; owned; or NULL */
	const char *heading; /* names of columns above the lines; or NULL */
	struct view_row *rows;
	size_t count, capacity;
	size_t selected, top;
	bool is_text;	/* nothing is selected: it is only read */
	bool is_at_end; /* the selection stays at the last line */
	bool is_sorted; /* in the other order than the usual one */
	/* What may be typed as a filter, if whoever fills it does the leaving out. */
	const char *filter_words;
	struct edit prompt_edit;
	enum view_prompt prompt;
	char *prompt_words; /* of PROMPT_TEXT and PROMPT_CONFIRM, safe; owned */
	char search[EDIT_SIZE], filter[EDIT_SIZE];
	char *problem; /* safe; owned; or NULL */
};

void view_finish(struct view *view);

/* Begins to fill it anew; the selection stays at the same id where there is one. */
void view_clear(struct view *view);
/* Takes safe; drops it if the filter leaves it out. */
void view_add(struct view *view, int64_t id, enum screen_style style, char *safe);
/* After the last line: puts the selection right. id is what was selected before. */
void view_filled(struct view *view, int64_t id);

/* The selected line's id; 0: none. */
int64_t view_selected_id(const struct view *view);

void view_ask(
	struct view *view, enum view_prompt prompt, char *words, const char *text);
void view_set_problem(struct view *view, const char *safe);

enum view_result {
	VIEW_TAKEN,	/* the view dealt with the key */
	VIEW_REFILL,	/* the filter or order is another: fill it anew */
	VIEW_TYPED,	/* what was asked for was typed: prompt_edit */
	VIEW_CONFIRMED, /* y was typed */
	VIEW_OTHER,	/* the key means nothing to every view */
};

/* rows: how many the window has. */
enum view_result view_take(struct view *view, uint32_t key, int rows);

enum view_click {
	VIEW_CLICKED_NOTHING,
	VIEW_CLICKED_LINE,     /* it is selected now */
	VIEW_CLICKED_SELECTED, /* it was selected before */
	VIEW_CLICKED_HEADING,
};

/* Of a window with that many rows, as it was last drawn. */
enum view_click view_click(struct view *view, int row, int rows);
void view_wheel(struct view *view, int lines);

/* Draws into the window; *row and *column say where the cursor is, row -1: nowhere. */
void view_draw(struct view *view, const struct screen *screen, WINDOW *window, int *row,
	int *column);

#endif
