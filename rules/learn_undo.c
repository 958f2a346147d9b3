/* SPDX-License-Identifier: MIT */
/* Changes of proposals taken back: what was chosen before each is remembered. */
#include "rules/learn_internal.h"

#include <stdlib.h>

void learn_remember(struct learner *learner, const bool *chosen, size_t at)
{
	struct past_choice past = {.at = at};
	size_t capacity = 0;

	for (size_t i = 0; i < learner->candidate_count; i++) {
		if (chosen[i]) {
			past.chosen = learn_grow(
				past.chosen, past.count, &capacity, sizeof(uint32_t));
			past.chosen[past.count++] = (uint32_t)i;
		}
	}
	learner->past = learn_grow(learner->past, learner->past_count,
		&learner->past_capacity, sizeof(past));
	learner->past[learner->past_count++] = past;
}

void learn_free_past(struct learner *learner)
{
	for (size_t i = 0; i < learner->past_count; i++) {
		free(learner->past[i].chosen);
	}
	free(learner->past);
}

/* It passed the test before, on the same recordings. */
bool learned_undo(
	struct learner *learner, struct learned *learned, size_t *at, struct error *err)
{
	if (learner->past_count == 0) {
		return error_set(err, ERROR_NOT_FOUND, "there is nothing to take back");
	}
	const struct past_choice past = learner->past[--learner->past_count];
	for (size_t i = 0; i < learner->candidate_count; i++) {
		learner->candidates[i]->is_chosen = false;
		learner->candidates[i]->is_dropped = false;
	}
	for (size_t i = 0; i < past.count; i++) {
		learner->candidates[past.chosen[i]]->is_chosen = true;
	}
	free(past.chosen);
	const struct record *worse = learn_test_again(learner);
	invariant(!worse);
	learn_free_proposals(learned);
	learn_make_proposals(learner, learned);
	learned->totals = learner->totals;
	*at = past.at;
	return true;
}
