/* SPDX-License-Identifier: MIT */
#include "session/judge.h"

#include "base/xalloc.h"
#include "session/mcp.h"
#include "session/request_slots.h"
#include "session/resolver_addresses.h"

#include <errno.h>
#include <stdlib.h>

static const char hidden_reason[] = "it answers for names of hosts, which are learned";
static const char own_script_reason[] = "it was allowed to run this script";

static bool is_stricter(enum verdict a, enum verdict b)
{
	return verdict_strictness(a) > verdict_strictness(b);
}

void judge_finish(struct judge *judge)
{
	while (judge->live != NULL) {
		judge_release(judge, judge->live);
	}
	while (judge->free != NULL) {
		struct judged *judged = judge->free;
		judge->free = judged->next;
		free(judged);
	}
	above_finish(&judge->above);
	free(judge->terminals);
	rule_set_release(judge->main);
	rule_set_release(judge->fresh);
	*judge = (struct judge){0};
}

/* What one look-up needs. */
struct look_up {
	struct judge *judge;
	struct judged *judged;
	const struct action *action;
	const struct subject *subject;
	const struct process_state *state; /* may be NULL */
	time_t now;
};

/*
 * The winners of several sets compete in a set of their own: the order of rules is
 * total, so the winner among winners is the winner of all.
 */
static void action_combine(const struct look_up *look_up, struct judged_action *result,
	const struct rule *fresh, const struct rule *own)
{
	struct rule_list list = {0};
	rule_list_copy(&list, result->rule);
	rule_list_copy(&list, fresh);
	rule_list_copy(&list, own);
	struct rule_variables variables = places_variables(look_up->judge->places);
	struct rule_set *set = rule_set_create(&list, &variables);
	set->next = look_up->judged->combined;
	look_up->judged->combined = set;
	struct judgement judgement = rule_index_judge(
		set->index, look_up->action, look_up->subject, look_up->now);
	result->verdict = judgement.verdict;
	result->rule = judgement.rule;
	result->set = set;
}

static struct judgement set_judge(
	const struct rule_set *set, const struct look_up *look_up)
{
	if (set == NULL) {
		return (struct judgement){.verdict = VERDICT_DENY};
	}
	return rule_index_judge(
		set->index, look_up->action, look_up->subject, look_up->now);
}

static struct judged_action action_judge(const struct look_up *look_up)
{
	struct judge *judge = look_up->judge;
	struct judgement judgement = rule_index_judge(
		judge->main->index, look_up->action, look_up->subject, look_up->now);
	struct judged_action result = {
		.verdict = judgement.verdict,
		.rule = judgement.rule,
		.set = judge->main,
		.facts_missing = judgement.facts_missing,
	};
	const struct rule_set *own = look_up->state ? look_up->state->rules : NULL;
	if (judge->fresh != NULL || own != NULL) {
		struct judgement by_fresh = set_judge(judge->fresh, look_up);
		struct judgement by_own = set_judge(own, look_up);
		result.facts_missing |= by_fresh.facts_missing | by_own.facts_missing;
		if (by_fresh.rule != NULL || by_own.rule != NULL) {
			action_combine(look_up, &result, by_fresh.rule, by_own.rule);
		}
	}
	return result;
}

static const char *own_reason(const struct look_up *look_up)
{
	return look_up->judge->learns_names && resolver_is_service(look_up->action)
		       ? hidden_reason
		       : judge_own_reason(look_up->judge, look_up->action);
}

static void decider_set(struct judged_action *action)
{
	action->by = action->rule == NULL ? BY_DEFAULT : BY_RULE;
	if (action->rule != NULL && action->rule->origin == ORIGIN_BUILT_IN) {
		action->by = BY_BUILT_IN;
	}
}

/* A moved folder brings everything in it to other rules. */
static bool moves_folder(const struct request *request, const struct action *action)
{
	return action->is_folder &&
	       (action->verb == VERB_DELETE || action->verb == VERB_WRITE) &&
	       strncmp(request->syscall_name, "rename", 6) == 0;
}

