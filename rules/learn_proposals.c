/* SPDX-License-Identifier: MIT */
/* Chosen candidates as proposals: verbs joined, evidence counted, expectations made. */
#include "base/error.h"
#include "base/xalloc.h"
#include "rules/learn_internal.h"
#include "rules/printer.h"

#include <stdlib.h>

enum {
	EXPECTED_PER_PROPOSAL = 3,
	EXPECTED_DENIALS_MAX = 20,
	EXPECTED_ASKED_MAX = 10,
};

/* Only what nobody allowed yet is worth a rule for just itself. */
static bool says_something_new(
	const struct learner *learner, const struct candidate *candidate)
{
	if (candidate->width != WIDTH_EXACT) {
		return true;
	}
	for (size_t i = 0; i < candidate->count; i++) {
		if (!learner->examples[candidate->examples[i] - 1]
				->is_allowed_already) {
			return true;
		}
	}
	return false;
}

/* One program alone reached this host: others are still asked. */
static void limit_to_program(const struct learner *learner,
	const struct candidate *candidate, struct rule *rule)
{
	struct text only = {NULL, 0};

	if (rule->verbs != 1U << VERB_CONNECT || rule->by) {
		return;
	}
	for (size_t i = 0; i < candidate->count; i++) {
		const struct example *example =
			&learner->examples[candidate->examples[i] - 1]->example;

		for (size_t j = 0; j < example->count; j++) {
			const struct subject *subject = example->records[j]->subject;
			struct text program = subject->script.length > 0
						      ? subject->script
						      : subject->program;

			if (program.length == 0 ||
				(only.bytes && !text_equal(only, program))) {
				return;
			}
			only = program;
		}
	}
	if (only.bytes) {
		rule->by = pattern_quote_literal(only);
	}
}

static bool differs_in_verbs_only(const struct rule *a, const struct rule *b)
{
	struct rule same = *a; /* borrows everything */

	same.verbs = b->verbs;
	return rule_equal(&same, b);
}

static struct proposal *find_proposal(
	struct learned *learned, const struct rule_list *rules, bool is_unreviewed)
{
	for (size_t i = 0; i < learned->count; i++) {
		struct proposal *proposal = &learned->proposals[i];

		if (proposal->is_unreviewed == is_unreviewed &&
			proposal->rules.count == rules->count &&
			differs_in_verbs_only(
				&proposal->rules.rules[0], &rules->rules[0])) {
			return proposal;
		}
	}
	return NULL;
}

static void add_examples(const struct learner *learner,
	const struct candidate *candidate, struct proposal *proposal)
{
	proposal->examples = xreallocarray(proposal->examples,
		proposal->example_count + candidate->count, sizeof(struct example *));
	for (size_t i = 0; i < candidate->count; i++) {
		proposal->examples[proposal->example_count++] =
			&learner->examples[candidate->examples[i] - 1]->example;
	}
}

static void add_candidate(
	struct learner *learner, size_t number, struct learned *learned)
{
	const struct candidate *candidate = learner->candidates[number];
	struct rule_list rules = {0};

	candidate_rules(candidate, number, &rules);
	limit_to_program(learner, candidate, &rules.rules[0]);
	for (size_t i = 0; i < rules.count; i++) {
		rules.rules[i].id = 0;
	}
	struct proposal *proposal =
		find_proposal(learned, &rules, candidate->is_unreviewed);
	if (proposal) {
		for (size_t i = 0; i < rules.count; i++) {
			proposal->rules.rules[i].verbs |= rules.rules[i].verbs;
		}
		rule_list_finish(&rules);
	} else {
		learned->proposals = xreallocarray(learned->proposals,
			learned->count + 1, sizeof(*learned->proposals));
		proposal = &learned->proposals[learned->count++];
		*proposal = (struct proposal){
			.rules = rules, .is_unreviewed = candidate->is_unreviewed};
	}
	add_examples(learner, candidate, proposal);
	proposal->candidates = xreallocarray(
		proposal->candidates, proposal->candidate_count + 1, sizeof(uint32_t));
	proposal->candidates[proposal->candidate_count++] = (uint32_t)number;
}

/* ---- Counting and order ---- */

static int number_compare(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : (x[1] < y[1] ? -1 : x[1] > y[1]);
}

static void count_evidence(struct proposal *proposal)
{
	size_t count = 0;

	for (size_t i = 0; i < proposal->example_count; i++) {
		count += proposal->examples[i]->count;
	}
	int64_t(*pairs)[2] = xcalloc(count + 1, sizeof(*pairs));
	count = 0;
	for (size_t i = 0; i < proposal->example_count; i++) {
		const struct example *example = proposal->examples[i];

		for (size_t j = 0; j < example->count; j++) {
			proposal->events += example->records[j]->count;
			pairs[count][0] = example->records[j]->session;
			pairs[count++][1] = example->records[j]->question;
		}
	}
	qsort(pairs, count, sizeof(*pairs), number_compare);
	for (size_t i = 0; i < count; i++) {
		bool is_new = i == 0 || number_compare(pairs[i], pairs[i - 1]) != 0;

		proposal->sessions += i == 0 || pairs[i][0] != pairs[i - 1][0];
		proposal->answers += is_new && pairs[i][1] != 0;
	}
	free(pairs);
}

