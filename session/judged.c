/* SPDX-License-Identifier: MIT */
/* What was found out about requests: taken from a list of used ones, settled, given back. */
#include "base/xalloc.h"
#include "session/judge.h"

#include <errno.h>
#include <stdlib.h>

/*
 * What an unprivileged caller gets from the kernel today: libraries know these and go
 * on. Connect is EACCES as with Landlock; clients retry on the other candidates.
 */
static const int denial_errors[VERB_COUNT] = {
	[VERB_READ] = EACCES,
	[VERB_WRITE] = EACCES,
	[VERB_DELETE] = EACCES,
	[VERB_META] = EACCES,
	[VERB_EXEC] = EACCES,
	[VERB_CONNECT] = EACCES,
	[VERB_LISTEN] = EACCES,
	[VERB_SIGNAL] = EPERM,
	[VERB_INSPECT] = EPERM,
	[VERB_SYSTEM] = EPERM,
	[VERB_MCP] = EACCES,
};

int denial_error(enum verb verb)
{
	return denial_errors[verb];
}

int verdict_strictness(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ALLOW:
		return 0;
	case VERDICT_ASK:
		return 1;
	case VERDICT_DENY:
		return 2;
	case VERDICT_FORBID:
	case VERDICT_COUNT:
		break;
	}
	return 3;
}

void judged_settle(struct judged *judged, enum verdict verdict, enum decider by)
{
	for (size_t i = 0; i < judged->action_count; i++) {
		struct judged_action *action = &judged->actions[i];
		if (action->verdict == VERDICT_ASK) {
			action->verdict = verdict;
			action->by = by;
		}
	}
	judged->verdict = verdict;
}

void judged_deny(struct judged *judged, const char *reason, int error)
{
	for (size_t i = 0; i < judged->action_count; i++) {
		struct judged_action *action = &judged->actions[i];
		action->verdict = VERDICT_DENY;
		action->by = BY_BUILT_IN;
		action->rule = NULL;
	}
	judged->verdict = VERDICT_DENY;
	judged->reason = reason;
	judged->error = error;
}

struct judged *judged_take(struct judge *judge)
{
	struct judged *judged = judge->free;
	if (judged == NULL) {
		judged = xmalloc(sizeof(*judged));
	} else {
		judge->free = judged->next;
	}
	*judged = (struct judged){
		.main = rule_set_reference(judge->main),
		.next = judge->live,
	};
	if (judge->live != NULL) {
		judge->live->previous = judged;
	}
	judge->live = judged;
	return judged;
}

void judge_release(struct judge *judge, struct judged *judged)
{
	while (judged->combined != NULL) {
		struct rule_set *set = judged->combined;
		judged->combined = set->next;
		rule_set_release(set);
	}
	rule_set_release(judged->main);
	call_stack_release(judged->stack);
	mcp_facts_release(judged->mcp);
	free(judged->message);
	if (judged->previous != NULL) {
		judged->previous->next = judged->next;
	} else {
		judge->live = judged->next;
	}
	if (judged->next != NULL) {
		judged->next->previous = judged->previous;
	}
	judged->next = judge->free;
	judge->free = judged;
}