/* The other end of a move: the first action of the opposite verb on another folder. */
static const struct action *move_other_end(
	const struct request *request, const struct action *action)
{
	enum verb other = action->verb == VERB_DELETE ? VERB_WRITE : VERB_DELETE;
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *candidate = &request->actions[i];
		if (candidate->verb == other && candidate->is_folder &&
			!text_equal(candidate->object, action->object)) {
			return candidate;
		}
	}
	return NULL;
}

/* The stricter holds; an answer to the action itself does not change it. */
static void action_tighten(const struct look_up *look_up, struct judgement judgement,
	struct judged_action *result)
{
	if (is_stricter(judgement.verdict, result->verdict)) {
		result->verdict = judgement.verdict;
		result->rule = judgement.rule;
		result->set = look_up->judge->main;
		result->facts_missing |= judgement.facts_missing;
		result->is_below = true;
	}
}

/*
 * The strictest rule about something below the folder holds for the move, except for
 * rules that say the same of the same things below the other name: they go along.
 */
static void action_judge_below(const struct look_up *look_up,
	const struct request *request, struct judged_action *result)
{
	static const enum verb verbs[] = {
		VERB_READ, VERB_WRITE, VERB_DELETE, VERB_META, VERB_EXEC, VERB_CONNECT};
	const struct rule_index *index = look_up->judge->main->index;
	const struct action *other = move_other_end(request, look_up->action);
	struct folder ends[2] = {action_folder(look_up->action)};

	if (other != NULL) {
		ends[1] = action_folder(other);
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct judgement below = rule_index_judge_move(
			index, verbs[i], ends, look_up->subject, look_up->now);
		/* That no rule says anything is a reason where one lets it be read then. */
		if (below.rule != NULL ||
			(verbs[i] == VERB_READ && ends[0].is_left && other != NULL)) {
			action_tighten(look_up, below, result);
		}
	}
}

/* Rules about a name that leads there by links hold as well. */
static void action_judge_links(
	const struct look_up *look_up, bool moves, struct judged_action *result)
{
	const struct link_use use = {
		look_up->action, look_up->subject, look_up->now, moves};
	const struct rule_index *index = look_up->judge->main->index;
	const struct link_names *links = look_up->judge->links;
	struct judgement judgement;

	if (judge_by_links(links, index, &use, &judgement) &&
		is_stricter(judgement.verdict, result->verdict) &&
		!judge_link_yields(judgement.rule, result->rule)) {
		result->verdict = judgement.verdict;
		result->rule = judgement.rule;
		result->set = look_up->judge->main;
		result->facts_missing |= judgement.facts_missing;
	}
}

static bool is_call(const struct request *request, const char *name)
{
	return strncmp(request->syscall_name, name, strlen(name)) == 0;
}

/* A name that leads to another folder: a symbolic link, or another name of one. */
static bool makes_alias(const struct request *request, const struct action *action)
{
	return action->verb == VERB_WRITE &&
	       (is_call(request, "symlink") ||
		       (is_call(request, "link") && action->is_folder));
}

/* The name that a file gets by a rename or a link; action is about its old one. */
static const struct action *file_new_name(
	const struct request *request, const struct action *action)
{
	const bool is_moved = is_call(request, "rename") && action->verb == VERB_DELETE;
	const bool is_linked = is_call(request, "link") && action->verb == VERB_READ;

	for (size_t i = 0; (is_moved || is_linked) && i < request->action_count; i++) {
		const struct action *candidate = &request->actions[i];
		if (candidate->verb == VERB_WRITE &&
			!text_equal(candidate->object, action->object)) {
			return candidate;
		}
	}
	return NULL;
}

/* Likewise of what names that lead there by links say, but for those of the new name. */
static void content_judge_links(const struct look_up *look_up,
	const struct action *before, const struct action *after,
	struct judged_action *result)
{
	struct link_use use = {after, look_up->subject, look_up->now, false};
	const struct rule_index *index = look_up->judge->main->index;
	const struct link_names *links = look_up->judge->links;
	struct judgement old, new = {.rule = NULL};

