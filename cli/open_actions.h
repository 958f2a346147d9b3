/* SPDX-License-Identifier: MIT */
/*
 * Actions that a session asked about, or that were denied since nobody was there, and
 * that no rule decides yet: each as a rule that a person could store.
 */
#ifndef CLI_OPEN_ACTIONS_H
#define CLI_OPEN_ACTIONS_H

#include "cli/learning.h"
#include "rules/ladder.h"

struct open_action {
	struct ladder ladder;
	size_t rung;
	enum verdict verdict;
	const struct recorded_action *first; /* the learner's */
	size_t place;
	int64_t events;
	bool is_dropped;
};

struct open_actions {
	struct open_action *actions;
	size_t count;
	size_t left_out; /* there are more than are worth a list */
};

/* After learning_run; borrows from it. */
void open_actions_find(struct learning *learning, struct open_actions *actions);
void open_actions_finish(struct open_actions *actions);

/* The rule that stands for it now; owned. */
void open_action_rule(const struct open_action *action, struct rule *rule);
/* "denied: nobody was there", "allowed, 3 times" …; owned. */
char *open_action_reason(const struct open_action *action);
/* Why the rule would not decide about the action; NULL: it would. Safe, owned. */
char *open_action_obstacle(
	const struct learning *learning, const struct open_action *action);

#endif
