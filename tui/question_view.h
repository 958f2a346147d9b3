/* SPDX-License-Identifier: MIT */
/*
 * A question on the screen: what its box says, and what keys make of it. Knows nothing
 * of sockets or of time; whether a key counts at all is decided before it comes here.
 */
#ifndef TUI_QUESTION_VIEW_H
#define TUI_QUESTION_VIEW_H

#include "tui/dialogue.h"
#include "tui/edit.h"
#include "tui/keys.h"
#include "tui/screen.h"

enum question_state {
	QUESTION_ASKING,
	QUESTION_KEEPING, /* an answer that is kept is shown, and waits for its key */
	QUESTION_RULE,	  /* a rule is being typed */
	QUESTION_MESSAGE, /* a sentence for the agent is being typed */
};

enum question_wish {
	QUESTION_WISH_NOTHING,
	QUESTION_WISH_ANSWER, /* question_view_answer() */
	QUESTION_WISH_KILL,
	QUESTION_WISH_PAUSE,
	QUESTION_WISH_UNDO,
	QUESTION_WISH_DETAILS,
	QUESTION_WISH_NEXT,
	QUESTION_WISH_LATER,
	QUESTION_WISH_HELP,
};

/* Zero-initialise. */
struct question_view {
	struct dialogue dialogue; /* the answer in the making; its question is shown */
	enum question_state state;
	size_t rung;
	size_t expiry;	  /* index of those offered */
	enum scope scope; /* of a kept answer */
	int64_t until;	  /* seconds; 0: no end */
	char *typed_rule; /* instead of the rung's; owned; or NULL */
	struct edit edit;
	char *problem;	    /* a safe sentence about the last key; owned; or NULL */
	bool is_rule_whole; /* the rule is shown to its last character */
	bool hides_asked;   /* there is no room for some line of what is asked */
	bool was_viewed;    /* everything known about it was asked for */
};

void question_view_finish(struct question_view *view);

/* Begins anew with the question, which must stay; project may be empty. */
void question_view_begin(struct question_view *view,
	const struct protocol_question *question, struct text project);

void question_view_set_problem(struct question_view *view, const char *safe);

/* now: seconds since the epoch. */
enum question_wish question_view_take(
	struct question_view *view, uint32_t key, int64_t now);

/* After QUESTION_WISH_ANSWER; texts holds view->dialogue.rule_count. */
struct protocol_answer question_view_answer(
	const struct question_view *view, struct text *texts);

/* ---- question_box.c ---- */

struct box_line {
	char *text; /* owned, safe */
	enum screen_style style;
	/* Of a line that names keys: as key_hints() takes it; owned; else NULL. */
	char *hints;
	enum key_context context;
};

/* Zero-initialise. */
struct box {
	struct box_line *lines;
	size_t count, capacity;
	int cursor_row, cursor_column; /* row -1: none */
};

struct box_frame {
	int columns, rows_max;
	size_t position, open_count;
	int64_t now_ms;
	bool is_armed, is_paused;
};

void box_finish(struct box *box);

/* The lines of the box, at most rows_max, the first being its title. */
void question_box_compose(
	struct question_view *view, const struct box_frame *frame, struct box *box);

#endif
