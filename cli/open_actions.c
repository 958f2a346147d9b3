/* SPDX-License-Identifier: MIT */
#include "cli/open_actions.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/printer.h"

#include <stdlib.h>
#include <time.h>

enum { OPEN_MAX = 500 };

struct finding {
	const struct learning *learning;
	struct open_actions *actions;
};

static const struct learn_place *place_of(
	const struct learning *learning, size_t number)
{
	for (size_t i = 0; i < learning->place_count; i++) {
		if (learning->places[i]->number == number) {
			return learning->places[i];
		}
	}
	return learning->places[0];
}

static bool is_same_rule(const struct open_action *a, const struct ladder *b)
{
	return rule_equal(&a->ladder.rungs[0].rule, &b->rungs[0].rule);
}

/* Different programs that do the same are one line: the rule is the same. */
static struct open_action *find_same(
	const struct open_actions *actions, const struct ladder *ladder)
{
	for (size_t i = 0; i < actions->count; i++) {
		if (is_same_rule(&actions->actions[i], ladder)) {
			return &actions->actions[i];
		}
	}
	return NULL;
}

static void receive(void *context, size_t place, const struct recorded_action *first,
	int64_t events)
{
	const struct finding *finding = context;
	struct open_actions *actions = finding->actions;
	const struct rule_variables *variables =
		&place_of(finding->learning, place)->variables;
	struct open_action action = {
		.verdict =
			first->verdict == VERDICT_ALLOW ? VERDICT_ALLOW : VERDICT_DENY,
		.first = first,
		.place = place,
		.events = events,
	};

	if (actions->count == OPEN_MAX) {
		actions->left_out++;
		return;
	}
	ladder_build(&action.ladder, &first->action, VERDICT_ALLOW, variables);
	struct open_action *same = find_same(actions, &action.ladder);
	if (same) {
		same->events += events;
		ladder_finish(&action.ladder);
		return;
	}
	actions->actions = xreallocarray(
		actions->actions, actions->count + 1, sizeof(*actions->actions));
	actions->actions[actions->count++] = action;
}

void open_actions_find(struct learning *learning, struct open_actions *actions)
{
	struct finding finding = {learning, actions};

	*actions = (struct open_actions){0};
	learner_open_actions(learning->learner, receive, &finding);
}

void open_actions_finish(struct open_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		ladder_finish(&actions->actions[i].ladder);
	}
	free(actions->actions);
	*actions = (struct open_actions){0};
}

void open_action_rule(const struct open_action *action, struct rule *rule)
{
	rule_copy(rule, &action->ladder.rungs[action->rung].rule);
	rule->verdict = action->verdict;
	rule->scope = SCOPE_ALWAYS;
}

char *open_action_reason(const struct open_action *action)
{
	const struct recorded_action *first = action->first;
	const char *what = first->by == RECORDED_BY_HEADLESS
				   ? "denied: nobody was there"
			   : first->verdict == VERDICT_ALLOW ? "you allowed it"
							     : "you denied it";

	return action->events == 1
		       ? xstrdup(what)
		       : xasprintf("%s, %lld times", what, (long long)action->events);
}

char *open_action_obstacle(
	const struct learning *learning, const struct open_action *action)
{
	const struct learn_place *place = place_of(learning, action->place);
	struct rule own;
	struct rule_list list = {0};
	char *obstacle = NULL;

	for (size_t i = 0; i < place->rules.count; i++) {
		rule_list_copy(&list, &place->rules.rules[i]);
	}
	open_action_rule(action, &own);
	rule_list_copy(&list, &own);
	struct rule_index *index = rule_index_create(&list, &place->variables);
	struct judgement judgement = rule_index_judge(
		index, &action->first->action, action->first->subject, time(NULL));
	if (judgement.rule && judgement.verdict != action->verdict) {
		char *text = rule_print(judgement.rule);
		char *safe = escape_copy(text_of(text));

		obstacle = xasprintf("%s still decides%s%s", safe,
			judgement.rule->source ? ": " : "",
			judgement.rule->source ? judgement.rule->source : "");
		free(safe);
		free(text);
	}
	rule_index_destroy(index);
	rule_list_finish(&list);
	rule_finish(&own);
	return obstacle;
}
