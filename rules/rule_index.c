/* SPDX-License-Identifier: MIT */
/*
 * The compiled rule set. Entries are sorted by precedence, so that a rule's place is its
 * rank and the best match is the one with the lowest number.
 */
#include "rules/rule_index.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "rules/index_internal.h"

#include <stdlib.h>

enum { MAYBES_MAX = 32 };

static const uint32_t NO_RANK = UINT32_MAX;

static bool compile_entry(const struct rule *rule,
	const struct rule_variables *variables, struct entry *entry)
{
	rule_copy(&entry->rule, rule);
	if (!pattern_compile(&entry->rule, variables, &entry->pattern)) {
		rule_finish(&entry->rule);
		return false;
	}
	if (!qualifiers_compile(&entry->rule, variables, &entry->qualifiers)) {
		pattern_finish(&entry->pattern);
		rule_finish(&entry->rule);
		return false;
	}
	precedence_of(&entry->rule, &entry->pattern, &entry->precedence);
	return true;
}

static void finish_entry(struct entry *entry)
{
	pattern_finish(&entry->pattern);
	qualifiers_finish(&entry->qualifiers);
	rule_finish(&entry->rule);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *first = a;
	const struct entry *second = b;
	int order = precedence_compare(&first->precedence, &second->precedence);

	return order != 0 ? order : first->order < second->order ? -1 : 1;
}

static void compile_rules(struct rule_index *index, const struct rule_list *rules,
	const struct rule_variables *variables)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		struct entry entry = {.order = i};
		if (rule->kind == RULE_EXPECT ||
			!compile_entry(rule, variables, &entry)) {
			continue;
		}
		if (rule->kind == RULE_LABEL) {
			index->labels[index->label_count++] = entry;
		} else {
			index->entries[index->count++] = entry;
		}
	}
	if (index->count > 0) {
		qsort(index->entries, index->count, sizeof(*index->entries),
			compare_entries);
	}
}

static void fill_brief(const struct entry *entry, struct brief *brief)
{
	brief->verbs = entry->pattern.verbs;
	brief->verdict = (uint8_t)entry->rule.verdict;
	brief->is_plain = qualifiers_are_empty(&entry->qualifiers);
	brief->is_host = entry->pattern.kind == PATTERN_HOST;
	brief->is_repository = entry->rule.origin == ORIGIN_REPOSITORY;
}

struct rule_index *rule_index_create(
	const struct rule_list *rules, const struct rule_variables *variables)
{
	struct rule_index *index = xcalloc(1, sizeof(*index));

	index->entries = xcalloc(rules->count + 1, sizeof(*index->entries));
	index->labels = xcalloc(rules->count + 1, sizeof(*index->labels));
	compile_rules(index, rules, variables);
	index->briefs = xcalloc(index->count + 1, sizeof(*index->briefs));
	index->folded = xcalloc(1, sizeof(*index->folded));
	index->trie = rule_trie_create();
	for (size_t i = index->count; i > 0; i--) {
		const struct entry *entry = &index->entries[i - 1];
		fill_brief(entry, &index->briefs[i - 1]);
		rule_trie_add(index->trie, &entry->pattern, (uint32_t)(i - 1));
		index->facts |= qualifiers_facts(&entry->qualifiers);
		index->has_repository |= index->briefs[i - 1].is_repository;
	}
	return index;
}

void rule_index_destroy(struct rule_index *index)
{
	if (!index) {
		return;
	}
	folded_rules_destroy(atomic_load(index->folded), index);
	free(index->folded);
	for (size_t i = 0; i < index->count; i++) {
		finish_entry(&index->entries[i]);
	}
	for (size_t i = 0; i < index->label_count; i++) {
		finish_entry(&index->labels[i]);
	}
	rule_trie_destroy(index->trie);
	free(index->entries);
	free(index->labels);
	free(index->briefs);
	free(index);
}

/* A rule that matches if facts turn out so. */
struct maybe {
	uint32_t rank;
	unsigned facts;
};

