/* SPDX-License-Identifier: MIT */
/* What the box of a question says, in as few lines as there is room for. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/question_box_internal.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { COLUMNS_INDENT = 2 };

/* From loose to tight. */
static const struct squeeze squeezes[BOX_SQUEEZES] = {
	{4, 2, 3, 4, 3, true, true, true, true},
	{4, 2, 2, 2, 3, true, true, true, true},
	{3, 1, 2, 1, 3, true, true, false, true},
	{2, 1, 1, 0, 3, true, true, false, true},
	{2, 1, 1, 0, 3, false, false, false, false},
};

/* ---- Lines ---- */

static void box_clear(struct box *box)
{
	for (size_t i = 0; i < box->count; i++) {
		free(box->lines[i].text);
		free(box->lines[i].hints);
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

void box_add_line(
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

void box_add_hints(const struct composing *composing, enum screen_style style,
	enum key_context context, const char *words)
{
	struct box *box = composing->box;

	box_add_line(composing, style, key_hints(context, words));
	box->lines[box->count - 1].hints = xstrdup(words);
	box->lines[box->count - 1].context = context;
}

/* Takes what was collected in lines. */
static void add_lines(
	const struct composing *composing, enum screen_style style, struct lines *lines)
{
	const char *at = lines->bytes != NULL ? lines->bytes : "";

	while (*at != '\0') {
		const size_t length = strcspn(at, "\n");
		box_add_line(composing, style, xmemdup0(at, length));
		at += length + (at[length] == '\n' ? 1 : 0);
	}
	lines_finish(lines);
}

void box_add_field(const struct composing *composing, enum screen_style style,
	const char *label, const char *safe, size_t most)
{
	struct lines lines = {.columns = composing->columns};

	lines_field(&lines, label, safe, most);
	add_lines(composing, style, &lines);
}

void box_add_paragraph(
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
	/* A program is known by its argument list, a tool by its name. */
	const bool is_exec = action->argc > 0 && action->verb == VERB_EXEC;
	const bool is_called_otherwise =
		is_exec && !text_equal(action->argv[0], action->object) &&
		!text_equal(action->argv[0], text_base_name(action->object));
	char *arguments = is_called_otherwise
				  ? question_text_command(action)
				  : question_text_arguments(action->argv, action->argc);
	char *name =
		escape_quoted(is_called_otherwise ? action->argv[0] : action->object);

	box_add_field(composing, STYLE_STRONG, verb_name(action->verb),
		is_exec ? arguments : name, composing->squeeze->object);
	if (action->argc > 0) {
		box_add_field(composing, STYLE_PLAIN,
			is_called_otherwise ? "as"
			: is_exec	    ? "program"
					    : "with",
			is_exec ? name : arguments, composing->squeeze->value);
	}
	free(arguments);
	free(name);
	if (action->asked_as.length > 0) {
		char *asked = escape_quoted(action->asked_as);
		box_add_field(composing, STYLE_PLAIN, "asked as", asked,
			composing->squeeze->value);
		free(asked);
	}
	if (action->danger.length > 0) {
		char *danger = escape_copy(action->danger);
		box_add_field(composing, STYLE_DANGER, "DANGER", danger, 2);
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

	box_add_field(composing, STYLE_PLAIN, "by", who, composing->squeeze->value);
	free(who);
	free(arguments);
	free(program);
	if (composing->squeeze->has_callers && composing->question->chain_count > 1) {
		char *callers = question_text_callers(composing->question);
		box_add_field(composing, STYLE_PLAIN, "called by", callers, 1);
		free(callers);
	}
}

/* Leaves out callers from the outermost on until the rest has room. */
static char *chain_shorten(const char *chain, size_t columns)
{
	static const char link[] = " → ";
	const char *rest = chain;
	size_t taken = 0;

	while (taken + lines_width(rest) > columns) {
		const char *next = strstr(rest, link);
		if (next == NULL) {
			break;
		}
		rest = next + strlen(" ");
		taken = lines_width("… ");
	}
	return rest > chain ? xasprintf("… %s", rest) : xstrdup(chain);
}

/* Who called whom, and as much of the source before the line that runs as has room. */
static void add_code(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;
	const size_t room = composing->squeeze->source;
	const size_t lines = question->code_count > 0 ? question->code_count - 1 : 0;
	const size_t first = lines > room ? 1 + lines - room : 1;

	if (question->code_count == 0) {
		return;
	}
	char *whole = escape_copy(question->code[0]);
	char *chain = chain_shorten(whole,
		composing->squeeze->code * (composing->columns - LINES_LABEL_COLUMNS));
	box_add_field(composing, STYLE_PLAIN, "code", chain, composing->squeeze->code);
	free(chain);
	free(whole);
	for (size_t i = first; i < question->code_count; i++) {
		char *line = escape_copy(question->code[i]);
		box_add_field(composing, STYLE_PLAIN, "", line, 1);
		free(line);
	}
}

static void add_context(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;

	if (question->folder.length > 0) {
		char *folder = escape_quoted(question->folder);
		box_add_field(composing, STYLE_PLAIN, "in", folder, 1);
		free(folder);
	}
	if (question->mcp.length > 0) {
		char *call = escape_quoted(question->mcp);
		box_add_field(composing, STYLE_PLAIN, "tool call", call,
			composing->squeeze->value);
		free(call);
	}
	for (size_t i = 0; i < question->label_count; i++) {
		char *label = escape_copy(question->labels[i]);
		box_add_field(composing, STYLE_DANGER, i == 0 ? "after" : "", label,
			composing->squeeze->value);
		free(label);
	}
	add_code(composing);
	if (composing->squeeze->has_counts) {
		char *counts = question_text_counts(question, composing->frame->now_ms);
		box_add_field(composing, STYLE_PLAIN, "waiting", counts, 1);
		free(counts);
	}
}

static void add_rule_that_asks(const struct composing *composing)
{
	const struct protocol_action *action = &composing->question->actions[0];

	if (composing->squeeze->has_rule_asked && action->rule.length > 0) {
		char *rule = escape_copy(action->rule);
		box_add_field(composing, STYLE_PLAIN, "asked by", rule, 1);
		free(rule);
	}
}

/* ---- The whole ---- */

static void add_title(const struct composing *composing)
{
	const struct box_frame *frame = composing->frame;
	const size_t position = frame->position;

	box_add_line(composing, STYLE_REVERSED,
		frame->open_count > 1
			? xasprintf(" Allow this? Question %zu of %zu%s ", position,
				  frame->open_count, frame->is_paused ? ", paused" : "")
			: xasprintf(" Allow this?%s ",
				  frame->is_paused ? " The tree is paused." : ""));
}

static void compose(struct composing *composing)
{
	const struct protocol_question *question = composing->question;

	box_clear(composing->box);
	add_title(composing);
	for (size_t i = 0; i < question->action_count; i++) {
		add_action(composing, &question->actions[i]);
	}
	composing->asked_end = composing->box->count;
	if (question->chain_count > 0) {
		add_caller(composing);
	}
	if (composing->view->state != QUESTION_KEEPING ||
		composing->squeeze->source > 0) {
		add_context(composing);
	}
	if (question->action_count > 0) {
		add_rule_that_asks(composing);
	}
}

/* Nobody shall take what is shown for all that would be done. */
static void say_what_is_hidden(const struct composing *composing, size_t lines)
{
	struct box_line *title = &composing->box->lines[0];
	char *words = xasprintf(" Allow this? {details} shows %zu line%s more ", lines,
		lines == 1 ? "" : "s");

	free(title->text);
	title->text = key_hints(CONTEXT_QUESTION, words);
	free(words);
}

/* Takes lines out of the middle, so that all of the answers stay. */
static void cut_middle(
	const struct composing *composing, size_t middle_end, size_t most)
{
	struct box *box = composing->box;
	const size_t extra = box->count > most ? box->count - most : 0;
	/* The title and the first line of what is asked always stay. */
	const size_t cuttable = middle_end > 2 ? middle_end - 2 : 0;
	const size_t count = extra < cuttable ? extra : cuttable;
	const size_t start = middle_end - count;

	for (size_t i = start; i < middle_end; i++) {
		free(box->lines[i].text);
		free(box->lines[i].hints);
	}
	memmove(&box->lines[start], &box->lines[middle_end],
		(box->count - middle_end) * sizeof(*box->lines));
	box->count -= count;
	box->cursor_row -= box->cursor_row >= 0 ? (int)count : 0;
	composing->view->hides_asked = start < composing->asked_end;
	if (composing->view->hides_asked) {
		say_what_is_hidden(composing, composing->asked_end - start);
	}
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

	for (size_t i = 0; i < BOX_SQUEEZES; i++) {
		composing.squeeze = &squeezes[i];
		composing.is_tightest = i + 1 == BOX_SQUEEZES;
		compose(&composing);
		middle_end = box->count;
		box_add_answers(&composing);
		if (box->count <= most) {
			break;
		}
	}
	cut_middle(&composing, middle_end, most);
	/* What does not fit is not stored, since it would not be seen. */
	view->is_rule_whole = box->count <= most;
	while (box->count > most) {
		free(box->lines[--box->count].text);
		free(box->lines[box->count].hints);
	}
}
