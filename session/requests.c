/* SPDX-License-Identifier: MIT */
/* The tracer's events: each request is judged and answered, each outcome recorded. */
#include "session/clients.h"
#include "session/mcp.h"
#include "session/supervisor.h"

#include <errno.h>
#include <stdlib.h>

void supervisor_allow(struct supervisor *supervisor, struct request *request)
{
	if (mcp_is_message(request)) {
		mcp_answer(supervisor, request, true);
		return;
	}
	struct judged *judged = request_judged(request);
	struct answer answer = {.kind = ANSWER_ALLOW};
	/* A held call starts anew, and comes by here once more. */
	if (supervisor->resolver != NULL && judged->held == 0) {
		if (resolver_delays(supervisor->resolver, request)) {
			judged->is_delayed = true;
			tracer_hold(supervisor->tracer, request);
			return;
		}
		answer.redirect = resolver_redirect(supervisor->resolver, request);
	}
	const char *fault = mcp_exec_allowed(supervisor, request);
	if (fault != NULL) {
		judged_deny(judged, fault, EAGAIN);
		supervisor_deny(supervisor, request);
		return;
	}
	labels_touch(supervisor, request);
	tracer_answer(supervisor->tracer, request, answer);
}

void supervisor_drain_resolver(struct supervisor *supervisor)
{
	struct request *request;
	resolver_work(supervisor->resolver);
	while ((request = resolver_next_known(supervisor->resolver)) != NULL) {
		tracer_answer(supervisor->tracer, request,
			(struct answer){.kind = ANSWER_ALLOW});
	}
}

/* Before the caller runs on, so that the reason stands before its own message. */
static void denial_tell(struct supervisor *supervisor, const struct request *request)
{
	struct judged *judged = request_judged(request);
	const int64_t now = clock_monotonic();
	/* What a person has to say to the agent is worth a picture that is disturbed. */
	if (supervisor->options->ask != ASK_TUI || judged->message != NULL) {
		denial_line_write(
			&supervisor->denial, &supervisor->judge, request, judged, now);
		return;
	}
	char *notice = denial_line_notice(
		&supervisor->denial, &supervisor->judge, request, judged, now);
	if (notice != NULL) {
		clients_send_notice(supervisor, notice);
		free(notice);
	}
}

/* Denials come in floods; what is taken for the record alone must not slow them down. */
static void denial_take_stack(
	struct supervisor *supervisor, const struct request *request)
{
	enum { STACKS_PER_SECOND = 100, STACKS_SHARE = 10 /* of the time */ };
	struct judged *judged = request_judged(request);
	const int64_t before = clock_monotonic();
	const int64_t second = before / NANOSECONDS_PER_SECOND;
	if (supervisor->stack_second != second) {
		supervisor->stack_second = second;
		supervisor->stacks_in_second = 0;
		supervisor->stacks_took = 0;
	}
	if (supervisor->stacks_in_second < STACKS_PER_SECOND &&
		supervisor->stacks_took < NANOSECONDS_PER_SECOND / STACKS_SHARE) {
		supervisor->stacks_in_second++;
		judge_take_whole_stack(&supervisor->judge, request, judged);
		supervisor->stacks_took += clock_monotonic() - before;
	}
}

void supervisor_deny(struct supervisor *supervisor, struct request *request)
{
	struct judged *judged = request_judged(request);
	if (judged->is_hidden) {
		tracer_answer(supervisor->tracer, request,
			(struct answer){.kind = ANSWER_DENY, .error = judged->error});
		return;
	}
	if (judged->stack == NULL || !judged->stack->has_native) {
		denial_take_stack(supervisor, request);
	}
	denial_tell(supervisor, request);
	if (mcp_is_message(request)) {
		mcp_answer(supervisor, request, false);
		return;
	}
	tracer_answer(supervisor->tracer, request,
		(struct answer){.kind = ANSWER_DENY, .error = judged->error});
}

static void request_ask(struct supervisor *supervisor, struct request *request)
{
	struct judged *judged = request_judged(request);
	switch (supervisor->options->ask) {
	case ASK_ALLOW:
		judged_settle(judged, VERDICT_ALLOW, BY_DEFAULT);
		supervisor_allow(supervisor, request);
		return;
	case ASK_DENY:
		break;
	case ASK_TUI:
	case ASK_LINE:
	case ASK_ATTACH:
		if (question_use_grant(supervisor, request)) {
			return;
		}
		if (clients_can_ask(supervisor)) {
			judge_take_whole_stack(&supervisor->judge, request, judged);
			question_ask(supervisor, request);
			return;
		}
		break;
	}
	judged_settle(judged, VERDICT_DENY, BY_HEADLESS);
	supervisor_deny(supervisor, request);
}

void supervisor_judge(struct supervisor *supervisor, struct request *request)
{
	int64_t now = clock_monotonic();
	struct judged *judged = judge_request(&supervisor->judge, request,
		clock_wall(&supervisor->clock, now) / NANOSECONDS_PER_SECOND);
	judged->monotonic = now;
	request->user[REQUEST_JUDGED] = (uintptr_t)judged;
	const struct judged_action *first = &judged->actions[0];
	if (judged->verdict == VERDICT_ALLOW && mcp_is_message(request) &&
		first->rule != NULL &&
		mcp_must_ask(request, rule_set_text(first->set, first->rule))) {
		judged->actions[0].verdict = judged->verdict = VERDICT_ASK;
	}
}

