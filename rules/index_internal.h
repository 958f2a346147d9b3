/* SPDX-License-Identifier: MIT */
/* The compiled rule set as its parts see it; for rules/rule_index*.c only. */
#ifndef RULES_INDEX_INTERNAL_H
#define RULES_INDEX_INTERNAL_H

#include "rules/entry.h"
#include "rules/rule_index.h"
#include "rules/rule_trie.h"

/* What is looked at first of each rule, packed so that it stays in the cache. */
struct brief {
	uint32_t verbs;
	uint8_t verdict;
	bool is_plain;	    /* holds for everybody at any time */
	bool is_host;	    /* ports and protocol are still to be checked */
	bool is_repository; /* judged alone */
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
};

/* That of the stricter verdict; facts missing to either. */
struct judgement judgement_stricter(struct judgement a, struct judgement b);

#endif
