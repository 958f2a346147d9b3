/* SPDX-License-Identifier: MIT */
/* What the rules say of all that lies below a folder, asked before it is moved. */
#include "rules/index_internal.h"

#include <string.h>

static const uint32_t NO_RANK = UINT32_MAX;

/* One folder's name as it is, or folded with the rules that match such names. */
struct spelled {
	struct text name;
	const struct folded_rules *folded; /* NULL: as it is */
};

/* The rules that can decide below a folder, and the best that covers all of it. */
struct below {
	const struct rule_index *index;
	const struct subject *subject;
	time_t now;
	enum verb verb;
	uint32_t verb_bit;
	struct spelled here;
	struct spelled there; /* the other end of a move; no name: there is none */
	bool is_left;	      /* from here to there */
	bool named_only;      /* without asks for names in any folder */
	bool is_alias; /* the folder is a new name of another: see glob_names_folder */
	uint32_t covering[2];
	uint32_t laxest[2]; /* the best rule that allows there what it does not here */
	enum verdict strictest[2];
	const struct rule *rule[2];
	unsigned facts;
};

static const struct pattern *pattern_at(
	const struct below *below, const struct spelled *spelled, uint32_t rank)
{
	return spelled->folded ? &spelled->folded->patterns[rank]
			       : &below->index->entries[rank].pattern;
}

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
		(entry->pattern.verbs & below->verb_bit) && !entry->pattern.has_argv &&
		covers_folder(
			pattern_at(below, &below->here, rank), below->here.name) &&
		qualifiers_hold(&entry->qualifiers, below->subject, below->now,
			&facts) == HOLDS_YES) {
		below->covering[is_repository] = rank;
	}
	return true;
}

static bool goes_along(const struct below *below, uint32_t rank,
	const struct spelled *from, const struct spelled *to)
{
	const struct pattern *pattern = pattern_at(below, from, rank);

	return (pattern->kind != PATTERN_PATH && pattern->kind != PATTERN_UNIX) ||
	       glob_goes_along(&pattern->glob, from->name, to->name);
}

/* Visits the rules below the other end. */
static bool find_laxest(void *context, uint32_t rank)
{
	struct below *below = context;
	const struct entry *entry = &below->index->entries[rank];
	bool group = below->index->briefs[rank].is_repository;

	if (rank < below->laxest[group] && entry->rule.verdict == VERDICT_ALLOW &&
		(entry->pattern.verbs & below->verb_bit) &&
		!goes_along(below, rank, &below->there, &below->here)) {
		below->laxest[group] = rank;
	}
	return true;
}

/* The rule says the same of the same things at the other end of the move. */
static bool is_same_there(const struct below *below, uint32_t rank)
{
	bool group = below->index->briefs[rank].is_repository;

	return below->there.name.length > 0 && rank < below->laxest[group] &&
	       goes_along(below, rank, &below->here, &below->there);
}

/* As a rule says it, or with the root before it, as it is expanded. */
static bool asks_in_any_folder(const struct rule *rule)
{
	return rule->verdict == VERDICT_ASK &&
	       strncmp(rule->pattern + (rule->pattern[0] == '/'), "**/", 3) == 0;
}

/* Its pattern says the name of the folder, and of something below it. */
static bool names_folder(const struct below *below, uint32_t rank)
{
	const struct pattern *pattern = pattern_at(below, &below->here, rank);

	return pattern->kind == PATTERN_PATH &&
	       glob_names_folder(&pattern->glob, below->here.name);
}

