/* SPDX-License-Identifier: MIT */
/* What the rules say of all that lies below a folder, asked before it is moved. */
#include "rules/index_internal.h"

#include <string.h>

static const uint32_t NO_RANK = UINT32_MAX;

/* The rules that can decide below a folder, and the best that covers all of it. */
struct below {
	const struct rule_index *index;
	const struct subject *subject;
	time_t now;
	uint32_t verb; /* bit */
	struct text folder;
	bool named_only; /* without asks for names in any folder */
	uint32_t covering[2];
	enum verdict strictest[2];
	const struct rule *rule[2];
	unsigned facts;
};

/* True if the pattern ends in `**` and matches the folder: then it matches all below. */
static bool covers_folder(const struct pattern *pattern, struct text folder)
{
	const struct glob *glob = &pattern->glob;
	bool ends_in_depth =
		glob->count > 0 && glob->units[glob->count - 1] == UNIT_DEPTH;

	return pattern->kind == PATTERN_ANYTHING ||
	       (ends_in_depth && glob_match_path(glob, folder));
}

static bool find_covering(void *context, uint32_t rank)
{
	struct below *below = context;
	const struct entry *entry = &below->index->entries[rank];
	bool is_repository = below->index->briefs[rank].is_repository;
	unsigned facts;

	if (rank < below->covering[is_repository] &&
		(entry->pattern.verbs & below->verb) && !entry->pattern.has_argv &&
		covers_folder(&entry->pattern, below->folder) &&
		qualifiers_hold(&entry->qualifiers, below->subject, below->now,
			&facts) == HOLDS_YES) {
		below->covering[is_repository] = rank;
	}
	return true;
}

/* As a rule says it, or with the root before it, as it is expanded. */
static bool asks_in_any_folder(const struct rule *rule)
{
	return rule->verdict == VERDICT_ASK &&
	       strncmp(rule->pattern + (rule->pattern[0] == '/'), "**/", 3) == 0;
}

static bool find_strictest(void *context, uint32_t rank)
{
	struct below *below = context;
	const struct entry *entry = &below->index->entries[rank];
	bool group = below->index->briefs[rank].is_repository;
	enum verdict verdict = entry->rule.verdict;
	unsigned facts = 0;

	/* Worse than one that covers everything below: it never decides there. */
	if (rank > below->covering[group] || !(entry->pattern.verbs & below->verb) ||
		verdict_stricter(verdict, below->strictest[group]) ==
			below->strictest[group] ||
		(below->named_only && asks_in_any_folder(&entry->rule))) {
		return true;
	}
	enum holds holds =
		qualifiers_hold(&entry->qualifiers, below->subject, below->now, &facts);
	if (holds != HOLDS_NO) {
		below->facts |= facts;
		below->strictest[group] = verdict;
		below->rule[group] = &entry->rule;
	}
	return true;
}

static void walk_below(struct below *below, rule_trie_visit_fn *visit)
{
	const struct rule_index *index = below->index;

	if (!rule_trie_walk_below(index->trie, below->folder, visit, below)) {
		for (size_t i = 0; i < index->count; i++) {
			visit(below, (uint32_t)i);
		}
	}
}

static struct judgement judge_below(struct below *below, enum verb verb)
{
	const struct action action = {
		.verb = verb, .object = below->folder, .is_folder = true};
	struct judgement judgement =
		rule_index_judge(below->index, &action, below->subject, below->now);

	below->covering[0] = below->covering[1] = NO_RANK;
	walk_below(below, find_covering);
	for (int group = 0; group < 2; group++) {
		uint32_t rank = below->covering[group];
		below->strictest[group] = group == 0 ? VERDICT_ASK : VERDICT_ALLOW;
		if (rank != NO_RANK) {
			below->rule[group] = &below->index->entries[rank].rule;
			below->strictest[group] = below->rule[group]->verdict;
		}
	}
	walk_below(below, find_strictest);
	for (int group = 0; group < 2; group++) {
		struct judgement found = {
			below->strictest[group], below->rule[group], below->facts};
		judgement = judgement_stricter(judgement, found);
	}
	return judgement;
}

struct judgement rule_index_judge_below(const struct rule_index *index, enum verb verb,
	struct text folder, const struct subject *subject, time_t now)
{
	struct below below = {.index = index,
		.subject = subject,
		.now = now,
		.verb = 1U << verb,
		.folder = folder};

	return judge_below(&below, verb);
}

struct judgement rule_index_judge_named_below(const struct rule_index *index,
	enum verb verb, struct text folder, const struct subject *subject, time_t now)
{
	struct below below = {.index = index,
		.subject = subject,
		.now = now,
		.verb = 1U << verb,
		.folder = folder,
		.named_only = true};

	return judge_below(&below, verb);
}