	(void)judge_by_links(links, index, &use, &new);
	use.action = before;
	if (judge_by_links(links, index, &use, &old) && old.rule != new.rule &&
		!judge_link_yields(old.rule, result->rule)) {
		action_tighten(look_up, old, result);
	}
}

/*
 * Under its new name a file could be read and run by other rules. Those for its old name
 * hold for the call, unless they are the same.
 */
static void action_judge_content(const struct look_up *look_up,
	const struct action *new_name, struct judged_action *result)
{
	static const enum verb verbs[] = {VERB_READ, VERB_EXEC};
	const struct rule_index *index = look_up->judge->main->index;
	struct action before = *look_up->action;
	struct action after = *new_name;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		before.verb = after.verb = verbs[i];
		const struct judgement judgement = rule_index_judge(
			index, &before, look_up->subject, look_up->now);
		const struct judgement other =
			rule_index_judge(index, &after, look_up->subject, look_up->now);
		/* That no rule lets it run is no reason against a move. */
		if (other.rule != judgement.rule &&
			(judgement.rule != NULL || verbs[i] == VERB_READ)) {
			action_tighten(look_up, judgement, result);
		}
		content_judge_links(look_up, &before, &after, result);
	}
}

/*
 * Who may run a script may read it: its interpreter does nothing else. What a rule or a
 * person denies stays denied.
 */
static bool reads_own_script(const struct look_up *look_up)
{
	const struct text script = look_up->subject->script;
	return look_up->action->verb == VERB_READ && script.length > 0 &&
	       text_equal(look_up->action->object, script);
}

static void action_add(struct judged *judged, const struct judged_action *action)
{
	size_t at = judged->action_count++;
	judged->actions[at] = *action;
	if (at == 0 || is_stricter(action->verdict, judged->verdict)) {
		judged->verdict = action->verdict;
		judged->strictest = at;
	}
}

/* A call that nobody could judge is recorded as denied by Duenna itself. */
static void judged_refuse(struct judged *judged, const struct request *request)
{
	const struct judged_action refused = {
		.verdict = VERDICT_DENY,
		.by = BY_BUILT_IN,
		.set = judged->main,
	};
	for (size_t i = 0; i < request->action_count; i++) {
		action_add(judged, &refused);
	}
	judged->reason = request->reason;
	judged->error = request->refused;
}

static unsigned judged_facts_missing(const struct judged *judged)
{
	unsigned facts = 0;
	for (size_t i = 0; i < judged->action_count; i++) {
		facts |= judged->actions[i].facts_missing;
	}
	return facts;
}

static void judge_take_stack(
	struct judge *judge, const struct request *request, struct judged *judged)
{
	/* A call that is judged again has not moved. */
	const struct judged *before =
		(const struct judged *)(uintptr_t)request->user[REQUEST_JUDGED];
	if (judged->stack == NULL && before != NULL) {
		judged->stack = call_stack_reference(before->stack);
	}
	if (judged->stack == NULL) {
		judged->stack = call_stack_take(judge->tracer, request);
	}
}

void judge_take_whole_stack(
	struct judge *judge, const struct request *request, struct judged *judged)
{
	judge_take_stack(judge, request, judged);
	call_stack_take_native(judged->stack, judge->tracer, request);
}

/* Takes the facts that could still change what judged says; false: there are none. */
static bool judge_take_facts(struct judge *judge, const struct request *request,
	struct judged *judged, struct subject *subject)
{
	const unsigned missing = judged_facts_missing(judged);