void supervisor_request(struct supervisor *supervisor, struct request *request)
{
	/* Kept for the record: an exec's outcome comes after its new image began. */
	request->user[REQUEST_IMAGE] =
		(uint64_t)record_process(supervisor, request->process)->number;
	if (supervisor->resolver != NULL) {
		host_names_lend(resolver_names(supervisor->resolver), request,
			clock_monotonic());
	}
	mcp_catch_up(supervisor, request->process);
	supervisor_judge(supervisor, request);
	switch (request_judged(request)->verdict) {
	case VERDICT_ALLOW:
		supervisor_allow(supervisor, request);
		return;
	case VERDICT_ASK:
		request_ask(supervisor, request);
		return;
	case VERDICT_DENY:
	case VERDICT_FORBID:
	case VERDICT_COUNT:
		break;
	}
	supervisor_deny(supervisor, request);
}

static void actions_count(const struct request *request, const struct judged *judged)
{
	struct process_state *state = process_state_of(request->process);
	for (size_t i = 0; state != NULL && i < request->action_count; i++) {
		const enum verdict verdict = judged->actions[i].verdict;
		state->judged++;
		state->denied += verdict == VERDICT_DENY || verdict == VERDICT_FORBID;
	}
}

void supervisor_request_gone(struct supervisor *supervisor, struct request *request,
	int error, unsigned flags)
{
	struct judged *judged = request_judged(request);
	const struct recorded_call call = {
		.pid = request->process->pid,
		.tid = request->tid,
		.image = (int64_t)request->user[REQUEST_IMAGE],
		.syscall_name = request->syscall_name,
		.program = text_of(request->process->program),
		.actions = request->actions,
		.action_count = request->action_count,
		.error = error,
		.flags = flags,
	};
	record_call(supervisor, &call, judged);
	actions_count(request, judged);
	request->user[REQUEST_JUDGED] = 0;
	judge_release(&supervisor->judge, judged);
}

static void request_withdrawn(struct supervisor *supervisor, struct request *request)
{
	if (request_waiter(request) != NULL) {
		question_interrupt(supervisor, request);
		return;
	}
	struct judged *judged = request_judged(request);
	if (judged->is_delayed) {
		resolver_forget(supervisor->resolver, request);
		request->user[REQUEST_JUDGED] = 0;
		judge_release(&supervisor->judge, judged);
		return;
	}
	if (judged->question != 0 && judged->has_scope && judged->scope == SCOPE_ONCE) {
		/* It starts anew, and what was answered for it still holds. */
		request->user[REQUEST_JUDGED] = 0;
		judge_release(&supervisor->judge, judged);
		return;
	}
	supervisor_request_gone(supervisor, request, 0, EVENT_WITHDRAWN);
}

/* What the request borrowed is not needed any more: it goes with the next event. */
static void names_return(struct supervisor *supervisor, struct request *request)
{
	if (supervisor->resolver != NULL) {
		host_names_return(resolver_names(supervisor->resolver), request);
	}
}

static void process_end(
	struct supervisor *supervisor, struct process *process, int status)
{
	const struct process_state *state = process_state_of(process);
	if (state != NULL) {
		question_expire(supervisor, 0, state->number);
	}
	record_process_end(supervisor, process, status);
}

static void command_gone(struct supervisor *supervisor, int status)
{
	supervisor->command_ended = true;
	supervisor->command_status = status;
	if (supervisor->options->on_exit == ON_EXIT_KILL) {
		tracer_kill_tree(supervisor->tracer);
	}
}

static void event_handle(
	struct supervisor *supervisor, const struct tracer_event *event)
{
	switch (event->kind) {
	case TRACER_REQUEST:
		supervisor_request(supervisor, event->request);
		break;
	case TRACER_RESULT:
		if (event->request->killed != NULL) {
			judged_deny(request_judged(event->request),
				event->request->killed, event->error);
			denial_tell(supervisor, event->request);
		}
		question_call_done(supervisor, event->request);
		if (event->error == 0 || event->error == EINPROGRESS) {
			labels_done(supervisor, event->request);
		}
		labels_gone(supervisor, event->request);
		mcp_exec_ended(supervisor, event->request);
		supervisor_request_gone(supervisor, event->request, event->error, 0);
		names_return(supervisor, event->request);
		break;
	case TRACER_WITHDRAWN:
		labels_gone(supervisor, event->request);
		mcp_exec_ended(supervisor, event->request);
		request_withdrawn(supervisor, event->request);
		names_return(supervisor, event->request);
		break;
	case TRACER_PROCESS_START:
		(void)record_process(supervisor, event->process);
		break;
	case TRACER_PROCESS_EXEC:
		record_exec(supervisor, event->process);
		mcp_exec_done(supervisor, event->process);
		break;
	case TRACER_PROCESS_END:
		process_end(supervisor, event->process, event->status);
		break;
	case TRACER_COMMAND_STOPPED:
		signals_stop_self(supervisor);
		break;
	case TRACER_COMMAND_ENDED:
		command_gone(supervisor, event->status);
		break;
	case TRACER_TREE_ENDED:
		supervisor->tree_ended = true;
		break;
	}
}

bool supervisor_drain_tracer(struct supervisor *supervisor)
{
	enum { EVENTS_PER_TURN = 512 };
	struct tracer_event event;
	for (int i = 0; i < EVENTS_PER_TURN; i++) {
		if (supervisor->tree_ended ||
			!tracer_next(supervisor->tracer, &event)) {
			return true;
		}
		event_handle(supervisor, &event);
	}
	return false;
}
