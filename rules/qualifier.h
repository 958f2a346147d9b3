/* SPDX-License-Identifier: MIT */
/* Whether a rule's qualifiers, end and scope hold for a subject, as far as is known. */
#ifndef RULES_QUALIFIER_H
#define RULES_QUALIFIER_H

#include "rules/glob.h"

struct qualifiers {
	struct glob by, under, via, code;
	bool has_by, has_under, has_via, has_code, is_code_generated;
	const char *after; /* the rule's own */
	bool is_strict; /* deny, ask and forbid hold where it is doubtful; allow not */
	time_t until;
	enum scope scope;
	int64_t pid;
	const char *program, *script; /* the rule's own */
};

enum holds { HOLDS_NO, HOLDS_YES, HOLDS_UNKNOWN };

bool qualifiers_compile(const struct rule *rule, const struct rule_variables *variables,
	struct qualifiers *qualifiers);
void qualifiers_finish(struct qualifiers *qualifiers);

/* True if they hold for everybody at any time, so that nothing need be looked at. */
bool qualifiers_are_empty(const struct qualifiers *qualifiers);

/* facts gets the unknown ones (enum fact) that it depends on, if UNKNOWN. */
enum holds qualifiers_hold(const struct qualifiers *qualifiers,
	const struct subject *subject, time_t now, unsigned *facts);

/* Facts that they look at. */
unsigned qualifiers_facts(const struct qualifiers *qualifiers);

#endif
