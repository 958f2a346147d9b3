/* SPDX-License-Identifier: MIT */
/*
 * Recordings made by chance: of several sessions each is left out once, the rules are
 * learned from the others, and none of them may allow what a person denied in any.
 */
#include "rules/learn.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

enum {
	RECORDINGS = 150,
	SESSIONS = 4,
	EVENTS = 40, /* of a session */
	TEXT_SIZE = 128,
	DENIED_PERCENT = 8,
};

struct chance {
	unsigned state;
};

static unsigned pick(struct chance *chance, unsigned below)
{
	chance->state = chance->state * 1103515245U + 12345U;
	return (chance->state >> 16) % below;
}

struct recording {
	char texts[SESSIONS][EVENTS][TEXT_SIZE];
	struct test_action actions[SESSIONS][EVENTS];
	bool denied[SESSIONS][EVENTS];
};

static const struct subject agents[] = {
	{.program = {"/usr/bin/agent", 14}},
	{.program = {"/usr/bin/other", 14}},
};

/* Few names, so that what is approved and denied lies close together. */
static void write_action(struct chance *chance, char text[TEXT_SIZE])
{
	static const char *const folders[] = {
		"/home/u/data", "/home/u/data/sub", "/home/u/src/p/out", "/srv/x1f3"};
	static const char *const kinds[] = {"csv", "txt", "o"};
	const unsigned n = pick(chance, 12);

	switch (pick(chance, 4)) {
	case 0:
		(void)snprintf(text, TEXT_SIZE, "exec /opt/x/git %s f%u.c",
			n % 2 ? "add" : "push", n);
		break;
	case 1:
		(void)snprintf(text, TEXT_SIZE, "connect unix:/home/u/run/s%u", n);
		break;
	default:
		(void)snprintf(text, TEXT_SIZE, "%s %s/n%u.%s",
			n % 3 ? "read" : "write", folders[pick(chance, 4)], n,
			kinds[pick(chance, 3)]);
		break;
	}
}

static void make_recording(struct recording *recording, unsigned seed)
{
	struct chance chance = {seed};

	for (int session = 0; session < SESSIONS; session++) {
		for (int i = 0; i < EVENTS; i++) {
			write_action(&chance, recording->texts[session][i]);
			set_action(&recording->actions[session][i],
				recording->texts[session][i]);
			recording->denied[session][i] =
				pick(&chance, 100) < DENIED_PERCENT;
		}
	}
}

static struct recorded_action recorded_of(
	const struct recording *recording, int session, int i)
{
	const bool is_denied = recording->denied[session][i];

	return (struct recorded_action){
		.action = recording->actions[session][i].action,
		.subject = &agents[i % 2],
		.verdict = is_denied ? VERDICT_DENY : VERDICT_ALLOW,
		.by = RECORDED_BY_PERSON,
		.is_persons = true,
		.session = session + 1,
		.event = i + 1,
		.question = i + 1,
		.count = 1,
	};
}

/* By nothing but the learned rules. */
static size_t count_let_through(
	const struct recording *recording, const struct learned *learned)
{
	struct rule_list rules = {0};
	size_t count = 0;

	for (size_t i = 0; i < learned->count; i++) {
		for (size_t j = 0; j < learned->proposals[i].rules.count; j++) {
			struct rule copy;

			rule_copy(&copy, &learned->proposals[i].rules.rules[j]);
			rule_list_take(&rules, &copy);
		}
	}
	struct rule_index *index = rule_index_create(&rules, &test_variables);
	for (int n = 0; n < SESSIONS * EVENTS; n++) {
		struct recorded_action recorded =
			recorded_of(recording, n / EVENTS, n % EVENTS);

		count += recording->denied[n / EVENTS][n % EVENTS] &&
			 rule_index_judge(
				 index, &recorded.action, recorded.subject, TEST_NOW)
					 .verdict == VERDICT_ALLOW;
	}
	rule_index_destroy(index);
	rule_list_finish(&rules);
	return count;
}

struct sums {
	size_t rules, saved, let_through;
};

static void leave_out(
	const struct recording *recording, int left_out, struct sums *sums)
{
	const struct rule_list no_rules = {0};
	struct learned learned;
	struct learner *learner = learner_create(TEST_NOW);

	(void)learner_add_place(learner, &test_variables, &no_rules);
	for (int n = 0; n < SESSIONS * EVENTS; n++) {
		struct recorded_action recorded =
			recorded_of(recording, n / EVENTS, n % EVENTS);

		learner_add(learner, 0, &recorded, n / EVENTS != left_out);
	}
	learner_run(learner, false, &learned);
	sums->rules += learned.count;
	sums->saved += (size_t)learned.totals.questions_saved;
	sums->let_through += count_let_through(recording, &learned);
	cr_expect(eq(i64, learned.totals.let_through, 0));
	learned_finish(&learned);
	learner_destroy(learner);
}

Test(learn_leave_one_out, no_learned_rule_allows_what_a_person_denied, .timeout = 120)
{
	static struct recording recording;
	struct sums sums = {0};

	for (unsigned seed = 1; seed <= RECORDINGS; seed++) {
		make_recording(&recording, seed);
		for (int left_out = 0; left_out < SESSIONS; left_out++) {
			leave_out(&recording, left_out, &sums);
		}
	}
	(void)fprintf(stderr,
		"leave one out: %d recordings, %zu rules, %zu questions saved, %zu "
		"denials let through\n",
		RECORDINGS * SESSIONS, sums.rules, sums.saved, sums.let_through);
	cr_expect(eq(sz, sums.let_through, 0));
	cr_expect(gt(sz, sums.rules, RECORDINGS * SESSIONS));
	cr_expect(gt(sz, sums.saved, RECORDINGS * SESSIONS));
}
