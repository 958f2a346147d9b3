/* SPDX-License-Identifier: MIT */
/* Which of two matching rules decides, as keys that are compared from the first on. */
#ifndef RULES_PRECEDENCE_H
#define RULES_PRECEDENCE_H

#include "rules/pattern.h"

enum precedence_key {
	PRECEDENCE_FORBID,
	PRECEDENCE_OBJECT, /* PART_COUNT keys */
	PRECEDENCE_QUALIFIERS = PRECEDENCE_OBJECT + PART_COUNT,
	PRECEDENCE_ORIGIN,
	PRECEDENCE_VERDICT,
	PRECEDENCE_COUNT
};

struct precedence {
	uint32_t keys[PRECEDENCE_COUNT];
};

void precedence_of(const struct rule *rule, const struct pattern *pattern,
	struct precedence *result);

/* Below 0 if a decides before b, 0 if nothing tells them apart. */
int precedence_compare(const struct precedence *a, const struct precedence *b);

/* The first key that differs; PRECEDENCE_COUNT if none does. */
enum precedence_key precedence_difference(
	const struct precedence *a, const struct precedence *b);

/* How many qualifiers narrow down who does it; until and note do not. */
unsigned precedence_qualifier_count(const struct rule *rule);

#endif
