/* SPDX-License-Identifier: MIT */
/* Rules as text, in the one spelling that the parser reads back as the same rule. */
#include "rules/printer.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/glob.h"
#include "rules/keyword.h"
#include "rules/pattern.h"
#include "rules/until.h"

#include <stdlib.h>

struct line {
	char *bytes;
	size_t length;
};

static void add(struct line *line, const char *text)
{
	size_t length = strlen(text);

	line->bytes = xrealloc(line->bytes, line->length + length + 1);
	memcpy(line->bytes + line->length, text, length + 1);
	line->length += length;
}

/* Canonical spelling has no bare quote in it, so quoting is putting two around. */
static void add_word(struct line *line, const char *canonical)
{
	struct text word = text_of(canonical);
	bool needs_quotes = word.length == 0 || word.bytes[0] == '#' ||
			    memchr(word.bytes, ' ', word.length) ||
			    keyword_is_one(word);

	add(line, line->length > 0 ? " " : "");
	add(line, needs_quotes ? "\"" : "");
	add(line, canonical);
	add(line, needs_quotes ? "\"" : "");
}

static void add_note(struct line *line, const char *note)
{
	char *safe = escape_copy(text_of(note));
	char letter[2] = "";

	add(line, " note \"");
	for (const char *c = safe; *c != '\0'; c++) {
		letter[0] = *c;
		add(line, *c == '"' ? "\\" : "");
		add(line, letter);
	}
	add(line, "\"");
	free(safe);
}

static void add_verbs(struct line *line, uint32_t verbs)
{
	bool is_first = true;

	add(line, " ");
	if (verbs == VERBS_ALL) {
		add(line, "any");
		return;
	}
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		if (verbs & (1U << i)) {
			add(line, is_first ? "" : ",");
			add(line, verb_name((enum verb)i));
			is_first = false;
		}
	}
}

static void add_object(struct line *line, const struct rule *rule)
{
	add_word(line, rule->pattern);
	if (rule->has_argv && rule->argv_pattern_count == 0) {
		add(line, " " NO_ARGUMENTS);
	}
	for (size_t i = 0; i < rule->argv_pattern_count; i++) {
		add_word(line, rule->argv_patterns[i]);
	}
}

static void add_qualifier(struct line *line, enum keyword keyword, const char *value)
{
	if (value) {
		add(line, " ");
		add(line, keyword_name(keyword));
		add_word(line, value);
	}
}

static void add_code(struct line *line, const char *code)
{
	add(line, " code");
	if (strcmp(code, CODE_WORD_GENERATED) == 0) {
		add(line, " " CODE_WORD_GENERATED);
	} else {
		add_word(line, code);
	}
}

char *rule_print_object(const struct rule *rule)
{
	struct line line = {0};

	add(&line, "");
	add_object(&line, rule);
	return line.bytes;
}

char *rule_print(const struct rule *rule)
{
	struct line line = {0};
	char until[UNTIL_TEXT_SIZE];

	switch (rule->kind) {
	case RULE_LABEL:
		add(&line, "label ");
		add(&line, rule->label);
		break;
	case RULE_EXPECT:
		add(&line, "expect ");
		add(&line, verdict_name(rule->verdict));
		add_verbs(&line, rule->verbs);
		break;
	case RULE_JUDGE:
		add(&line, verdict_name(rule->verdict));
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
