/* SPDX-License-Identifier: MIT */
/* One rule as the index keeps it; for rules/ only. */
#ifndef RULES_ENTRY_H
#define RULES_ENTRY_H

#include "rules/pattern.h"
#include "rules/precedence.h"
#include "rules/qualifier.h"

struct entry {
	struct rule rule;
	struct pattern pattern;
	struct qualifiers qualifiers;
	struct precedence precedence;
	size_t order; /* as loaded; tells apart what nothing else does */
};

/* The entry of a rule that the index gave out; NULL if it is not one of its rules. */
const struct entry *rule_index_entry(
	const struct rule_index *index, const struct rule *rule);

#endif
