/* SPDX-License-Identifier: MIT */
#include "tui/answer_menu.h"

#include "base/escape.h"
#include "tui/rule_text.h"
#include "tui/rung_text.h"

#include <stdlib.h>

enum { LINES_OF_RULE = 4, LINES_OF_DANGER = 3, LABEL_COLUMNS = 30 };

/* ---- How far an answer reaches ---- */

struct scope_row {
	enum scope scope;
	const char *reach; /* in the menu */
	const char *brief; /* in the line that confirms */
};

static const struct scope_row scope_rows[] = {
	{SCOPE_PROCESS, "this process, until it ends or starts another program",
		"this process"},
	{SCOPE_PROGRAM, "this program, in this session", "this program"},
	{SCOPE_SESSION, "every program, in this session", "this session"},
	{SCOPE_PROJECT, "every session in this project folder", "this project"},
	{SCOPE_ALWAYS, "every session", "always"},
};
enum { SCOPE_ROWS = sizeof(scope_rows) / sizeof(scope_rows[0]) };

static bool is_offered(const struct dialogue *dialogue, const struct scope_row *row)
{
	return row->scope != SCOPE_PROJECT || dialogue->project.length > 0;
}

void answer_menu_show_scopes(const struct dialogue *dialogue, struct lines *lines)
{
	lines_add(lines,
		"%s: %s how far? Type a number, and perhaps for how long: 3 1h",
		dialogue->word, verdict_name(dialogue->verdict));
	for (size_t i = 0; i < SCOPE_ROWS; i++) {
		if (is_offered(dialogue, &scope_rows[i])) {
			lines_add(lines, "  %zu  %-8s %s", i + 1,
				scope_name(scope_rows[i].scope), scope_rows[i].reach);
		}
	}
	lines_add(lines,
		"  How long: 30m, 1h, 2d, 1w or a date as 2026-12-31. Enter alone "
		"goes back.");
}

bool answer_menu_find_scope(
	const struct dialogue *dialogue, struct text word, enum scope *scope)
{
	for (size_t i = 0; i < SCOPE_ROWS; i++) {
		const struct scope_row *row = &scope_rows[i];
		const char number[] = {(char)('1' + i), '\0'};
		const bool is_meant = text_equal_string(word, number) ||
				      text_equal_string(word, scope_name(row->scope));
		if (is_meant && is_offered(dialogue, row)) {
			*scope = row->scope;
			return true;
		}
	}
	return false;
}

/* ---- Which rule is stored ---- */

struct text answer_menu_program(const struct dialogue *dialogue)
{
	const struct protocol_question *question = dialogue->question;

	if (dialogue->scope != SCOPE_PROGRAM || question->chain_count == 0) {
		return (struct text){0};
	}
	const struct protocol_program *program = &question->chain[0];
	return program->script.length > 0 ? program->script : program->program;
}

static void show_rung(
	const struct dialogue *dialogue, size_t index, struct lines *lines)
{
	const struct protocol_rung *rung = &dialogue->question->rungs[index];
	char *label = escape_copy(rung->label);
	char *brief = lines_shorten(label, LABEL_COLUMNS);

	char *covers = rung_text_covers(rung);
	char *sensitive = rung_text_sensitive(rung, dialogue->project);
	lines_add(lines, "  %zu  %s%s%s", index + 1, brief, *covers != '\0' ? "; " : "",
		covers);
	if (sensitive != NULL) {
		lines_field(lines, "  DANGER", sensitive, LINES_OF_DANGER);
	}
	free(sensitive);
	free(covers);
	for (size_t i = 0; i < rung->rule_count; i++) {
		char *rule = rule_text_show(dialogue->verdict, rung->rules[i],
			dialogue->until, answer_menu_program(dialogue));
		lines_field(lines, "  stores", rule, LINES_OF_RULE);
		free(rule);
	}
	free(brief);
	free(label);
}

void answer_menu_show_rungs(const struct dialogue *dialogue, struct lines *lines)
{
	lines_add(lines, "%s: which rule shall be stored?", dialogue->word);
	for (size_t i = 0; i < dialogue->question->rung_count; i++) {
		show_rung(dialogue, i, lines);
	}
	lines_add(lines, "  e  type another rule. Enter alone goes back.");
}

void answer_menu_show_exact_rule(const struct dialogue *dialogue, struct lines *lines)
{
	const struct protocol_rung *exact = &dialogue->question->rungs[0];

	lines_add(lines, "%s: type the rule. Enter alone goes back. The exact one is:",
		dialogue->word);
	for (size_t i = 0; i < exact->rule_count; i++) {
		char *rule = rule_text_show(dialogue->verdict, exact->rules[i],
			dialogue->until, answer_menu_program(dialogue));
		lines_field(lines, "", rule, LINES_OF_RULE);
		free(rule);
	}
}

const char *answer_menu_reach(enum scope scope)
{
	for (size_t i = 0; i < SCOPE_ROWS; i++) {
		if (scope_rows[i].scope == scope) {
			return scope_rows[i].brief;
		}
	}
	return scope_name(scope);
}
