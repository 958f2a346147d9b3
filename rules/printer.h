/* SPDX-License-Identifier: MIT */
/* Rules back to text: the inverse of the parser; printing and parsing gives an equal rule. */
#ifndef RULES_PRINTER_H
#define RULES_PRINTER_H

#include "rules/rule.h"

/* One line without end of line, owned. */
char *rule_print(const struct rule *rule) __attribute__((returns_nonnull));

/* The object part alone: the pattern with its argv patterns, quoted where needed. Owned. */
char *rule_print_object(const struct rule *rule) __attribute__((returns_nonnull));

/*
 * A pattern that matches exactly this text, in canonical spelling: wildcards and other
 * special characters are escaped. Owned.
 */
char *pattern_quote_literal(struct text text) __attribute__((returns_nonnull));

#endif
