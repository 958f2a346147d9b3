/* SPDX-License-Identifier: MIT */
/*
 * Finds the rules whose pattern matches an action, without looking at the others: a trie
 * of segments whose literal children lie in one hash table, walked with a small set of
 * places. The patterns that it was built from must outlive it.
 */
#ifndef RULES_RULE_TRIE_H
#define RULES_RULE_TRIE_H

#include "rules/pattern.h"

struct rule_trie;

struct rule_trie *rule_trie_create(void);
void rule_trie_destroy(struct rule_trie *trie);

/* Ranks are added from the worst to the best, so that the best are visited first. */
void rule_trie_add(
	struct rule_trie *trie, const struct pattern *pattern, uint32_t rank);

/* Returns false to skip the rest of this list, which has only worse ranks. */
typedef bool rule_trie_visit_fn(void *context, uint32_t rank);

/*
 * Visits a superset of the matching rules: verbs are not looked at, and of hosts ports
 * and protocols not. name as in host_pattern_matches. False if the walk would need more
 * places than it has; the caller then looks at every rule.
 */
bool rule_trie_walk(const struct rule_trie *trie, const struct action *action,
	struct text name, rule_trie_visit_fn *visit, void *context);

/* Visits the rules for paths, or for sockets to connect to, that can match below folder. */
bool rule_trie_walk_below(const struct rule_trie *trie, enum verb verb,
	struct text folder, rule_trie_visit_fn *visit, void *context);

#endif
