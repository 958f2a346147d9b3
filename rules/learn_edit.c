/* SPDX-License-Identifier: MIT */
/*
 * What a person makes of proposals: each stands for chosen candidates, and a change
 * chooses others among all that were found.
 */
#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/learn_internal.h"
#include "rules/pattern_overlap.h"

#include <stdlib.h>

/* Numbers of candidates. */
struct numbers {
	uint32_t *items;
	size_t count, capacity;
};

struct edit {
	struct learner *learner;
	size_t at; /* the proposal that is changed */
	struct numbers off, on;
};

static void numbers_add(struct numbers *numbers, uint32_t number)
{
	numbers->items = learn_grow(
		numbers->items, numbers->count, &numbers->capacity, sizeof(uint32_t));
	numbers->items[numbers->count++] = number;
}

bool candidate_refuse(const struct record *denied, struct error *err)
{
	const struct recorded_action *recorded = &denied->recorded;
	char *object = escape_copy(recorded->action.object);
	bool is_denial = recorded->verdict != VERDICT_ALLOW;

	(void)error_set(err, ERROR_REFUSED, "that would %s: %s %s (event %lld.%lld)",
		is_denial ? "allow what was denied" : "ask about what is allowed",
		verb_name(recorded->action.verb), object, (long long)recorded->session,
		(long long)recorded->event);
	free(object);
	return false;
}

/* ---- Which candidates lie around one ---- */

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* About the same verb and program, and not the same one. */
bool candidates_are_comparable(const struct candidate *a, const struct candidate *b)
{
	return a != b && a->rule.verbs == b->rule.verbs &&
	       a->is_unreviewed == b->is_unreviewed &&
	       same_name(a->rule.by, b->rule.by) &&
	       same_name(a->rule.under, b->rule.under);
}

/* Numbers of examples rise. */
static bool has_examples_of(const struct candidate *a, const struct candidate *b)
{
	size_t at = 0;

	for (size_t i = 0; i < b->count; i++) {
		while (at < a->count && a->examples[at] < b->examples[i]) {
			at++;
		}
		if (at == a->count || a->examples[at] != b->examples[i]) {
			return false;
		}
	}
	return true;
}

bool candidate_covers(const struct learner *learner, const struct candidate *outer,
	const struct candidate *inner)
{
	const struct place *place =
		&learner->places[learner->examples[inner->examples[0] - 1]->place];
	struct pattern wide, narrow;
	bool is_covered = false;

	if (!pattern_compile(&outer->rule, place->variables, &wide)) {
		return false;
	}
	if (pattern_compile(&inner->rule, place->variables, &narrow)) {
		is_covered = pattern_covers(&wide, &narrow);
		pattern_finish(&narrow);
	}
	pattern_finish(&wide);
	return is_covered;
}

static bool is_wider(const struct learner *learner, const struct candidate *outer,
	const struct candidate *inner)
{
	return candidate_covers(learner, outer, inner) &&
	       !candidate_covers(learner, inner, outer);
}

/* Of two that lie on the same side, whether a is nearer to what lies below both. */
static bool is_narrower(const struct candidate *a, const struct candidate *b)
{
	if (a->width != b->width) {
		return a->width < b->width;
	}
	return a->count != b->count ? a->count < b->count : strcmp(a->key, b->key) < 0;
}

/* The nearest that covers more, or less; the number of candidates: there is none. */
static size_t find_next(
	const struct learner *learner, const struct candidate *from, bool wider)
{
	const struct candidate *best = NULL;
	size_t found = learner->candidate_count;

	for (size_t i = 0; i < learner->candidate_count; i++) {
		const struct candidate *other = learner->candidates[i];

		if (other->count < from->count ||
			!candidates_are_comparable(from, other) ||
			!has_examples_of(other, from)) {
			continue;
		}
		if (wider ? !is_wider(learner, other, from)
			  : !is_wider(learner, from, other)) {
			continue;
		}
		if (!best || is_narrower(other, best) == wider) {
			best = other;
			found = i;
		}
	}
	return found;
}

/* ---- Changes ---- */

/* Chosen ones that the candidate covers are no longer needed. */
static void take_over(struct edit *edit, const struct candidate *candidate)
{
	for (size_t i = 0; i < edit->learner->candidate_count; i++) {
		const struct candidate *other = edit->learner->candidates[i];

		if (other->is_chosen && !other->is_dropped &&
			candidates_are_comparable(candidate, other) &&
			candidate_covers(edit->learner, candidate, other)) {
			numbers_add(&edit->off, (uint32_t)i);
		}
	}
}

static bool move_to_next(
	struct edit *edit, uint32_t number, bool wider, struct error *err)
{
	const struct learner *learner = edit->learner;
	size_t next = find_next(learner, learner->candidates[number], wider);

	if (next == learner->candidate_count) {
		return error_set(err, ERROR_NOT_FOUND,
			wider ? "there is no wider rule for this"
			      : "there is no narrower rule for all of its examples; "
				"split it");
	}
	if (!candidate_check(learner, learner->candidates[next], err)) {
		return false;
	}
	numbers_add(&edit->off, number);
	numbers_add(&edit->on, (uint32_t)next);
	if (wider) {
		take_over(edit, learner->candidates[next]);
	}
	return true;
}

static void set_left(
	const struct learner *learner, const struct candidate *candidate, bool is_left)
{
	for (size_t i = 0; i < candidate->count; i++) {
		learner->examples[candidate->examples[i] - 1]->is_left = is_left;
	}
}

static size_t count_left(
	const struct learner *learner, const struct candidate *candidate)
{
	size_t count = 0;

	for (size_t i = 0; i < candidate->count; i++) {
		count += learner->examples[candidate->examples[i] - 1]->is_left;
	}
	return count;
}

