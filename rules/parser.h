/* SPDX-License-Identifier: MIT */
/*
 * Rule text to rules. The language is docs/duenna-rules.5.scd. Patterns are stored in
 * their canonical spelling, so that equal patterns are equal strings.
 */
#ifndef RULES_PARSER_H
#define RULES_PARSER_H

#include "base/error.h"
#include "rules/rule.h"

/* One thing wrong with a rule text. Strings are owned and safe to show. */
struct rule_error {
	char *file; /* "" for a single line */
	unsigned line;
	unsigned column; /* of the first wrong byte, from 1 */
	char *message;
	char *hint; /* what to write instead; NULL if there is nothing to say */
};

struct rule_errors {
	struct rule_error *errors;
	size_t count, capacity;
};
/* Takes what error owns and zeroes it. */
void rule_errors_take(struct rule_errors *errors, struct rule_error *error);
void rule_errors_finish(struct rule_errors *errors);
/* "file:line:column: message (hint)", owned. A single line has no "file:line:". */
char *rule_error_format(const struct rule_error *error);

/*
 * Parses one rule. False with err (ERROR_SYNTAX, "column N: message (hint)") when text is
 * no rule; an empty or comment line is no rule either. rule is zeroed then.
 */
bool rule_parse_line(struct text text, struct rule *rule, struct error *err);

/*
 * Parses a whole file and appends its rules to list, each with source "file:line".
 * When anything is wrong, every error is added to errors, list stays as it was, and the
 * result is false. Expect lines are appended as well; rules_check_expectations
 * (rules/expectation.h) checks them.
 */
bool rule_parse_file_text(struct text text, const char *file_name,
	enum rule_origin origin, struct rule_list *list, struct rule_errors *errors);

#endif
