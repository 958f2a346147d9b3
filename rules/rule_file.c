/* SPDX-License-Identifier: MIT */
/* Whole rule files: every error is collected, and nothing of a wrong file is kept. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/parser_internal.h"

struct file_parser {
	const char *name;
	enum rule_origin origin;
	struct words words;
	struct rule_list rules;
	struct rule_errors *errors;
};

static void parse_file_line(struct file_parser *file, struct text line, unsigned number)
{
	struct rule rule = {0};
	struct rule_error error = {.line = number};

	if (parser_split(line, &file->words, &error)) {
		if (file->words.count == 0) {
			return;
		}
		if (parser_read_rule(line, &file->words, &rule, &error)) {
			rule.origin = file->origin;
			rule.scope = SCOPE_ALWAYS;
			rule.source = xasprintf("%s:%u", file->name, number);
			rule_list_take(&file->rules, &rule);
			return;
		}
	}
	error.file = escape_copy(text_of(file->name));
	rule_errors_take(file->errors, &error);
}

bool rule_parse_file_text(struct text text, const char *file_name,
	enum rule_origin origin, struct rule_list *list, struct rule_errors *errors)
{
	struct file_parser file = {
		.name = file_name, .origin = origin, .errors = errors};
	size_t errors_before = errors->count;
	unsigned number = 1;

	for (size_t at = 0; at < text.length; number++) {
		const char *newline = memchr(text.bytes + at, '\n', text.length - at);
		size_t end = newline ? (size_t)(newline - text.bytes) : text.length;
		struct text line = {text.bytes + at, end - at};
		parse_file_line(&file, line, number);
		at = end + 1;
	}
	words_finish(&file.words);
	bool is_valid = errors->count == errors_before;
	for (size_t i = 0; is_valid && i < file.rules.count; i++) {
		rule_list_take(list, &file.rules.rules[i]);
	}
	rule_list_finish(&file.rules);
	return is_valid;
}
