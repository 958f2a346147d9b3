/* SPDX-License-Identifier: MIT */
/* What is still a question after learning: a person may decide about each by itself. */
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

struct open_action {
	const struct record *first;
	int64_t events;
};

struct finding_open {
	const struct learner *learner;
	struct number_table table;
	struct open_action *actions;
	size_t count, capacity;
	const struct record *record; /* that is looked for */
};

static bool is_open(const struct learner *learner, const struct record *record)
{
	const struct recorded_action *recorded = &record->recorded;
	bool was_asked = recorded->question != 0 ||
			 recorded->by == RECORDED_BY_HEADLESS ||
			 recorded->by == RECORDED_BY_PERSON;

	if (!record->is_source || !was_asked || recorded->is_partial) {
		return false;
	}
	struct rejudged now = back_test_judge(
		learner->places[record->place].combined, recorded, learner->now);
	return now.outcome != BACK_TEST_UNKNOWN && now.after == VERDICT_ASK;
}

static bool open_equal(const void *context, uint32_t number)
{
	const struct finding_open *finding = context;
	const struct record *first = finding->actions[number - 1].first;

	return first->place == finding->record->place &&
	       record_same_action(&first->recorded, &finding->record->recorded);
}

static void add_open(struct finding_open *finding, const struct record *record)
{
	uint32_t next = (uint32_t)finding->count + 1;

	finding->record = record;
	uint32_t number = number_table_find(&finding->table,
		record_action_hash(&record->recorded, record->place), next, open_equal,
		finding);
	if (number == next) {
		finding->actions = learn_grow(finding->actions, finding->count,
			&finding->capacity, sizeof(struct open_action));
		finding->actions[finding->count++] =
			(struct open_action){.first = record};
	}
	finding->actions[number - 1].events += record->recorded.count;
}

void learner_open_actions(
	struct learner *learner, open_action_fn *receive, void *context)
{
	struct finding_open finding = {.learner = learner};

	for (size_t i = 0; i < learner->record_count; i++) {
		if (is_open(learner, learner->records[i])) {
			add_open(&finding, learner->records[i]);
		}
	}
	for (size_t i = 0; i < finding.count; i++) {
		const struct open_action *action = &finding.actions[i];

		receive(context, action->first->place, &action->first->recorded,
			action->events);
	}
	free(finding.table.slots);
	free(finding.actions);
}

void learner_count_matches(const struct learner *learner, const struct rule *rule,
	struct rule_matches *matches)
{
	struct rule_list list = {.rules = (struct rule *)(uintptr_t)rule, .count = 1};
	struct rule_index **indexes =
		xcalloc(learner->place_count + 1, sizeof(*indexes));

	*matches = (struct rule_matches){0};
	for (size_t i = 0; i < learner->place_count; i++) {
		indexes[i] = rule_index_create(&list, learner->places[i].variables);
	}
	for (size_t i = 0; i < learner->record_count; i++) {
		const struct record *record = learner->records[i];
		const struct recorded_action *recorded = &record->recorded;
		struct rejudged now =
			back_test_judge(indexes[record->place], recorded, learner->now);

		if (!now.rule) {
			continue;
		}
		matches->events += recorded->count;
		bool is_denied = recorded->verdict != VERDICT_ALLOW &&
				 recorded->by != RECORDED_BY_HEADLESS;
		matches->denied += is_denied ? recorded->count : 0;
		matches->let_through +=
			back_test_lets_through(recorded, &now) ? recorded->count : 0;
	}
	for (size_t i = 0; i < learner->place_count; i++) {
		rule_index_destroy(indexes[i]);
	}
	free(indexes);
}
