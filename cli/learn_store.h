/* SPDX-License-Identifier: MIT */
/* Learned rules into the database, as a person's decisions. */
#ifndef CLI_LEARN_STORE_H
#define CLI_LEARN_STORE_H

#include "base/error.h"
#include "rules/back_test.h"

struct rule_to_store {
	const struct rule *rule;
	const struct recorded_action *origin; /* the first action it comes from */
};

struct rules_to_store {
	const char *project; /* where they hold; NULL: always */
	const struct rule_to_store *rules;
	size_t count;
	const int64_t *sources; /* the sessions that they were learned from */
	size_t source_count;
};

/* All or none, together: `duenna rules undo` takes them back. */
bool learn_store(
	const char *database, const struct rules_to_store *learned, struct error *err);

#endif