	judged->is_by_mcp = (missing & FACT_MCP) != 0;
	if (judged->is_by_mcp) {
		mcp_facts_apply(judged->mcp, subject);
	}
	judged->is_by_stack = (missing & FACT_CODE) != 0;
	if (judged->is_by_stack) {
		judge_take_stack(judge, request, judged);
		call_stack_apply(judged->stack, subject);
	}
	const bool is_by_labels = (missing & FACT_LABELS) != 0 && judge->labels != NULL;
	if (is_by_labels) {
		labels_refresh(judge->labels,
			(struct process_state *)(uintptr_t)request->process->user,
			subject);
	}
	return judged->is_by_mcp || judged->is_by_stack || is_by_labels;
}

/* Facts cost something to take, so that what can be judged without them is. */
struct judged *judge_request(
	struct judge *judge, const struct request *request, time_t now)
{
	struct subject subject = judge_subject(judge, request->process);
	struct mcp_facts *mcp = mcp_facts_of(request->process);
	subject.tid = request->tid;
	if (mcp == NULL) {
		subject.facts_known |= FACT_MCP; /* that it is done by none */
	}
	struct judged *judged = judge_request_of(judge, request, &subject, now);
	judged->mcp = mcp_facts_reference(mcp);
	if (judge->tracer == NULL ||
		!judge_take_facts(judge, request, judged, &subject)) {
		return judged;
	}
	struct judged *before = judged;
	judged = judge_request_of(judge, request, &subject, now);
	judged->stack = call_stack_reference(before->stack);
	judged->is_by_stack = before->is_by_stack;
	judged->mcp = mcp_facts_reference(mcp);
	judged->is_by_mcp = before->is_by_mcp;
	judge_release(judge, before);
	return judged;
}

/* What rules say, and then what holds whatever they say. */
static struct judged_action action_decide(
	const struct look_up *look_up, const struct request *request)
{
	struct judged_action action = action_judge(look_up);
	const struct action *new_name = file_new_name(request, look_up->action);
	if (moves_folder(request, look_up->action)) {
		action_judge_below(look_up, request, &action);
	} else if (new_name != NULL) {
		action_judge_content(look_up, new_name, &action);
	} else if (makes_alias(request, look_up->action)) {
		action_tighten(look_up,
			rule_index_judge_alias(look_up->judge->main->index,
				action_folder(look_up->action), look_up->subject,
				look_up->now),
			&action);
	}
	action_judge_links(look_up,
		moves_folder(request, look_up->action) ||
			makes_alias(request, look_up->action),
		&action);
	if (action.verdict == VERDICT_ALLOW &&
		judge_misnames(request, look_up->action, action.rule)) {
		action.verdict = VERDICT_ASK;
		action.rule = NULL;
	}
	decider_set(&action);
	const char *reason = own_reason(look_up);
	if (reason != NULL) {
		look_up->judged->reason = reason;
		return (struct judged_action){.verdict = VERDICT_FORBID,
			.by = BY_BUILT_IN,
			.set = look_up->judge->main};
	}
	if (action.verdict == VERDICT_ASK && reads_own_script(look_up)) {
		look_up->judged->reason = own_script_reason;
		action.verdict = VERDICT_ALLOW;
		action.rule = NULL;
		action.by = BY_BUILT_IN;
	}
	return action;
}

struct judged *judge_request_of(struct judge *judge, const struct request *request,
	const struct subject *subject, time_t now)
{
	struct judged *judged = judged_take(judge);
	if (request->refused != 0) {
		judged_refuse(judged, request);
		return judged;
	}
	const void *state = request->process == NULL
				    ? NULL
				    : (const void *)(uintptr_t)request->process->user;
	const struct label_set *carried = judge_labels_of(request->process);
	judged->labels = carried == NULL ? 0 : carried->mask;
	for (size_t i = 0; i < request->action_count; i++) {
		const struct look_up look_up = {
			judge, judged, &request->actions[i], subject, state, now};
		struct judged_action action = action_decide(&look_up, request);
		action_add(judged, &action);
	}
	judged->is_hidden = judged->reason == hidden_reason;
	judged->error =
		judged->is_hidden
			? ENOENT
			: denial_error(request->actions[judged->strictest].verb);
	return judged;
}
