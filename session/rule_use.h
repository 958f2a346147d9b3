/* SPDX-License-Identifier: MIT */
/* Which rules of files and persons matched anything, while actions are judged. */
#ifndef SESSION_RULE_USE_H
#define SESSION_RULE_USE_H

#include "session/rule_set.h"

struct rule_use;

/* sources were loaded. The stored rules are read once more. */
struct rule_use *rule_use_create(const struct rule_sources *sources, struct error *err);
void rule_use_destroy(struct rule_use *use); /* accepts NULL */

/* Every rule of the index that matches the action is in use. */
void rule_use_note(struct rule_use *use, const struct rule_index *index,
	const struct action *action, const struct subject *subject, time_t now);

/* A rule that decided is in use, also where it is not about the action's own object. */
void rule_use_note_rule(struct rule_use *use, const struct rule *rule);

/* The index-th rule that never matched; NULL after the last. */
const struct rule *rule_use_unmatched(const struct rule_use *use, size_t index);

#endif
