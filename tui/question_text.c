/* SPDX-License-Identifier: MIT */
#include "tui/question_text.h"

#include "base/escape.h"
#include "base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LINES_OF_OBJECT = 4,
	LINES_OF_VALUE = 2,
	FRAMES_BRIEF = 3,
	CODE_BRIEF = 4,
	LINES_OF_DETAIL = 60,
	ENTRIES_OF_DETAIL = 200,
	TITLE_OBJECT_MIN = 20,
};

static size_t lines_allowed(enum question_detail detail, size_t brief)
{
	return detail == QUESTION_BRIEF ? brief : LINES_OF_DETAIL;
}

static void field_text(
	struct lines *lines, const char *label, struct text text, size_t most)
{
	if (text.length == 0) {
		return;
	}
	char *safe = escape_quoted(text);
	lines_field(lines, label, safe, most);
	free(safe);
}

char *question_text_arguments(const struct text *argv, size_t argc)
{
	char *line = xstrdup("");

	for (size_t i = 0; i < argc && i < ENTRIES_OF_DETAIL; i++) {
		char *safe = escape_quoted(argv[i]);
		char *longer = xasprintf("%s%s%s", line, i > 0 ? " " : "", safe);
		free(safe);
		free(line);
		line = longer;
	}
	if (argc > ENTRIES_OF_DETAIL) {
		char *longer = xasprintf(
			"%s and %zu more arguments", line, argc - ENTRIES_OF_DETAIL);
		free(line);
		line = longer;
	}
	return line;
}

static void describe_arguments(const struct text *argv, size_t argc,
	enum question_detail detail, struct lines *lines)
{
	if (argc == 0) {
		return;
	}
	char *line = question_text_arguments(argv, argc);
	lines_field(
		lines, "arguments", line, lines_allowed(detail, LINES_OF_VALUE + 1));
	free(line);
}

static void describe_action(const struct protocol_action *action,
	enum question_detail detail, struct lines *lines)
{
	field_text(lines, verb_name(action->verb), action->object,
		lines_allowed(detail, LINES_OF_OBJECT));
	field_text(lines, "asked as", action->asked_as,
		lines_allowed(detail, LINES_OF_VALUE));
	describe_arguments(action->argv, action->argc, detail, lines);
	if (action->danger.length > 0) {
		char *safe = escape_copy(action->danger);
		lines_add(lines, "  danger    %s", safe);
		free(safe);
	}
	if (action->rule.length > 0) {
		char *rule = escape_copy(action->rule);
		char *source = escape_copy(action->source);
		char *both = xasprintf("%s%s%s%s", rule, *source ? " (" : "", source,
			*source ? ")" : "");
		lines_field(
			lines, "by rule", both, lines_allowed(detail, LINES_OF_VALUE));
		free(both);
		free(source);
		free(rule);
	}
}

char *question_text_vectors(const struct protocol_question *question)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < question->vector_count; i++) {
		char *name = escape_copy(question->vectors[i]);
		char *longer = xasprintf("%s%s%s%s", text, i == 0 ? " [" : ", ", name,
			i + 1 == question->vector_count ? "]" : "");
		free(name);
		free(text);
		text = longer;
	}
	return text;
}

char *question_text_program(const struct protocol_program *program)
{
	char *name = escape_quoted(text_base_name(program->program));
	char *text;

	if (program->script.length > 0) {
		char *script = escape_quoted(text_base_name(program->script));
		text = xasprintf("%s %s (%" PRId64 ")", name, script, program->pid);
		free(script);
	} else {
		text = xasprintf("%s (%" PRId64 ")", name, program->pid);
	}
	free(name);
	return text;
}

char *question_text_callers(const struct protocol_question *question)
{
	char *chain = xstrdup("");

	for (size_t i = 1; i < question->chain_count; i++) {
		char *program = question_text_program(&question->chain[i]);
		char *longer = xasprintf("%s%s%s", chain, i > 1 ? " < " : "", program);
		free(program);
		free(chain);
		chain = longer;
	}
	return chain;
}

static void describe_chain_brief(
	const struct protocol_question *question, struct lines *lines)
{
	if (question->chain_count > 1) {
		char *chain = question_text_callers(question);
		lines_field(lines, "called by", chain, LINES_OF_VALUE);
		free(chain);
	}
}

static void describe_program(const struct protocol_program *program, const char *label,
	enum question_detail detail, struct lines *lines)
{
	char *safe = escape_quoted(program->program);
	char *value = xasprintf("%s (%" PRId64 ")", safe, program->pid);

	lines_field(lines, label, value, lines_allowed(detail, LINES_OF_VALUE));
	free(value);
	free(safe);
	field_text(lines, "script", program->script,
		lines_allowed(detail, LINES_OF_VALUE));
	describe_arguments(program->argv, program->argc, detail, lines);
}

