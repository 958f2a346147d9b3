/* SPDX-License-Identifier: MIT */
/* Rules as text, in the one spelling that the parser reads back as the same rule. */
#include "rules/printer.h"

#include "base/escape.h"
#include "base/text_buffer.h"
#include "rules/glob.h"
#include "rules/keyword.h"
#include "rules/pattern.h"
#include "rules/until.h"

#include <stdlib.h>

/* Canonical spelling has no bare quote in it, so quoting is putting two around. */
static void add_word(struct text_buffer *line, const char *canonical)
{
	struct text word = text_of(canonical);
	bool needs_quotes = word.length == 0 || word.bytes[0] == '#' ||
			    memchr(word.bytes, ' ', word.length) ||
			    keyword_is_one(word);

	text_buffer_add_string(line, line->length > 0 ? " " : "");
	text_buffer_add_string(line, needs_quotes ? "\"" : "");
	text_buffer_add_string(line, canonical);
	text_buffer_add_string(line, needs_quotes ? "\"" : "");
}

static void add_note(struct text_buffer *line, const char *note)
{
	char *safe = escape_copy(text_of(note));
	char letter[2] = "";

	text_buffer_add_string(line, " note \"");
	for (const char *c = safe; *c != '\0'; c++) {
		letter[0] = *c;
		text_buffer_add_string(line, *c == '"' ? "\\" : "");
		text_buffer_add_string(line, letter);
	}
	text_buffer_add_string(line, "\"");
	free(safe);
}

static void add_verbs(struct text_buffer *line, uint32_t verbs)
{
	bool is_first = true;

	text_buffer_add_string(line, " ");
	if (verbs == VERBS_ALL) {
		text_buffer_add_string(line, "any");
		return;
	}
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		if (verbs & (1U << i)) {
			text_buffer_add_string(line, is_first ? "" : ",");
			text_buffer_add_string(line, verb_name((enum verb)i));
			is_first = false;
		}
	}
}

static void add_object(struct text_buffer *line, const struct rule *rule)
{
	add_word(line, rule->pattern);
	if (rule->has_argv && rule->argv_pattern_count == 0) {
		text_buffer_add_string(line, " " NO_ARGUMENTS);
	}
	for (size_t i = 0; i < rule->argv_pattern_count; i++) {
		add_word(line, rule->argv_patterns[i]);
	}
}

static void add_qualifier(
	struct text_buffer *line, enum keyword keyword, const char *value)
{
	if (value) {
		text_buffer_add_string(line, " ");
		text_buffer_add_string(line, keyword_name(keyword));
		add_word(line, value);
	}
}

static void add_code(struct text_buffer *line, const char *code)
{
	text_buffer_add_string(line, " code");
	if (strcmp(code, CODE_WORD_GENERATED) == 0) {
		text_buffer_add_string(line, " " CODE_WORD_GENERATED);
	} else {
		add_word(line, code);
	}
}

char *rule_print_object(const struct rule *rule)
{
	struct text_buffer line = {0};

	text_buffer_add_string(&line, "");
	add_object(&line, rule);
	return line.bytes;
}

char *rule_print(const struct rule *rule)
{
	struct text_buffer line = {0};
	char until[UNTIL_TEXT_SIZE];

	switch (rule->kind) {
	case RULE_LABEL:
		text_buffer_add_string(&line, "label ");
		text_buffer_add_string(&line, rule->label);
		break;
	case RULE_EXPECT:
		text_buffer_add_string(&line, "expect ");
		text_buffer_add_string(&line, verdict_name(rule->verdict));
		add_verbs(&line, rule->verbs);
		break;
	case RULE_JUDGE:
		text_buffer_add_string(&line, verdict_name(rule->verdict));
		add_verbs(&line, rule->verbs);
		break;
	}
	add_object(&line, rule);
	add_qualifier(&line, KEYWORD_BY, rule->by);
	add_qualifier(&line, KEYWORD_UNDER, rule->under);
	add_qualifier(&line, KEYWORD_VIA, rule->via);
	if (rule->code) {
		add_code(&line, rule->code);
	}
	add_qualifier(&line, KEYWORD_AFTER, rule->after);
	if (rule->until) {
		until_print(rule->until, until);
		add_qualifier(&line, KEYWORD_UNTIL, until);
	}
	if (rule->note) {
		add_note(&line, rule->note);
	}
	return line.bytes;
}

char *pattern_quote_literal(struct text text)
{
	return glob_quote(text);
}
