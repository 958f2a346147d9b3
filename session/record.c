/* SPDX-License-Identifier: MIT */
/* What happened, handed to the recorder: process images and judged actions. */
#include "base/xalloc.h"
#include "session/mcp.h"
#include "session/supervisor.h"

#include <stdlib.h>

static void process_record(struct supervisor *supervisor, struct process *process,
	struct process_state *state, int64_t previous)
{
	const struct process_record record = {
		.session = supervisor->session,
		.parent = state->parent,
		.previous = previous,
		.pid = process->pid,
		.start_ticks = process->start_ticks,
		.program = text_of(process->program),
		.script = text_of(process->script),
		.argv = process->argv,
		.argc = process->argc,
		.working_folder = text_of(process->working_folder),
		.started = clock_wall(&supervisor->clock, clock_monotonic()),
	};
	state->number = recorder_process_start(supervisor->recorder, &record);
}

struct process_state *record_process(
	struct supervisor *supervisor, struct process *process)
{
	struct process_state *state = process_state_of(process);
	if (state == NULL) {
		const struct process_state *parent =
			process->parent != NULL ? process_state_of(process->parent)
						: NULL;
		state = xcalloc(1, sizeof(*state));
		state->process = process;
		state->parent = parent != NULL ? parent->number : 0;
		state->next = supervisor->processes;
		if (state->next != NULL) {
			state->next->previous = state;
		}
		supervisor->processes = state;
		process->user = (uintptr_t)state;
		mcp_process_start(supervisor, state, parent);
		process_record(supervisor, process, state, 0);
		labels_inherit(supervisor, state, parent);
	}
	return state;
}

void record_exec(struct supervisor *supervisor, struct process *process)
{
	struct process_state *state = process_state_of(process);
	if (state == NULL) {
		(void)record_process(supervisor, process);
		return;
	}
	/* What was answered for the process held until now. */
	rule_set_release(state->rules);
	state->rules = NULL;
	process_record(supervisor, process, state, state->number);
}

static void state_free(struct supervisor *supervisor, struct process_state *state)
{
	if (state->previous != NULL) {
		state->previous->next = state->next;
	} else {
		supervisor->processes = state->next;
	}
	if (state->next != NULL) {
		state->next->previous = state->previous;
	}
	rule_set_release(state->rules);
	label_carrier_finish(&state->labels);
	free(state);
}

void record_process_end(
	struct supervisor *supervisor, struct process *process, int status)
{
	struct process_state *state = process_state_of(process);
	if (state == NULL) {
		return;
	}
	recorder_process_end(supervisor->recorder, state->number,
		clock_wall(&supervisor->clock, clock_monotonic()), status);
	mcp_process_end(supervisor, state, process);
	process->user = 0;
	state_free(supervisor, state);
}

void record_finish(struct supervisor *supervisor)
{
	while (supervisor->processes != NULL) {
		invariant(supervisor->processes->previous == NULL);
		state_free(supervisor, supervisor->processes);
	}
}

/* The rule's part of an event; its text was made once, when it first decided. */
static void event_set_rule(struct event *event, const struct judged_action *action)
{
	if (action->rule == NULL) {
		return;
	}
	event->rule = action->rule->id;
	event->rule_text = rule_set_text(action->set, action->rule);
	event->reason = text_of(action->rule->source);
	if (action->rule->origin == ORIGIN_PERSON) {
		event->has_scope = true;
		event->scope = action->rule->scope;
	}
}

static void event_set_answer(struct event *event, const struct judged *judged)
{
	if (judged->question == 0) {
		return;
	}
	event->question = judged->question;
	event->waited_ms = judged->waited_ms;
	if (judged->has_scope) {
		event->has_scope = true;
		event->scope = judged->scope;
	}
	if (judged->rule != 0) {
		event->rule = judged->rule;
	}
}

static unsigned stack_flags(const struct call_stack *stack)
{
	if (stack == NULL) {
		return EVENT_CODE_UNTAKEN | EVENT_NATIVE_UNTAKEN;
	}
	return stack->has_native ? 0 : EVENT_NATIVE_UNTAKEN;
}

void record_call(struct supervisor *supervisor, const struct recorded_call *call,
	const struct judged *judged)
{
	struct event event = {
		.session = supervisor->session,
		.time = clock_wall(&supervisor->clock, judged->monotonic),
		.monotonic = judged->monotonic - supervisor->clock.started,
		.pid = call->pid,
		.tid = call->tid,
		.process = call->image,
		.call = ++supervisor->call_count,
		.syscall = text_of(call->syscall_name),
		.error = call->error,
	};
	char *labels = labels_names(supervisor->labels, judged->labels);
	event.labels = text_of(labels);
	unsigned flags = call->flags | stack_flags(judged->stack);
	if (judged->mcp != NULL) {
		event.mcp = text_of(judged->mcp->json);
		flags |= judged->mcp->is_unknown ? EVENT_MCP_UNTAKEN : 0;
	}
	if (judged->stack != NULL) {
		event.code = judged->stack->code.origin;
		event.python = text_of(judged->stack->python);
		event.native = text_of(judged->stack->native);
	}
	for (size_t i = 0; i < call->action_count; i++) {
		const struct action *action = &call->actions[i];
		const struct judged_action *outcome = &judged->actions[i];
		event.verb = action->verb;
		event.object = action->object;
		event.asked_as = action->asked_as;
		event.argv = action_recorded_argv(action);
		event.argc = action->argc;
		event.verdict = outcome->verdict;
		event.by = outcome->by;
		event.rule = 0;
		event.rule_text = (struct text){0};
		event.reason = text_of(judged->reason);
		event.has_scope = false;
		event.flags = flags | (action->is_folder ? EVENT_FOLDER : 0u) |
			      (action->ignores_case ? EVENT_IGNORES_CASE : 0u);
		event_set_rule(&event, outcome);
		event_set_answer(&event, judged);
		event.seq = recorder_event(supervisor->recorder, &event);
		clients_send_event(supervisor, &event, call->program);
	}
	free(labels);
}
