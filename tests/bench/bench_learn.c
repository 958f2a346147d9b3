/* SPDX-License-Identifier: MIT */
/* Seconds for learning from 1,000,000 events, in few and in many different actions. */
#include "rules/learn.h"
#include "rules/parser.h"
#include "rules/profiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EVENTS = 1000000, SESSIONS = 10, TEXT_SIZE = 128, APPROVED_EVERY = 20 };

static const struct rule_variables variables = {
	"/home/u", "/home/u/src/p", "/tmp/duenna-abcdef"};

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16;
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void read_profiles(struct rule_list *rules)
{
	for (size_t i = 0; i < profile_count; i++) {
		struct rule_errors errors = {0};

		if (!rule_parse_file_text(text_of(profile_text(profiles[i].name)),
			    profiles[i].name, ORIGIN_PROFILE, rules, &errors)) {
			exit(1);
		}
	}
}

/* One event in twenty was approved by a person, in data folders; others by a rule. */
static void add_events(struct learner *learner, unsigned different)
{
	static const struct subject agent = {.program = {"/usr/bin/agent", 14}};
	unsigned state = 1;

	for (unsigned i = 0; i < EVENTS; i++) {
		char object[TEXT_SIZE];
		unsigned n = next_random(&state) * 32768U + next_random(&state);
		bool is_approved = i % APPROVED_EVERY == 0;

		n %= different;
		(void)snprintf(object, sizeof(object), "/home/u/%s/part%u/x%u.%s",
			is_approved ? "data" : "src/p", n % 50, n, n % 3 ? "c" : "o");
		struct recorded_action recorded = {
			.action = {.verb = n % 4 ? VERB_READ : VERB_WRITE,
				.object = text_of(object)},
			.subject = &agent,
			.verdict = VERDICT_ALLOW,
			.by = is_approved ? RECORDED_BY_PERSON : RECORDED_BY_RULE,
			.is_persons = is_approved,
			.session = 1 + i / (EVENTS / SESSIONS),
			.event = i,
			.question = is_approved ? (int64_t)i : 0,
			.count = 1,
		};
		learner_add(learner, 0, &recorded, true);
	}
}

static void measure(const struct rule_list *rules, unsigned different)
{
	struct learned learned;
	double start = now();
	struct learner *learner = learner_create(time(NULL));

	(void)learner_add_place(learner, &variables, rules);
	add_events(learner, different);
	double added = now();
	learner_run(learner, false, &learned);
	double end = now();
	(void)printf("%u events, %u different objects: %.2f s (%.2f s to add), %zu "
		     "proposals, %lld of %lld questions saved\n",
		EVENTS, different, end - start, added - start, learned.count,
		(long long)learned.totals.questions_saved,
		(long long)learned.totals.questions);
	learned_finish(&learned);
	learner_destroy(learner);
}

int main(void)
{
	struct rule_list rules = {0};

	read_profiles(&rules);
	measure(&rules, 2000);
	measure(&rules, 1000000);
	rule_list_finish(&rules);
	return 0;
}