/* Reviewed first, then by kind of object, then by text: stable from run to run. */
static int proposal_compare(const void *a, const void *b)
{
	const struct proposal *x = a;
	const struct proposal *y = b;
	int kind_x = __builtin_ctz(x->rules.rules[0].verbs) / (VERB_META + 1);
	int kind_y = __builtin_ctz(y->rules.rules[0].verbs) / (VERB_META + 1);

	if (x->is_unreviewed != y->is_unreviewed) {
		return x->is_unreviewed ? 1 : -1;
	}
	return kind_x != kind_y
		       ? kind_x - kind_y
		       : strcmp(x->rules.rules[0].pattern, y->rules.rules[0].pattern);
}

/* ---- Expectations ---- */

/* The verdict that an expectation would see: of nobody, or of the named program. */
static enum verdict expected_verdict(const struct learner *learner, size_t place,
	const struct recorded_action *recorded, bool has_by)
{
	struct subject subject = {
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS, .code = CODE_NONE};

	if (has_by) {
		subject.program = recorded->subject->script.length > 0
					  ? recorded->subject->script
					  : recorded->subject->program;
	}
	return rule_index_judge(learner->places[place].combined, &recorded->action,
		&subject, learner->now)
		.verdict;
}

static void expect(struct learned *learned, const struct rule *exact,
	enum verdict verdict, const char *by)
{
	struct rule rule;

	rule_copy(&rule, exact);
	rule.kind = RULE_EXPECT;
	rule.verdict = verdict;
	if (by && !rule.by) {
		rule.by = xstrdup(by);
	}
	for (size_t i = 0; i < learned->expectations.count; i++) {
		if (rule_equal(&learned->expectations.rules[i], &rule)) {
			rule_finish(&rule);
			return;
		}
	}
	rule_list_take(&learned->expectations, &rule);
}

static size_t place_of(const struct recorded_action *recorded)
{
	/* A record begins with what was recorded. */
	return ((const struct record *)(const void *)recorded)->place;
}

static void expect_allowed(const struct learner *learner,
	const struct proposal *proposal, struct learned *learned)
{
	const char *by = proposal->rules.rules[0].by;
	size_t step = proposal->example_count / EXPECTED_PER_PROPOSAL + 1;

	for (size_t i = 0; i < proposal->example_count; i += step) {
		const struct example *example = proposal->examples[i];
		const struct recorded_action *recorded = example->records[0];

		if (!example->exact.under &&
			expected_verdict(learner, place_of(recorded), recorded,
				by != NULL) == VERDICT_ALLOW) {
			expect(learned, &example->exact, VERDICT_ALLOW, by);
		}
	}
}

static void expect_denials(const struct learner *learner, struct learned *learned)
{
	size_t first = learned->expectations.count;

	for (size_t i = 0; i < learner->record_count; i++) {
		const struct record *record = learner->records[i];
		const struct recorded_action *recorded = &record->recorded;
		struct rule exact;

		if (learned->expectations.count - first >= EXPECTED_DENIALS_MAX) {
			return;
		}
		if (!record->is_source || recorded->by != RECORDED_BY_PERSON ||
			recorded->verdict != VERDICT_DENY || recorded->is_partial) {
			continue;
		}
		enum verdict verdict =
			expected_verdict(learner, record->place, recorded, false);
		generalise_exact(&recorded->action,
			learner->places[record->place].variables, &exact);
		if (verdict != VERDICT_ALLOW) {
			expect(learned, &exact, verdict, NULL);
		}
		rule_finish(&exact);
	}
}

static void expect_asked(const struct learner *learner, struct learned *learned)
{
	for (size_t i = 0; i < learned->kept_count && i < EXPECTED_ASKED_MAX; i++) {
		const struct example *example = learned->kept[i];
		const struct recorded_action *recorded = example->records[0];
		enum verdict verdict =
			expected_verdict(learner, place_of(recorded), recorded, false);

		if (verdict == VERDICT_ASK) {
			expect(learned, &example->exact, verdict, NULL);
		}
	}
}

unsigned proposal_vectors(const struct proposal *proposal)
{
	unsigned vectors = 0;

	for (size_t i = 0; i < proposal->example_count; i++) {
		const struct example *example = proposal->examples[i];

		for (size_t j = 0; j < example->count; j++) {
			vectors |= example->records[j]->vectors;
		}
	}
	return vectors;
}

void learn_free_proposals(struct learned *learned)
{
	for (size_t i = 0; i < learned->count; i++) {
		rule_list_finish(&learned->proposals[i].rules);
		free(learned->proposals[i].examples);
		free(learned->proposals[i].candidates);
	}
	free(learned->proposals);
	learned->proposals = NULL;
	learned->count = 0;
	rule_list_finish(&learned->expectations);
}

void learn_make_proposals(struct learner *learner, struct learned *learned)
{
	for (size_t i = 0; i < learner->candidate_count; i++) {
		const struct candidate *candidate = learner->candidates[i];

		if (candidate->is_chosen && !candidate->is_dropped &&
			says_something_new(learner, candidate)) {
			add_candidate(learner, i, learned);
		}
	}
	for (size_t i = 0; i < learned->count; i++) {
		count_evidence(&learned->proposals[i]);
	}
	if (learned->count > 0) {
		qsort(learned->proposals, learned->count, sizeof(struct proposal),
			proposal_compare);
	}
	for (size_t i = 0; i < learned->count; i++) {
		expect_allowed(learner, &learned->proposals[i], learned);
	}
	expect_denials(learner, learned);
	expect_asked(learner, learned);
}
