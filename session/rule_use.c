/* SPDX-License-Identifier: MIT */
#include "session/rule_use.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdlib.h>

enum { SEEN_SLOTS = 1 << 15, MATCHES_MAX = 64 };

struct rule_use {
	struct rule_list rules; /* those of files and persons */
	bool *matched;		/* by place in rules */
	size_t unmatched;
	/* Hashes of what was looked up last: recordings repeat themselves. */
	uint64_t seen[SEEN_SLOTS];
};

static void rules_add(struct rule_use *use, const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		if (rule->kind == RULE_JUDGE &&
			(rule->origin == ORIGIN_FILE ||
				rule->origin == ORIGIN_PERSON)) {
			rule_list_copy(&use->rules, rule);
		}
	}
}

struct rule_use *rule_use_create(const struct rule_sources *sources, struct error *err)
{
	struct rule_list stored = {0};
	if (!rule_sources_stored(sources, &stored, err)) {
		rule_list_finish(&stored);
		return NULL;
	}
	struct rule_use *use = xcalloc(1, sizeof(*use));
	rules_add(use, &sources->fixed);
	rules_add(use, &stored);
	rule_list_finish(&stored);
	use->unmatched = use->rules.count;
	use->matched = xcalloc(use->rules.count + 1, sizeof(*use->matched));
	return use;
}

void rule_use_destroy(struct rule_use *use)
{
	if (use == NULL) {
		return;
	}
	rule_list_finish(&use->rules);
	free(use->matched);
	free(use);
}

/* A collision would only hide a use; with 64 bits there is none in practice. */
static uint64_t hash_of(const struct action *action, const struct subject *subject)
{
	uint64_t hash = hash_bytes(HASH_START, &action->verb, sizeof(action->verb));
	hash = hash_text(hash, action->object);
	hash = hash_text(hash, action->asked_as);
	hash = hash_bytes(
		hash, &subject->program.bytes, sizeof(subject->program.bytes));
	for (size_t i = 0; i < subject->ancestor_count; i++) {
		hash = hash_bytes(hash, &subject->ancestors[i].bytes,
			sizeof(subject->ancestors[i].bytes));
	}
	for (size_t i = 0; i < action->argc; i++) {
		hash = hash_text(hash, action->argv[i]);
		hash = hash_number(hash, 0);
	}
	return hash | 1;
}

void rule_use_note_rule(struct rule_use *use, const struct rule *rule)
{
	if (rule->origin != ORIGIN_FILE && rule->origin != ORIGIN_PERSON) {
		return;
	}
	for (size_t i = 0; i < use->rules.count; i++) {
		if (use->rules.rules[i].id == rule->id && !use->matched[i]) {
			use->matched[i] = true;
			use->unmatched--;
		}
	}
}

void rule_use_note(struct rule_use *use, const struct rule_index *index,
	const struct action *action, const struct subject *subject, time_t now)
{
	if (use->unmatched == 0) {
		return;
	}
	uint64_t hash = hash_of(action, subject);
	uint64_t *slot = &use->seen[hash >> 1 & (SEEN_SLOTS - 1)];
	if (*slot == hash) {
		return;
	}
	*slot = hash;
	const struct rule *matches[MATCHES_MAX];
	size_t count =
		rule_index_matches(index, action, subject, now, matches, MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		rule_use_note_rule(use, matches[i]);
	}
}

const struct rule *rule_use_unmatched(const struct rule_use *use, size_t index)
{
	for (size_t i = 0; i < use->rules.count; i++) {
		if (!use->matched[i] && index-- == 0) {
			return &use->rules.rules[i];
		}
	}
	return NULL;
}