/* What matches, apart for the rules of a repository and for all others. */
struct match {
	uint32_t best;
	struct maybe maybes[MAYBES_MAX];
	size_t maybe_count;
	bool has_more_maybes;
};

struct look_up {
	const struct rule_index *index;
	const struct folded_rules *folded; /* NULL: names as they are */
	const struct action *action;
	const struct subject *subject;
	struct text name;
	time_t now;
	uint32_t verb; /* bit */
	struct match matches[2];
};

static void match_add_maybe(struct match *match, uint32_t rank, unsigned facts)
{
	if (match->maybe_count == MAYBES_MAX) {
		match->has_more_maybes = true;
		return;
	}
	match->maybes[match->maybe_count++] = (struct maybe){rank, facts};
}

/* The pattern's path or name matches; what the trie did not look at is checked here. */
static bool consider(void *context, uint32_t rank)
{
	struct look_up *look_up = context;
	const struct rule_index *index = look_up->index;
	const struct brief *brief = &index->briefs[rank];
	struct match *match = &look_up->matches[brief->is_repository];
	unsigned facts = 0;

	if (rank >= match->best) {
		return index->has_repository;
	}
	if (!(brief->verbs & look_up->verb)) {
		return true;
	}
	const struct entry *entry = &index->entries[rank];
	if (brief->is_host && !host_pattern_matches(&entry->pattern.host,
				      &look_up->action->endpoint, look_up->name)) {
		return true;
	}
	enum holds holds = brief->is_plain
				   ? HOLDS_YES
				   : qualifiers_hold(&entry->qualifiers,
					     look_up->subject, look_up->now, &facts);
	if (holds == HOLDS_YES) {
		match->best = rank;
	} else if (holds == HOLDS_UNKNOWN) {
		match_add_maybe(match, rank, facts);
	}
	return true;
}

/* Without the trie: every rule, for the rare patterns that need too many places. */
static void consider_all(struct look_up *look_up)
{
	for (size_t i = 0; i < look_up->index->count; i++) {
		const struct pattern *pattern =
			look_up->folded ? &look_up->folded->patterns[i]
					: &look_up->index->entries[i].pattern;
		if (pattern_matches(pattern, look_up->action, look_up->name)) {
			consider(look_up, (uint32_t)i);
		}
	}
}

static void look_up_start(struct look_up *look_up)
{
	for (size_t i = 0; i < 2; i++) {
		look_up->matches[i].best = NO_RANK;
		look_up->matches[i].maybe_count = 0;
		look_up->matches[i].has_more_maybes = false;
	}
}

/*
 * The verdict of one group: that of its best certain match, or of any uncertain one that
 * would come before it and is stricter. Allow rules in doubt thus never count.
 */
static struct judgement group_judgement(const struct rule_index *index,
	const struct match *match, enum verdict otherwise)
{
	struct judgement judgement = {.verdict = otherwise};
	uint32_t differing = 0;
	bool is_open = false;

	if (match->best != NO_RANK) {
		judgement.rule = &index->entries[match->best].rule;
		judgement.verdict = judgement.rule->verdict;
	}
	enum verdict certain = judgement.verdict;
	for (size_t i = 0; i < match->maybe_count; i++) {
		uint32_t rank = match->maybes[i].rank;
		const struct rule *rule = &index->entries[rank].rule;
		if (rank >= match->best || rule->verdict == certain) {
			continue;
		}
		is_open = true;
		differing = rank > differing ? rank : differing;
		if (verdict_stricter(rule->verdict, judgement.verdict) !=
			judgement.verdict) {
			judgement.verdict = rule->verdict;
			judgement.rule = rule;
		}
	}
	for (size_t i = 0; is_open && i < match->maybe_count; i++) {
		if (match->maybes[i].rank <= differing) {
			judgement.facts_missing |= match->maybes[i].facts;
		}
	}
	if (match->has_more_maybes) {
		judgement.facts_missing |= index->facts;
	}
	return judgement;
}

