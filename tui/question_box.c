/* SPDX-License-Identifier: MIT */
/* What the box of a question says, in as few lines as there is room for. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/answer_menu.h"
#include "tui/question_text.h"
#include "tui/question_view.h"
#include "tui/rule_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SQUEEZE_MAX = 4, FRAMES_MAX = 2, COLUMNS_INDENT = 2 };

/* How tightly the box is packed: the lines that values may take, from loose to tight. */
static const struct squeeze {
	size_t object, value, frames;
	bool has_callers, has_counts, has_rule_asked, has_second_keys;
} squeezes[SQUEEZE_MAX] = {
	{4, 2, FRAMES_MAX, true, true, true, true},
	{3, 1, 1, true, true, false, true},
	{2, 1, 0, true, true, false, true},
	{2, 1, 0, false, false, false, false},
};

struct composing {
	struct question_view *view;
	const struct protocol_question *question;
	const struct box_frame *frame;
	const struct squeeze *squeeze;
	struct box *box;
	unsigned columns;
};

/* ---- Lines ---- */

static void box_clear(struct box *box)
{
	for (size_t i = 0; i < box->count; i++) {
		free(box->lines[i].text);
	}
	box->count = 0;
	box->cursor_row = -1;
}

void box_finish(struct box *box)
{
	box_clear(box);
	free(box->lines);
	*box = (struct box){0};
}

static void add_line(
	const struct composing *composing, enum screen_style style, char *text)
{
	struct box *box = composing->box;

	if (box->count == box->capacity) {
		box->capacity = 2 * box->capacity + 16;
		box->lines =
			xreallocarray(box->lines, box->capacity, sizeof(*box->lines));
	}
	box->lines[box->count++] = (struct box_line){.text = text, .style = style};
}

/* Takes what was collected in lines. */
static void add_lines(
	const struct composing *composing, enum screen_style style, struct lines *lines)
{
	const char *at = lines->bytes != NULL ? lines->bytes : "";

	while (*at != '\0') {
		const size_t length = strcspn(at, "\n");
		add_line(composing, style, xmemdup0(at, length));
		at += length + (at[length] == '\n' ? 1 : 0);
	}
	lines_finish(lines);
}

static void add_field(const struct composing *composing, enum screen_style style,
	const char *label, const char *safe, size_t most)
{
	struct lines lines = {.columns = composing->columns};

	lines_field(&lines, label, safe, most);
	add_lines(composing, style, &lines);
}

static void add_paragraph(
	const struct composing *composing, enum screen_style style, const char *safe)
{
	struct lines lines = {.columns = composing->columns - COLUMNS_INDENT};

	if (lines.columns < LINES_COLUMNS_MIN) {
		lines.columns = LINES_COLUMNS_MIN;
	}
	lines_add(&lines, "%s", safe);
	const size_t first = composing->box->count;
	add_lines(composing, style, &lines);
	for (size_t i = first; i < composing->box->count; i++) {
		char *indented = xasprintf("  %s", composing->box->lines[i].text);
		free(composing->box->lines[i].text);
		composing->box->lines[i].text = indented;
	}
}

/* ---- What is asked ---- */

static void add_action(
	const struct composing *composing, const struct protocol_action *action)
{
	char *object = action->argc > 0
			       ? question_text_arguments(action->argv, action->argc)
			       : escape_quoted(action->object);

	add_field(composing, STYLE_STRONG, verb_name(action->verb), object,
		composing->squeeze->object);
	free(object);
	if (action->argc > 0) {
		char *program = escape_quoted(action->object);
		add_field(composing, STYLE_PLAIN, "program", program,
			composing->squeeze->value);
		free(program);
	}
	if (action->asked_as.length > 0) {
		char *asked = escape_quoted(action->asked_as);
		add_field(composing, STYLE_PLAIN, "asked as", asked,
			composing->squeeze->value);
		free(asked);
	}
	if (action->danger.length > 0) {
		char *danger = escape_copy(action->danger);
		add_field(composing, STYLE_DANGER, "DANGER", danger, 2);
		free(danger);
	}
}

static void add_caller(const struct composing *composing)
{
	const struct protocol_program *caller = &composing->question->chain[0];
	char *program = escape_quoted(caller->program);
	char *arguments = caller->argc > 1 ? question_text_arguments(
						     caller->argv + 1, caller->argc - 1)
					   : xstrdup("");
	char *who = xasprintf("%s%s%s (%" PRId64 ")", program, *arguments ? " " : "",
		arguments, caller->pid);

	add_field(composing, STYLE_PLAIN, "by", who, composing->squeeze->value);
	free(who);
	free(arguments);
	free(program);
	if (composing->squeeze->has_callers && composing->question->chain_count > 1) {
		char *callers = question_text_callers(composing->question);
		add_field(composing, STYLE_PLAIN, "called by", callers, 1);
		free(callers);
	}
}

