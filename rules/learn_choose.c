/* SPDX-License-Identifier: MIT */
/*
 * Few candidates that cover all examples: always the one that covers most of what is
 * left, the narrower of equals, as long as nothing speaks against it.
 */
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

struct heap {
	struct candidate **items;
	size_t count;
};

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->uncovered != b->uncovered) {
		return a->uncovered > b->uncovered;
	}
	if (a->width != b->width) {
		return a->width < b->width;
	}
	if (a->count != b->count) {
		return a->count < b->count; /* nearer to what is left */
	}
	return strcmp(a->key, b->key) < 0;
}

static void heap_sink(struct heap *heap, size_t at)
{
	for (;;) {
		size_t best = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < heap->count &&
				is_better(heap->items[child], heap->items[best])) {
				best = child;
			}
		}
		if (best == at) {
			return;
		}
		struct candidate *moved = heap->items[at];
		heap->items[at] = heap->items[best];
		heap->items[best] = moved;
		at = best;
	}
}

static size_t count_uncovered(
	const struct learner *learner, const struct candidate *candidate)
{
	size_t count = 0;

	for (size_t i = 0; i < candidate->count; i++) {
		count += !learner->examples[candidate->examples[i] - 1]->is_covered;
	}
	return count;
}

bool candidate_has_enough_examples(const struct candidate *candidate)
{
	size_t doubled = 0;

	if (candidate->count < candidate->min_examples) {
		return false;
	}
	for (size_t i = 0; i < candidate->part_count; i++) {
		doubled += candidate->part_examples[i] >= 2;
	}
	return candidate->part_count >= candidate->min_parts ||
	       (candidate->balances_parts && doubled >= 2);
}

/* Denied by anybody but the absence of people. */
static bool is_denial(const struct record *record)
{
	const struct recorded_action *recorded = &record->recorded;

	return recorded->verdict != VERDICT_ALLOW && recorded->verdict != VERDICT_ASK &&
	       recorded->by != RECORDED_BY_HEADLESS && !recorded->is_taken_back;
}

/* The first denial that it matches; NULL: none. */
static const struct record *matching_denial(const struct learner *learner,
	const struct candidate *candidate, const struct record *const *denials,
	size_t count)
{
	struct rule_list list = {
		.rules = (struct rule *)(uintptr_t)&candidate->rule, .count = 1};
	const struct record *match = NULL;

	for (size_t place = 0; place < learner->place_count && !match; place++) {
		struct rule_index *index =
			rule_index_create(&list, learner->places[place].variables);

		for (size_t i = 0; i < count && !match; i++) {
			const struct recorded_action *denied = &denials[i]->recorded;

			if (denials[i]->place == place &&
				rule_index_judge(index, &denied->action,
					denied->subject, learner->now)
					.rule) {
				match = denials[i];
			}
		}
		rule_index_destroy(index);
	}
	return match;
}

static bool is_guarded(const struct learner *learner, const struct candidate *candidate)
{
	for (size_t i = 0; i < learner->place_count; i++) {
		if (place_is_guarded(&learner->places[i], &candidate->rule,
			    candidate->has_hidden)) {
			return true;
		}
	}
	return false;
}

struct denials {
	const struct record **of_verb[VERB_COUNT];
	size_t counts[VERB_COUNT];
};

static void find_denials(const struct learner *learner, struct denials *denials)
{
	for (size_t i = 0; i < learner->record_count; i++) {
		const struct record *record = learner->records[i];
		enum verb verb = record->recorded.action.verb;
		size_t count = denials->counts[verb];

		if (!is_denial(record)) {
			continue;
		}
		if ((count & (count - 1)) == 0) { /* full at powers of two */
			denials->of_verb[verb] = xreallocarray(denials->of_verb[verb],
				count ? count * 2 : 1, sizeof(struct record *));
		}
		denials->of_verb[verb][denials->counts[verb]++] = record;
	}
}

static void finish_denials(struct denials *denials)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		free(denials->of_verb[i]);
	}
}

static bool may_be_chosen(const struct learner *learner,
	const struct candidate *candidate, const struct denials *denials)
{
	enum verb verb = (enum verb)__builtin_ctz(candidate->rule.verbs);

	return (candidate->width == WIDTH_EXACT || !is_guarded(learner, candidate)) &&
	       !matching_denial(learner, candidate, denials->of_verb[verb],
		       denials->counts[verb]);
}

bool candidate_check(const struct learner *learner, const struct candidate *candidate,
	struct error *err)
{
	enum verb verb = (enum verb)__builtin_ctz(candidate->rule.verbs);
	struct denials denials = {0};

	if (candidate->width != WIDTH_EXACT && is_guarded(learner, candidate)) {
		return error_set(err, ERROR_REFUSED,
			"that would decide where another rule asks or denies");
	}
	find_denials(learner, &denials);
	const struct record *denied = matching_denial(
		learner, candidate, denials.of_verb[verb], denials.counts[verb]);
	finish_denials(&denials);
	return !denied || candidate_refuse(denied, err);
}

static void cover(struct learner *learner, const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->count; i++) {
		learner->examples[candidate->examples[i] - 1]->is_covered = true;
	}
}

static void choose_best(
	struct learner *learner, struct heap *heap, const struct denials *denials)
{
	while (heap->count > 0) {
		struct candidate *best = heap->items[0];
		size_t uncovered = count_uncovered(learner, best);

		if (uncovered > 0 && uncovered < best->uncovered) {
			best->uncovered = uncovered;
			heap_sink(heap, 0);
			continue;
		}
		if (uncovered > 0 && may_be_chosen(learner, best, denials)) {
			best->is_chosen = true;
			cover(learner, best);
		}
		heap->items[0] = heap->items[--heap->count];
		heap_sink(heap, 0);
	}
}

void learn_choose(struct learner *learner, bool unreviewed)
{
	struct heap heap = {
		xcalloc(learner->candidate_count + 1, sizeof(struct candidate *)), 0};
	struct denials denials = {0};

	find_denials(learner, &denials);
	for (size_t i = 0; i < learner->candidate_count; i++) {
		struct candidate *candidate = learner->candidates[i];

		candidate->uncovered = count_uncovered(learner, candidate);
		if (candidate->uncovered > 0 &&
			candidate_has_enough_examples(candidate) &&
			candidate->is_unreviewed == unreviewed) {
			heap.items[heap.count++] = candidate;
		}
	}
	for (size_t i = heap.count / 2 + 1; i-- > 0;) {
		heap_sink(&heap, i);
	}
	choose_best(learner, &heap, &denials);
	finish_denials(&denials);
	free(heap.items);
}
