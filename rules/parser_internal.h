/* SPDX-License-Identifier: MIT */
/* Parsing one line, as whole files need it; for rules/parser.c and rule_file.c only. */
#ifndef RULES_PARSER_INTERNAL_H
#define RULES_PARSER_INTERNAL_H

#include "rules/lexer.h"
#include "rules/parser.h"

/* Both fill in error's column, message and hint when they return false. */
bool parser_split(struct text line, struct words *words, struct rule_error *error);
bool parser_read_rule(struct text line, const struct words *words, struct rule *rule,
	struct rule_error *error);

#endif