static void add_context(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;

	if (question->folder.length > 0) {
		char *folder = escape_quoted(question->folder);
		add_field(composing, STYLE_PLAIN, "in", folder, 1);
		free(folder);
	}
	if (question->mcp.length > 0) {
		char *call = escape_quoted(question->mcp);
		add_field(composing, STYLE_PLAIN, "tool call", call, 1);
		free(call);
	}
	for (size_t i = 0; i < question->python_count && i < composing->squeeze->frames;
		i++) {
		char *line = escape_copy(question->python[i]);
		add_field(composing, STYLE_PLAIN, i == 0 ? "python" : "", line, 1);
		free(line);
	}
	if (composing->squeeze->has_counts) {
		char *counts = question_text_counts(question, composing->frame->now_ms);
		add_field(composing, STYLE_PLAIN, "waiting", counts, 1);
		free(counts);
	}
}

static void add_rule_that_asks(const struct composing *composing)
{
	const struct protocol_action *action = &composing->question->actions[0];

	if (composing->squeeze->has_rule_asked && action->rule.length > 0) {
		char *rule = escape_copy(action->rule);
		add_field(composing, STYLE_PLAIN, "asked by", rule, 1);
		free(rule);
	}
}

/* ---- What would be stored ---- */

static char *until_words(int64_t until, int64_t now_ms)
{
	enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
	const int64_t left = until - now_ms / 1000;

	if (until == 0) {
		return xstrdup("with no end");
	}
	if (left >= DAY) {
		return xasprintf("for %" PRId64 " d", (left + HOUR) / DAY);
	}
	return left >= HOUR ? xasprintf("for %" PRId64 " h", (left + MINUTE) / HOUR)
			    : xasprintf("for %" PRId64 " min", (left + 30) / MINUTE);
}

static char *covers_words(const struct protocol_rung *rung)
{
	if (rung->events < 0) {
		return xstrdup("");
	}
	return rung->events == 0
		       ? xstrdup("; covers no other recorded event")
		       : xasprintf("; covers %" PRId64 " other recorded event%s",
				 rung->events, rung->events == 1 ? "" : "s");
}

static void add_reach(const struct composing *composing)
{
	const struct question_view *view = composing->view;
	const struct protocol_rung *rung = &composing->question->rungs[view->rung];
	char *label = escape_copy(rung->label);
	char *until = until_words(view->until, composing->frame->now_ms);
	char *covers = covers_words(rung);
	char *line = view->typed_rule != NULL
			     ? xasprintf("%s, %s; typed by hand",
				       answer_menu_reach(view->scope), until)
			     : xasprintf("%s, %s; %s (%zu of %zu)%s",
				       answer_menu_reach(view->scope), until, label,
				       view->rung + 1, composing->question->rung_count,
				       covers);

	add_field(composing, STYLE_PLAIN, "for", line, 2);
	free(line);
	free(covers);
	free(until);
	free(label);
}

/* The rules as they will be stored. most 0: whole. */
static void add_rules(const struct composing *composing, size_t most)
{
	const struct question_view *view = composing->view;
	const struct protocol_rung *rung = &composing->question->rungs[view->rung];
	struct dialogue answer = view->dialogue;
	const size_t count = view->typed_rule != NULL ? 1 : rung->rule_count;
	const bool is_keeping = view->state == QUESTION_KEEPING;

	answer.scope = view->scope;
	for (size_t i = 0; i < count; i++) {
		const struct text rule = view->typed_rule != NULL
						 ? text_of(view->typed_rule)
						 : rung->rules[i];
		const enum verdict verdict =
			is_keeping ? view->dialogue.verdict : VERDICT_ALLOW;
		char *shown = rule_text_show(
			verdict, rule, view->until, answer_menu_program(&answer));
		/* Which verdict it gets is not said before A or D. */
		const char *at = is_keeping ? shown : shown + strcspn(shown, " ");
		add_field(composing,
			!is_keeping		   ? STYLE_PLAIN
			: verdict == VERDICT_ALLOW ? STYLE_ALLOW
						   : STYLE_DENY,
			i > 0	     ? ""
			: is_keeping ? "stores"
				     : "A/D keep",
			*at == ' ' ? at + 1 : at, most);
		free(shown);
	}
}

/* ---- Keys ---- */

static void add_keys(const struct composing *composing)
{
	const bool is_paused = composing->frame->is_paused;

	if (!composing->frame->is_armed) {
		add_line(composing, STYLE_FAINT, xstrdup("  (keys count in a moment)"));
		if (composing->squeeze->has_second_keys) {
			add_line(composing, STYLE_FAINT, xstrdup(""));
		}
		return;
	}
	add_line(composing, STYLE_STRONG,
		xstrdup(composing->columns < 60 ? "  a allow  d deny  A/D keep  ? more"
						: "  a allow once   d deny once   A "
						  "allow longer   D deny "
						  "longer   ? help"));
	if (!composing->squeeze->has_second_keys) {
		return;
	}
	const bool has_more = composing->frame->open_count > 1;
	add_line(composing, STYLE_FAINT,
		composing->columns < 60
			? xasprintf("  [ ] rule s scope v view%s Esc later",
				  has_more ? " Tab next" : "")
			: xasprintf(
				  "  [ ] rule  s scope  x expiry  e edit  m message  v "
				  "view  k kill  p %s%s",
				  is_paused ? "resume" : "pause",
				  has_more ? "  Tab next" : ""));
}

