/* SPDX-License-Identifier: MIT */
/* The compiled rule set as its parts see it; for rules/rule_index*.c only. */
#ifndef RULES_INDEX_INTERNAL_H
#define RULES_INDEX_INTERNAL_H

#include "rules/entry.h"
#include "rules/name_fold.h"
#include "rules/rule_index.h"
#include "rules/rule_trie.h"

#include <stdatomic.h>

/* What is looked at first of each rule, packed so that it stays in the cache. */
struct brief {
	uint32_t verbs;
	uint8_t verdict;
	bool is_plain;	    /* holds for everybody at any time */
	bool is_host;	    /* ports and protocol are still to be checked */
	bool is_repository; /* judged alone */
};

/*
 * The patterns as they match folded names, each at its rule's place, for names on file
 * systems that take no heed of case.
 */
struct folded_rules {
	struct rule_trie *trie;
	struct pattern *patterns;
	struct pattern *labels;
};

struct rule_index {
	struct entry *entries;
	struct brief *briefs;
	size_t count;
	struct rule_trie *trie;
	struct entry *labels; /* in no order */
	size_t label_count;
	unsigned facts;
	bool has_repository;
	/* Made at the first look-up of such a name; apart, since the index stays as it is. */
	struct folded_rules *_Atomic *folded;
};

/* Made at the first call; from any thread. */
const struct folded_rules *rule_index_folded(const struct rule_index *index);
void folded_rules_destroy(struct folded_rules *folded, const struct rule_index *index);

/* That of the stricter verdict; facts missing to either. */
struct judgement judgement_stricter(struct judgement a, struct judgement b);

#endif