static void describe_who(const struct protocol_question *question,
	enum question_detail detail, struct lines *lines)
{
	if (question->chain_count > 0) {
		describe_program(&question->chain[0], "program", detail, lines);
	}
	if (detail == QUESTION_BRIEF) {
		describe_chain_brief(question, lines);
	} else {
		for (size_t i = 1; i < question->chain_count; i++) {
			describe_program(
				&question->chain[i], "called by", detail, lines);
		}
	}
	field_text(lines, "folder", question->folder,
		lines_allowed(detail, LINES_OF_VALUE));
	for (size_t i = 0; i < question->label_count; i++) {
		field_text(lines, i == 0 ? "after" : "", question->labels[i],
			lines_allowed(detail, LINES_OF_VALUE));
	}
	field_text(lines, "tool call", question->mcp,
		lines_allowed(detail, LINES_OF_VALUE));
}

static void describe_frames(const struct text *frames, size_t count, const char *label,
	enum question_detail detail, struct lines *lines)
{
	const size_t most = detail == QUESTION_BRIEF ? FRAMES_BRIEF : ENTRIES_OF_DETAIL;

	for (size_t i = 0; i < count && i < most; i++) {
		char *safe = escape_copy(frames[i]);
		lines_field(lines, i == 0 ? label : "", safe, lines_allowed(detail, 1));
		free(safe);
	}
	if (count > most) {
		char more[64];
		(void)snprintf(more, sizeof(more), "and %zu more%s", count - most,
			detail == QUESTION_BRIEF ? "; v shows them" : "");
		lines_field(lines, "", more, 1);
	}
}

/* Who called whom, and the end of the source up to the line that runs. */
static void describe_code(const struct protocol_question *question,
	enum question_detail detail, struct lines *lines)
{
	const size_t most = detail == QUESTION_BRIEF ? CODE_BRIEF : ENTRIES_OF_DETAIL;
	const size_t count = question->code_count;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && i + most <= count) {
			continue;
		}
		char *safe = escape_copy(question->code[i]);
		lines_field(lines, i == 0 ? "code" : "", safe,
			lines_allowed(detail, i == 0 ? LINES_OF_VALUE : 1));
		free(safe);
	}
}

static void describe_stack(const struct protocol_question *question,
	enum question_detail detail, struct lines *lines)
{
	if (detail != QUESTION_BRIEF && question->stack_count > 0) {
		describe_frames(
			question->stack, question->stack_count, "stack", detail, lines);
		return;
	}
	if (question->code_count == 0) {
		describe_frames(question->python, question->python_count, "code",
			detail, lines);
	}
	describe_frames(
		question->native, question->native_count, "stack", detail, lines);
}

static char *times(int64_t count)
{
	return count == 1 ? xstrdup("once") : xasprintf("%" PRId64 " times", count);
}

char *question_text_counts(const struct protocol_question *question, int64_t now_ms)
{
	const int64_t seconds =
		now_ms > question->opened ? (now_ms - question->opened) / 1000 : 0;
	char *asked = question->asked > 0 ? times(question->asked) : xstrdup("never");
	char *decided =
		question->decided > 0 ? times(question->decided) : xstrdup("never");
	char *waiting = question->waiting == 1
				? xstrdup("1 thread")
				: xasprintf("%u threads", question->waiting);
	char *since =
		seconds > 0 ? xasprintf(", for %" PRId64 " s", seconds) : xstrdup("");
	char *value =
		question->decided < 0
			? xasprintf("%s%s; asked before: %s", waiting, since, asked)
			: xasprintf("%s%s; asked before: %s; decided: %s", waiting,
				  since, asked, decided);

	free(since);
	free(waiting);
	free(decided);
	free(asked);
	return value;
}

static void describe_counts(
	const struct protocol_question *question, int64_t now_ms, struct lines *lines)
{
	char *value = question_text_counts(question, now_ms);

	lines_field(lines, "waiting", value, LINES_OF_VALUE);
	free(value);
}

void question_text_describe(const struct protocol_question *question,
	enum question_detail detail, int64_t now_ms, struct lines *lines)
{
	for (size_t i = 0; i < question->action_count; i++) {
		describe_action(&question->actions[i], detail, lines);
	}
	describe_who(question, detail, lines);
	describe_code(question, detail, lines);
	if (detail != QUESTION_BRIEF || question->code_count == 0) {
		describe_stack(question, detail, lines);
	}
	describe_counts(question, now_ms, lines);
}

char *question_text_command(const struct protocol_action *action)
{
	char *command = escape_quoted(action->object);

	if (action->argc > 1) {
		char *program = command;
		char *arguments =
			question_text_arguments(action->argv + 1, action->argc - 1);
		command = xasprintf("%s %s", program, arguments);
		free(arguments);
		free(program);
	}
	return command;
}

char *question_text_title(const struct protocol_question *question, size_t columns)
{
	if (question->action_count == 0) {
		return xstrdup("something");
	}
	const struct protocol_action *action = &question->actions[0];
	const char *verb = verb_name(action->verb);
	char *object = action->verb == VERB_EXEC ? question_text_command(action)
						 : escape_quoted(action->object);
	const size_t taken = lines_width(verb) + 1;
	char *brief = lines_shorten(object, columns > taken + TITLE_OBJECT_MIN
						    ? columns - taken
						    : TITLE_OBJECT_MIN);
	char *title = question->action_count > 1
			      ? xasprintf("%s %s (and %zu more)", verb, brief,
					question->action_count - 1)
			      : xasprintf("%s %s", verb, brief);

	free(brief);
	free(object);
	return title;
}
