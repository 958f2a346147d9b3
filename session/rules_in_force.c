/* SPDX-License-Identifier: MIT */
/*
 * Answers in force before the main rule set has them: fresh ones until it is read anew,
 * and those for one process for as long as its image lives.
 */
#include "session/answer.h"
#include "session/supervisor.h"

static struct process_state *image_find(struct supervisor *supervisor, int64_t image)
{
	struct process_state *state = supervisor->processes;
	while (state != NULL && state->number != image) {
		state = state->next;
	}
	return state;
}

static void fresh_rebuild(struct supervisor *supervisor)
{
	struct rule_list copy = {0};
	struct rule_variables variables = places_variables(&supervisor->places);
	rule_set_release(supervisor->judge.fresh);
	supervisor->judge.fresh = NULL;
	for (size_t i = 0; i < supervisor->fresh.count; i++) {
		rule_list_copy(&copy, &supervisor->fresh.rules[i]);
	}
	if (copy.count > 0) {
		supervisor->judge.fresh = rule_set_create(&copy, &variables);
	}
}

/* Keeps those of the fresh rules that are not in record and not in the main set. */
static void fresh_drop(
	struct supervisor *supervisor, const struct answer_record *record)
{
	struct rule_list kept = {0};
	for (size_t i = 0; i < supervisor->fresh.count; i++) {
		struct rule *rule = &supervisor->fresh.rules[i];
		bool drop = record != NULL ? answer_has_rule(record, rule->id)
					   : rule_set_has_stored(
						     supervisor->judge.main, rule->id);
		if (!drop) {
			rule_list_take(&kept, rule);
		}
	}
	rule_list_finish(&supervisor->fresh);
	supervisor->fresh = kept;
	fresh_rebuild(supervisor);
}

void answer_rules_swapped(struct supervisor *supervisor)
{
	if (supervisor->fresh.count > 0) {
		fresh_drop(supervisor, NULL);
	}
}

/* Rules for one process live with it; they are few, and so built anew each time. */
static void process_rules_change(
	struct supervisor *supervisor, const struct answer_record *record, bool add)
{
	struct rule_list list = {0};
	for (size_t i = 0; i < supervisor->process_rules.count; i++) {
		struct rule *rule = &supervisor->process_rules.rules[i];
		if (image_find(supervisor, rule->pid) != NULL &&
			!(!add && answer_has_rule(record, rule->id))) {
			rule_list_take(&list, rule);
		}
	}
	rule_list_finish(&supervisor->process_rules);
	for (size_t i = 0; add && i < record->rules.count; i++) {
		struct rule copy;
		rule_copy(&copy, &record->rules.rules[i]);
		copy.pid = record->image;
		rule_list_take(&list, &copy);
	}
	supervisor->process_rules = list;
	struct process_state *state = image_find(supervisor, record->image);
	if (state == NULL) {
		return;
	}
	struct rule_list own = {0};
	for (size_t i = 0; i < list.count; i++) {
		if (list.rules[i].pid == record->image) {
			rule_list_copy(&own, &list.rules[i]);
			/* The set is of this image alone; a pid could come again. */
			own.rules[own.count - 1].pid = 0;
		}
	}
	struct rule_variables variables = places_variables(&supervisor->places);
	rule_set_release(state->rules);
	state->rules = own.count > 0 ? rule_set_create(&own, &variables) : NULL;
}

void rules_put_in_force(
	struct supervisor *supervisor, const struct answer_record *record)
{
	if (record->scope == SCOPE_PROCESS) {
		process_rules_change(supervisor, record, true);
		return;
	}
	for (size_t i = 0; i < record->rules.count; i++) {
		rule_list_copy(&supervisor->fresh, &record->rules.rules[i]);
	}
	fresh_rebuild(supervisor);
	rule_reader_start(&supervisor->reader);
}

bool rules_take_back(struct supervisor *supervisor, const struct answer_record *record)
{
	if (record->scope == SCOPE_PROCESS) {
		process_rules_change(supervisor, record, false);
		return false;
	}
	fresh_drop(supervisor, record);
	rule_reader_start(&supervisor->reader);
	return true;
}
