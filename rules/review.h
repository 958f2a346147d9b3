/* SPDX-License-Identifier: MIT */
/* What is odd about stored rules, by their texts and what is recorded of them. */
#ifndef RULES_REVIEW_H
#define RULES_REVIEW_H

#include "rules/rule_index.h"

/* So many sessions may pass before a rule counts as one that is never hit. */
enum { REVIEW_SESSIONS_MIN = 3 };

/* A rule with what else is known of it. */
struct reviewed_rule {
	const struct rule *rule;
	const char *project; /* that it holds in; NULL: everywhere */
	int64_t hits;
	size_t sessions; /* that began since it was stored, where it holds */
	/* What it decided in the recordings: different objects, and the first as a rule. */
	size_t objects;
	const struct rule *only;  /* when there is one object; else NULL */
	bool has_missing_program; /* what `by`, `under` or exec names is not there */
};

enum finding_kind {
	FINDING_OVER,	  /* its time is over */
	FINDING_EXPIRING, /* within a week */
	FINDING_NEVER_HIT,
	FINDING_SHADOWED,      /* another says the same of more */
	FINDING_CONTRADICTING, /* another says otherwise of the same */
	FINDING_WIDE,	       /* it only ever decided about one object */
	FINDING_NO_PROGRAM,
	FINDING_COUNT
};

struct finding {
	enum finding_kind kind;
	size_t rule;  /* index */
	size_t other; /* SHADOWED, CONTRADICTING: index of the other */
};

/* All findings, by rule; *findings is owned. Rules that hold in different projects do
 * not meet. now: seconds since the epoch. */
size_t rules_review(const struct reviewed_rule *rules, size_t count,
	const struct rule_variables *variables, time_t now, struct finding **findings);

/* "never_hit", for programs; and a sentence for people. */
const char *finding_name(enum finding_kind kind);
const char *finding_words(enum finding_kind kind);

#endif
