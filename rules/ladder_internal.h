/* SPDX-License-Identifier: MIT */
/* What the parts of the ladder share; for rules/ladder*.c only. */
#ifndef RULES_LADDER_INTERNAL_H
#define RULES_LADDER_INTERNAL_H

#include "rules/ladder.h"

struct ladder_builder {
	struct ladder *ladder;
	const struct action *action;
	enum verdict verdict;
	const struct rule_variables *variables;
};

/* Adds a rung for a canonical pattern, which it takes; drops it if it says nothing new. */
struct rule *ladder_add(
	struct ladder_builder *builder, char *pattern, const char *label);

/* The rungs of a path; prefix is "" or "unix:". */
void ladder_add_path(
	struct ladder_builder *builder, const char *prefix, struct text path);
void ladder_add_host(struct ladder_builder *builder);

/* The path as a literal pattern, with a variable in front where one fits. Owned. */
char *ladder_path_pattern(struct text path, const struct rule_variables *variables);

#endif