/* The narrower one that covers most of what is left, but not all of the whole. */
static size_t find_part(const struct learner *learner, const struct numbers *narrower,
	const struct candidate *whole)
{
	size_t most = 0;
	size_t found = learner->candidate_count;

	for (size_t i = 0; i < narrower->count; i++) {
		const struct candidate *part = learner->candidates[narrower->items[i]];
		size_t count = count_left(learner, part);
		bool is_better = count > most ||
				 (count == most && count > 0 &&
					 is_narrower(part, learner->candidates[found]));

		if (is_better && !has_examples_of(part, whole)) {
			most = count;
			found = narrower->items[i];
		}
	}
	return found;
}

static void find_narrower(const struct learner *learner, const struct candidate *whole,
	struct numbers *narrower)
{
	for (size_t i = 0; i < learner->candidate_count; i++) {
		const struct candidate *other = learner->candidates[i];

		if (candidates_are_comparable(whole, other) &&
			candidate_has_enough_examples(other) &&
			is_wider(learner, whole, other) &&
			candidate_check(learner, other, NULL)) {
			numbers_add(narrower, (uint32_t)i);
		}
	}
}

static bool split(struct edit *edit, uint32_t number, struct error *err)
{
	const struct learner *learner = edit->learner;
	const struct candidate *whole = learner->candidates[number];
	struct numbers narrower = {0};
	size_t before = edit->on.count;
	size_t part;

	if (whole->count < 2) {
		return error_set(
			err, ERROR_NOT_FOUND, "it stands for one action; drop it");
	}
	find_narrower(learner, whole, &narrower);
	set_left(learner, whole, true);
	/* What is left at the end a person allowed already, by a rule of its own. */
	while ((part = find_part(learner, &narrower, whole)) !=
		learner->candidate_count) {
		numbers_add(&edit->on, (uint32_t)part);
		set_left(learner, learner->candidates[part], false);
	}
	set_left(learner, whole, false);
	free(narrower.items);
	if (edit->on.count == before) {
		return error_set(err, ERROR_NOT_FOUND, "it cannot be split");
	}
	numbers_add(&edit->off, number);
	return true;
}

static bool find_change(struct edit *edit, enum proposal_change change, uint32_t number,
	struct error *err)
{
	switch (change) {
	case PROPOSAL_WIDEN:
		return move_to_next(edit, number, true, err);
	case PROPOSAL_NARROW:
		return move_to_next(edit, number, false, err);
	case PROPOSAL_SPLIT:
		return split(edit, number, err);
	case PROPOSAL_DROP:
		numbers_add(&edit->off, number);
		return true;
	}
	return false;
}

/* ---- Carrying them out ---- */

static void keep_state(const struct learner *learner, bool *chosen)
{
	for (size_t i = 0; i < learner->candidate_count; i++) {
		const struct candidate *candidate = learner->candidates[i];

		chosen[i] = candidate->is_chosen && !candidate->is_dropped;
	}
}

static void set_state(struct learner *learner, const bool *chosen)
{
	for (size_t i = 0; i < learner->candidate_count; i++) {
		learner->candidates[i]->is_chosen = chosen[i];
		learner->candidates[i]->is_dropped = false;
	}
}

static bool apply(const struct edit *edit, struct error *err)
{
	struct learner *learner = edit->learner;
	bool *before = xcalloc(learner->candidate_count + 1, sizeof(*before));
	bool *after = xcalloc(learner->candidate_count + 1, sizeof(*after));

	keep_state(learner, before);
	keep_state(learner, after);
	for (size_t i = 0; i < edit->off.count; i++) {
		after[edit->off.items[i]] = false;
	}
	for (size_t i = 0; i < edit->on.count; i++) {
		after[edit->on.items[i]] = true;
	}
	set_state(learner, after);
	const struct record *worse = learn_test_again(learner);
	if (worse) {
		set_state(learner, before);
		(void)learn_test_again(learner);
		(void)candidate_refuse(worse, err);
	} else {
		learn_remember(learner, before, edit->at);
	}
	free(before);
	free(after);
	return !worse;
}

static bool has_candidate(const struct proposal *proposal, uint32_t number)
{
	for (size_t i = 0; i < proposal->candidate_count; i++) {
		if (proposal->candidates[i] == number) {
			return true;
		}
	}
	return false;
}

static size_t find_changed(
	const struct learned *learned, const struct edit *edit, size_t otherwise)
{
	for (size_t i = 0; edit->on.count > 0 && i < learned->count; i++) {
		if (has_candidate(&learned->proposals[i], edit->on.items[0])) {
			return i;
		}
	}
	return otherwise < learned->count ? otherwise
	       : learned->count > 0	  ? learned->count - 1
					  : 0;
}

/* Of several verbs those that have no such rule of their own stay as they are. */
bool learned_change(struct learner *learner, struct learned *learned,
	enum proposal_change change, size_t *at, struct error *err)
{
	const struct proposal *proposal = &learned->proposals[*at];
	struct edit edit = {.learner = learner, .at = *at};
	struct error why = {0};
	size_t found = 0;

	for (size_t i = 0; i < proposal->candidate_count; i++) {
		found += find_change(&edit, change, proposal->candidates[i], &why);
	}
	bool is_done = found > 0 ? apply(&edit, err)
				 : error_set(err, why.code, "%s", why.text);
	if (is_done) {
		learn_free_proposals(learned);
		learn_make_proposals(learner, learned);
		learned->totals = learner->totals;
		*at = find_changed(learned, &edit, *at);
	}
	free(edit.off.items);
	free(edit.on.items);
	return is_done;
}