static bool find_strictest(void *context, uint32_t rank)
{
	struct below *below = context;
	const struct entry *entry = &below->index->entries[rank];
	bool group = below->index->briefs[rank].is_repository;
	enum verdict verdict = entry->rule.verdict;
	unsigned facts = 0;

	/* Worse than one that covers everything below: it never decides there. */
	if (rank > below->covering[group] ||
		!(entry->pattern.verbs & below->verb_bit) ||
		verdict_stricter(verdict, below->strictest[group]) ==
			below->strictest[group] ||
		(below->named_only && asks_in_any_folder(&entry->rule)) ||
		(below->is_alias && !names_folder(below, rank)) ||
		is_same_there(below, rank)) {
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

static void walk_below(
	struct below *below, const struct spelled *folder, rule_trie_visit_fn *visit)
{
	const struct rule_index *index = below->index;
	const struct rule_trie *trie =
		folder->folded ? folder->folded->trie : index->trie;

	if (!rule_trie_walk_below(trie, below->verb, folder->name, visit, below)) {
		for (size_t i = 0; i < index->count; i++) {
			visit(below, (uint32_t)i);
		}
	}
}

/* What no rule lets anybody read goes where one does. */
static bool becomes_readable(const struct below *below)
{
	return below->is_left && below->verb == VERB_READ &&
	       below->covering[0] == NO_RANK && below->laxest[0] != NO_RANK;
}

/* Where nothing is said below, what holds for all of it counts; else only news. */
static void start_at_covering(struct below *below)
{
	const bool is_news =
		(below->there.name.length > 0 && !becomes_readable(below)) ||
		below->is_alias;

	for (int group = 0; group < 2; group++) {
		const uint32_t rank = below->covering[group];

		below->rule[group] = NULL;
		below->strictest[group] =
			group == 0 && !is_news ? VERDICT_ASK : VERDICT_ALLOW;
		if (rank != NO_RANK && !below->is_alias &&
			!is_same_there(below, rank)) {
			below->rule[group] = &below->index->entries[rank].rule;
			below->strictest[group] = below->rule[group]->verdict;
		}
	}
}

/* The stricter of the judgement and what is found by these spellings of the names. */
static struct judgement judge_spelled(struct below *below, struct judgement judgement)
{
	below->covering[0] = below->covering[1] = NO_RANK;
	below->laxest[0] = below->laxest[1] = NO_RANK;
	walk_below(below, &below->here, find_covering);
	if (below->there.name.length > 0) {
		walk_below(below, &below->there, find_laxest);
	}
	start_at_covering(below);
	walk_below(below, &below->here, find_strictest);
	for (int group = 0; group < 2; group++) {
		struct judgement found = {
			below->strictest[group], below->rule[group], below->facts};
		judgement = judgement_stricter(judgement, found);
	}
	return judgement;
}

/* The folder itself; at one end of a move only if the other end is not judged alike. */
static struct judgement judge_itself(
	const struct below *below, enum verb verb, const struct folder ends[2])
{
	struct action action = {.verb = verb,
		.object = ends[0].name,
		.is_folder = true,
		.ignores_case = ends[0].ignores_case};
	const struct judgement judgement =
		rule_index_judge(below->index, &action, below->subject, below->now);

	if (below->is_alias || verb == VERB_CONNECT) {
		return (struct judgement){.verdict = VERDICT_ALLOW};
	}
	if (ends[1].name.length == 0) {
		return judgement;
	}
	action.object = ends[1].name;
	action.ignores_case = ends[1].ignores_case;
	const struct judgement other =
		rule_index_judge(below->index, &action, below->subject, below->now);
	if (other.rule == judgement.rule) {
		return (struct judgement){.verdict = VERDICT_ALLOW};
	}
	return judgement;
}

static struct judgement judge_below(
	struct below *below, enum verb verb, const struct folder ends[2])
{
	char buffers[2][NAME_FOLDED_SIZE];

	below->verb = verb;
	below->verb_bit = 1U << verb;
	below->is_left = ends[0].is_left;
	below->here = (struct spelled){ends[0].name, NULL};
	below->there = (struct spelled){ends[1].name, NULL};
	struct judgement judgement =
		judge_spelled(below, judge_itself(below, verb, ends));

	if (!ends[0].ignores_case && !ends[1].ignores_case) {
		return judgement;
	}
	if (!name_fold(ends[0].name, buffers[0], &below->here.name) ||
		!name_fold(ends[1].name, buffers[1], &below->there.name)) {
		return (struct judgement){.verdict = VERDICT_DENY};
	}
	below->here.folded = rule_index_folded(below->index);
	below->there.folded = below->here.folded;
	return judge_spelled(below, judgement);
}

struct judgement rule_index_judge_below(const struct rule_index *index, enum verb verb,
	struct folder folder, const struct subject *subject, time_t now)
{
	const struct folder ends[2] = {folder};
	struct below below = {.index = index, .subject = subject, .now = now};

	return judge_below(&below, verb, ends);
}

struct judgement rule_index_judge_named_below(const struct rule_index *index,
	enum verb verb, struct folder folder, const struct subject *subject, time_t now)
{
	const struct folder ends[2] = {folder};
	struct below below = {
		.index = index, .subject = subject, .now = now, .named_only = true};

	return judge_below(&below, verb, ends);
}

struct judgement rule_index_judge_move(const struct rule_index *index, enum verb verb,
	const struct folder ends[2], const struct subject *subject, time_t now)
{
	struct below below = {.index = index, .subject = subject, .now = now};

	return judge_below(&below, verb, ends);
}

struct judgement rule_index_judge_alias(const struct rule_index *index,
	struct folder folder, const struct subject *subject, time_t now)
{
	const struct folder ends[2] = {folder};
	struct below below = {
		.index = index, .subject = subject, .now = now, .is_alias = true};

	return judge_below(&below, VERB_WRITE, ends);
}
