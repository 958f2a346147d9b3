/* SPDX-License-Identifier: MIT */
/* The parts of a question's box among themselves. */
#ifndef TUI_QUESTION_BOX_INTERNAL_H
#define TUI_QUESTION_BOX_INTERNAL_H

#include "tui/question_view.h"

enum { BOX_SQUEEZES = 5 };

/* How tightly the box is packed: the lines that values may take, from loose to tight. */
struct squeeze {
	size_t object, value, code, source, reach;
	bool has_callers, has_counts, has_rule_asked, has_second_keys;
};

struct composing {
	struct question_view *view;
	const struct protocol_question *question;
	const struct box_frame *frame;
	const struct squeeze *squeeze;
	struct box *box;
	unsigned columns;
	bool is_tightest;
	size_t asked_end; /* the line after what is asked */
};

/* ---- question_box.c ---- */

/* Takes text. */
void box_add_line(
	const struct composing *composing, enum screen_style style, char *text);
/* Names keys, as key_hints() does. */
void box_add_hints(const struct composing *composing, enum screen_style style,
	enum key_context context, const char *words);
void box_add_field(const struct composing *composing, enum screen_style style,
	const char *label, const char *safe, size_t most);
void box_add_paragraph(
	const struct composing *composing, enum screen_style style, const char *safe);

/* ---- question_answers.c ---- */

/* What would be stored, and the keys. */
void box_add_answers(const struct composing *composing);

#endif
