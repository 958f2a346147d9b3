/* SPDX-License-Identifier: MIT */
/*
 * The ladder of patterns for a question: from exactly this action to wider and wider
 * objects, never across what a person would not mean to open: guard folders (/, home,
 * /etc, hidden folders, other projects), public suffixes, the arguments of programs
 * that run other programs.
 */
#ifndef RULES_LADDER_H
#define RULES_LADDER_H

#include "rules/rule_index.h"

enum { LADDER_MAX = 12 };

struct ladder_rung {
	struct rule rule; /* verdict, verb and pattern; origin person; no qualifiers */
	const char
		*label; /* static: "this file", "files of this kind in this folder" … */
};

struct ladder {
	struct ladder_rung rungs[LADDER_MAX];
	size_t count; /* at least 1 */
};

/*
 * Fills ladder with rules of that verdict, narrowest first; every one matches action and
 * covers all that the first covers.
 */
void ladder_build(struct ladder *ladder, const struct action *action,
	enum verdict verdict, const struct rule_variables *variables);
void ladder_finish(struct ladder *ladder);

/* True if no rule for files in this folder may name more than one of them. */
bool ladder_is_guard_folder(struct text folder, const struct rule_variables *variables);

#endif