struct judgement judgement_stricter(struct judgement a, struct judgement b)
{
	bool is_b = verdict_stricter(a.verdict, b.verdict) != a.verdict;
	struct judgement result = is_b ? b : a;

	result.facts_missing = a.facts_missing | b.facts_missing;
	return result;
}

/* Too many uncertain rules to keep: what was dropped might have been the stricter. */
static void tighten_overflow(const struct look_up *look_up, struct judgement *judgement)
{
	bool has_more = look_up->matches[0].has_more_maybes ||
			look_up->matches[1].has_more_maybes;

	if (has_more && judgement->verdict == VERDICT_ALLOW) {
		judgement->verdict = VERDICT_ASK;
		judgement->rule = NULL;
	}
}

static struct judgement judge_name(struct look_up *look_up)
{
	const struct rule_index *index = look_up->index;

	look_up_start(look_up);
	const struct rule_trie *trie =
		look_up->folded ? look_up->folded->trie : index->trie;
	if (!rule_trie_walk(trie, look_up->action, look_up->name, consider, look_up)) {
		look_up_start(look_up);
		consider_all(look_up);
	}
	struct judgement judgement =
		group_judgement(index, &look_up->matches[0], VERDICT_ASK);
	if (index->has_repository) {
		/* No rule of the repository matches: it has no say. */
		judgement = judgement_stricter(judgement,
			group_judgement(index, &look_up->matches[1], VERDICT_ALLOW));
	}
	tighten_overflow(look_up, &judgement);
	return judgement;
}

/* A rule that names the very file. */
static bool is_literal(const struct look_up *look_up)
{
	uint32_t best = look_up->matches[0].best;

	return best != NO_RANK &&
	       glob_is_literal(&look_up->index->entries[best].pattern.glob);
}

/*
 * The verdict on all names that may be the same file. Of a name that may be another's
 * short form nothing is known: only a rule for just that name allows it.
 */
static struct judgement judge_folded(struct look_up *look_up)
{
	char buffer[NAME_FOLDED_SIZE];
	struct action folded = *look_up->action;
	const bool is_known = is_literal(look_up);

	if (!name_fold(look_up->action->object, buffer, &folded.object)) {
		return (struct judgement){.verdict = VERDICT_DENY};
	}
	struct look_up own = *look_up;
	own.folded = rule_index_folded(look_up->index);
	own.action = &folded;
	struct judgement judgement = judge_name(&own);
	if (judgement.verdict == VERDICT_ALLOW && !is_known &&
		name_may_be_short(folded.object)) {
		judgement.verdict = VERDICT_ASK;
		judgement.rule = NULL;
	}
	return judgement;
}

struct judgement rule_index_judge(const struct rule_index *index,
	const struct action *action, const struct subject *subject, time_t now)
{
	struct look_up look_up;
	const struct endpoint *endpoint = &action->endpoint;

	look_up.index = index;
	look_up.folded = NULL;
	look_up.action = action;
	look_up.subject = subject;
	look_up.now = now;
	look_up.verb = 1U << action->verb;
	look_up.name = (struct text){NULL, 0};
	if (action->ignores_case) {
		struct judgement judgement = judge_name(&look_up);
		return judgement_stricter(judgement, judge_folded(&look_up));
	}
	if (verb_object_kind(action->verb) != OBJECT_HOST ||
		endpoint->name_count == 0) {
		return judge_name(&look_up);
	}
	/* Several names were answered for one address: the strictest holds. */
	look_up.name = endpoint->names[0];
	struct judgement judgement = judge_name(&look_up);
	for (size_t i = 1; i < endpoint->name_count; i++) {
		look_up.name = endpoint->names[i];
		judgement = judgement_stricter(judgement, judge_name(&look_up));
	}
	return judgement;
}

uint32_t rule_index_facts_used(const struct rule_index *index)
{
	return index->facts;
}

size_t rule_index_count(const struct rule_index *index)
{
	return index->count;
}
