/* SPDX-License-Identifier: MIT */
/*
 * A rule may be chosen before a wider one turns out to be needed for other examples: then
 * the wider one says it all, and takes the narrower one's examples as its evidence.
 */
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

/* The rule that goes with a tree goes on asking about what is hidden in it. */
static bool is_hidden(const struct candidate *inner, const struct candidate *outer)
{
	const char *pattern = inner->rule.pattern;
	const char *tree = strstr(outer->rule.pattern, "/**");
	size_t length = tree ? (size_t)(tree - outer->rule.pattern) : 0;
	bool is_below = strncmp(pattern, outer->rule.pattern, length) == 0;

	return strstr(is_below ? pattern + length : pattern, "/.") != NULL;
}

static bool is_in_force(const struct candidate *candidate)
{
	return candidate->is_chosen && !candidate->is_dropped;
}

static bool is_needless(const struct learner *learner, const struct candidate *inner,
	const struct candidate *outer)
{
	return is_in_force(inner) && is_in_force(outer) &&
	       candidates_are_comparable(outer, inner) && !is_hidden(inner, outer) &&
	       candidate_covers(learner, outer, inner) &&
	       !candidate_covers(learner, inner, outer);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Numbers of examples rise, and each is there once. */
static void take_examples(struct candidate *outer, const struct candidate *inner)
{
	size_t kept = 0;

	for (size_t i = 0; i < inner->count; i++) {
		outer->examples = learn_grow(outer->examples, outer->count,
			&outer->capacity, sizeof(uint32_t));
		outer->examples[outer->count++] = inner->examples[i];
	}
	qsort(outer->examples, outer->count, sizeof(uint32_t), compare_numbers);
	for (size_t i = 0; i < outer->count; i++) {
		if (kept == 0 || outer->examples[i] != outer->examples[kept - 1]) {
			outer->examples[kept++] = outer->examples[i];
		}
	}
	outer->count = kept;
}

void learn_prune(struct learner *learner)
{
	struct candidate **chosen =
		xcalloc(learner->candidate_count + 1, sizeof(*chosen));
	size_t count = 0;

	for (size_t i = 0; i < learner->candidate_count; i++) {
		if (is_in_force(learner->candidates[i])) {
			chosen[count++] = learner->candidates[i];
		}
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			if (is_needless(learner, chosen[i], chosen[j])) {
				take_examples(chosen[j], chosen[i]);
				chosen[i]->is_chosen = false;
			}
		}
	}
	free(chosen);
}