static void add_keeping_keys(const struct composing *composing)
{
	const bool allows = composing->view->dialogue.verdict == VERDICT_ALLOW;

	add_line(composing, STYLE_STRONG,
		xasprintf("  %s this rule   Esc back",
			allows ? "a store and allow by" : "d store and deny by"));
	add_line(composing, STYLE_FAINT,
		xstrdup("  [ ] rule  s scope  x expiry  e edit"));
}

static void add_typing(const struct composing *composing)
{
	enum { LABEL = 10 };
	const bool is_rule = composing->view->state == QUESTION_RULE;
	struct box *box = composing->box;
	int cursor;
	char *shown = edit_show(
		&composing->view->edit, composing->frame->columns - LABEL - 1, &cursor);

	box->cursor_row = (int)box->count;
	box->cursor_column = LABEL + cursor;
	add_line(composing, STYLE_STRONG,
		xasprintf("  %-8s%s", is_rule ? "rule" : "message", shown));
	free(shown);
	add_line(composing, STYLE_FAINT,
		xstrdup(is_rule ? "  Enter shows it to be stored   Esc back"
				: "  Enter denies once and says so   Esc back"));
}

static void add_answers(const struct composing *composing)
{
	struct question_view *view = composing->view;
	const bool is_tight = composing->squeeze == &squeezes[SQUEEZE_MAX - 1];

	switch (view->state) {
	case QUESTION_ASKING:
		if (!is_tight) {
			add_rules(composing, 2);
			add_reach(composing);
		}
		break;
	case QUESTION_KEEPING:
		add_rules(composing, 0);
		add_reach(composing);
		break;
	case QUESTION_RULE:
	case QUESTION_MESSAGE:
		break;
	}
	if (view->problem != NULL) {
		add_paragraph(composing, STYLE_STRONG, view->problem);
	}
	if (view->state == QUESTION_ASKING) {
		add_keys(composing);
	} else if (view->state == QUESTION_KEEPING) {
		add_keeping_keys(composing);
	} else {
		add_typing(composing);
	}
}

/* ---- The whole ---- */

static void add_title(const struct composing *composing)
{
	const struct box_frame *frame = composing->frame;
	const size_t position = frame->position;

	add_line(composing, STYLE_REVERSED,
		frame->open_count > 1
			? xasprintf(" Allow this? Question %zu of %zu%s ", position,
				  frame->open_count, frame->is_paused ? ", paused" : "")
			: xasprintf(" Allow this?%s ",
				  frame->is_paused ? " The tree is paused." : ""));
}

static void compose(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;

	box_clear(composing->box);
	add_title(composing);
	for (size_t i = 0; i < question->action_count; i++) {
		add_action(composing, &question->actions[i]);
	}
	if (question->chain_count > 0) {
		add_caller(composing);
	}
	if (composing->view->state != QUESTION_KEEPING ||
		composing->squeeze->frames > 0) {
		add_context(composing);
	}
	if (question->action_count > 0) {
		add_rule_that_asks(composing);
	}
}

/* Takes lines out of the middle, so that all of the answers stay. */
static void cut_middle(struct box *box, size_t middle_end, size_t most)
{
	const size_t extra = box->count > most ? box->count - most : 0;
	/* The title and the first line of what is asked always stay. */
	const size_t cuttable = middle_end > 2 ? middle_end - 2 : 0;
	const size_t count = extra < cuttable ? extra : cuttable;
	const size_t start = middle_end - count;

	for (size_t i = start; i < middle_end; i++) {
		free(box->lines[i].text);
	}
	memmove(&box->lines[start], &box->lines[middle_end],
		(box->count - middle_end) * sizeof(*box->lines));
	box->count -= count;
	box->cursor_row -= box->cursor_row >= 0 ? (int)count : 0;
}

void question_box_compose(
	struct question_view *view, const struct box_frame *frame, struct box *box)
{
	struct composing composing = {
		.view = view,
		.question = view->dialogue.question,
		.frame = frame,
		.box = box,
		.columns = frame->columns > LINES_COLUMNS_MAX ? LINES_COLUMNS_MAX
			   : frame->columns < LINES_COLUMNS_MIN
				   ? LINES_COLUMNS_MIN
				   : (unsigned)frame->columns,
	};
	const size_t most = frame->rows_max > 4 ? (size_t)frame->rows_max : 4;
	size_t middle_end = 0;

	for (size_t i = 0; i < SQUEEZE_MAX; i++) {
		composing.squeeze = &squeezes[i];
		compose(&composing);
		middle_end = box->count;
		add_answers(&composing);
		if (box->count <= most) {
			break;
		}
	}
	cut_middle(box, middle_end, most);
	/* What does not fit is not stored, since it would not be seen. */
	view->is_rule_whole = box->count <= most;
	while (box->count > most) {
		free(box->lines[--box->count].text);
	}
}
