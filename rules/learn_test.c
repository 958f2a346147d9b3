/* SPDX-License-Identifier: MIT */
/*
 * The last word: everything recorded is judged again with the proposals in force. What
 * lets a denial through, or asks about what was allowed before, is dropped.
 */
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

enum { LEARNED_ID = 1000000000 }; /* ids below its negative are of candidates */

/* "F/ **" and "F/ ** / *.c" (without the spaces) to the same in a hidden folder. */
static char *hidden_pattern(const char *pattern)
{
	const char *depth = strstr(pattern, "/**");

	return xasprintf("%.*s/**/.*%s", (int)(depth - pattern), pattern, depth);
}

void candidate_rules(
	const struct candidate *candidate, size_t number, struct rule_list *list)
{
	struct rule rule;

	rule_copy(&rule, &candidate->rule);
	rule.id = -(int64_t)(LEARNED_ID + number);
	rule_list_take(list, &rule);
	if (candidate->has_hidden) {
		rule_copy(&rule, &candidate->rule);
		rule.id = -(int64_t)(LEARNED_ID + number);
		rule.verdict = VERDICT_ASK;
		free(rule.pattern);
		rule.pattern = hidden_pattern(candidate->rule.pattern);
		rule_list_take(list, &rule);
	}
}

static struct candidate *candidate_of(
	const struct learner *learner, const struct rule *rule)
{
	return rule && rule->id <= -LEARNED_ID
		       ? learner->candidates[-rule->id - LEARNED_ID]
		       : NULL;
}

static void compile(struct learner *learner)
{
	struct rule_list learned = {0};

	for (size_t i = 0; i < learner->candidate_count; i++) {
		const struct candidate *candidate = learner->candidates[i];

		if (candidate->is_chosen && !candidate->is_dropped) {
			candidate_rules(candidate, i, &learned);
		}
	}
	for (size_t i = 0; i < learner->place_count; i++) {
		struct place *place = &learner->places[i];
		size_t count = place->rules->count + learned.count;
		/* Both lists lend their rules. */
		struct rule_list both = {
			xcalloc(count + 1, sizeof(struct rule)), count, count};

		for (size_t j = 0; j < count; j++) {
			both.rules[j] =
				j < learned.count
					? learned.rules[j]
					: place->rules->rules[j - learned.count];
		}
		rule_index_destroy(place->combined);
		rule_index_destroy(place->learned);
		place->combined = rule_index_create(&both, place->variables);
		place->learned = rule_index_create(&learned, place->variables);
		free(both.rules);
	}
	rule_list_finish(&learned);
}

/* NULL, or the candidate that makes this action worse. */
static struct candidate *culprit(
	const struct learner *learner, const struct record *record)
{
	const struct place *place = &learner->places[record->place];
	const struct recorded_action *recorded = &record->recorded;
	struct judgement learned = rule_index_judge(
		place->learned, &recorded->action, recorded->subject, learner->now);

	if (!learned.rule) {
		return NULL;
	}
	struct rejudged before = back_test_judge(place->index, recorded, learner->now);
	struct rejudged after =
		back_test_judge(place->combined, recorded, learner->now);
	bool is_let_through = back_test_lets_through(recorded, &after) &&
			      !back_test_lets_through(recorded, &before);
	bool is_taken_away = before.outcome != BACK_TEST_UNKNOWN &&
			     before.after == VERDICT_ALLOW &&
			     after.after != VERDICT_ALLOW;
	return is_let_through || is_taken_away ? candidate_of(learner, after.rule)
					       : NULL;
}

static bool drop_culprits(struct learner *learner)
{
	bool is_good = true;

	for (size_t i = 0; i < learner->record_count; i++) {
		struct candidate *candidate = culprit(learner, learner->records[i]);

		if (candidate && !candidate->is_dropped) {
			candidate->is_dropped = true;
			learner->totals.dropped++;
			is_good = false;
		}
	}
	return is_good;
}

/* ---- Questions ---- */

struct asked {
	int64_t session, question;
	bool is_allowed_before, is_allowed_after;
};

static int asked_compare(const void *a, const void *b)
{
	const struct asked *x = a;
	const struct asked *y = b;

	if (x->session != y->session) {
		return x->session < y->session ? -1 : 1;
	}
	return x->question < y->question ? -1 : x->question > y->question;
}

/* A question is saved if every action of it is allowed now. */
static void count_asked(
	const struct asked *asked, size_t count, struct learn_totals *totals)
{
	for (size_t i = 0; i < count;) {
		bool before = true;
		bool after = true;
		size_t first = i;

		while (i < count && asked_compare(&asked[first], &asked[i]) == 0) {
			before = before && asked[i].is_allowed_before;
			after = after && asked[i].is_allowed_after;
			i++;
		}
		totals->questions++;
		totals->questions_answered += before;
		totals->questions_saved += after && !before;
	}
}

static void count_questions(struct learner *learner)
{
	struct asked *asked = xcalloc(learner->record_count + 1, sizeof(*asked));
	size_t count = 0;

	for (size_t i = 0; i < learner->record_count; i++) {
		const struct record *record = learner->records[i];
		const struct recorded_action *recorded = &record->recorded;
		const struct place *place = &learner->places[record->place];
		struct rejudged before =
			back_test_judge(place->index, recorded, learner->now);

		learner->totals.unknown +=
			before.outcome == BACK_TEST_UNKNOWN ? recorded->count : 0;
		bool is_denial = recorded->verdict != VERDICT_ALLOW;

		if (recorded->question == 0 && !is_denial) {
			continue;
		}
		struct rejudged after =
			back_test_judge(place->combined, recorded, learner->now);
		if (back_test_lets_through(recorded, &after) &&
			!back_test_lets_through(recorded, &before)) {
			learner->totals.let_through += recorded->count;
		}
		if (recorded->question == 0) {
			continue;
		}
		asked[count++] = (struct asked){
			.session = recorded->session,
			.question = recorded->question,
			.is_allowed_before = before.outcome != BACK_TEST_UNKNOWN &&
					     before.after == VERDICT_ALLOW,
			.is_allowed_after = after.outcome != BACK_TEST_UNKNOWN &&
					    after.after == VERDICT_ALLOW,
		};
	}
	qsort(asked, count, sizeof(*asked), asked_compare);
	count_asked(asked, count, &learner->totals);
	free(asked);
}

const struct record *learn_test_again(struct learner *learner)
{
	struct learn_totals *totals = &learner->totals;

	compile(learner);
	for (size_t i = 0; i < learner->record_count; i++) {
		if (culprit(learner, learner->records[i])) {
			return learner->records[i];
		}
	}
	totals->questions = 0;
	totals->questions_answered = 0;
	totals->questions_saved = 0;
	totals->unknown = 0;
	totals->let_through = 0;
	count_questions(learner);
	return NULL;
}

void learn_test(struct learner *learner)
{
	do {
		compile(learner);
	} while (!drop_culprits(learner));
	count_questions(learner);
}
