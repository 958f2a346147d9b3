/* SPDX-License-Identifier: MIT */
/* The tracer's events: each request is judged and answered, each outcome recorded. */
#include "session/supervisor.h"

void supervisor_allow(struct supervisor *supervisor, struct request *request)
{
	tracer_answer(
		supervisor->tracer, request, (struct answer){.kind = ANSWER_ALLOW});
}

void supervisor_deny(struct supervisor *supervisor, struct request *request)
{
	struct judged *judged = request_judged(request);
	/* Before the caller runs on, so that the reason stands before its own message. */
	denial_line_write(&supervisor->denial, &supervisor->judge, request, judged,
		clock_monotonic());
	tracer_answer(supervisor->tracer, request,
		(struct answer){.kind = ANSWER_DENY, .error = judged->error});
}

/* What would be asked is settled otherwise: every action of it gets that verdict. */
static void judged_settle(struct judged *judged, enum verdict verdict, enum decider by)
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

static void request_ask(struct supervisor *supervisor, struct request *request)
{
	struct judged *judged = request_judged(request);
	switch (supervisor->options->ask) {
	case ASK_ALLOW:
		judged_settle(judged, VERDICT_ALLOW, BY_DEFAULT);
		supervisor_allow(supervisor, request);
		return;
	case ASK_DENY:
	case ASK_TUI:
	case ASK_LINE:
	case ASK_ATTACH:
		break;
	}
	judged_settle(judged, VERDICT_DENY, BY_HEADLESS);
	supervisor_deny(supervisor, request);
}

static void request_new(struct supervisor *supervisor, struct request *request)
{
	(void)record_process(supervisor, request->process);
	int64_t now = clock_monotonic();
	struct judged *judged = judge_request(&supervisor->judge, request,
		clock_wall(&supervisor->clock, now) / NANOSECONDS_PER_SECOND);
	judged->monotonic = now;
	request->user[0] = (uintptr_t)judged;
	switch (judged->verdict) {
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

static void request_gone(struct supervisor *supervisor, struct request *request,
	int error, unsigned flags)
{
	struct judged *judged = request_judged(request);
	record_result(supervisor, request, judged, error, flags);
	request->user[0] = 0;
	judge_release(&supervisor->judge, judged);
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
		request_new(supervisor, event->request);
		break;
	case TRACER_RESULT:
		request_gone(supervisor, event->request, event->error, 0);
		break;
	case TRACER_WITHDRAWN:
		request_gone(supervisor, event->request, 0, EVENT_WITHDRAWN);
		break;
	case TRACER_PROCESS_START:
		(void)record_process(supervisor, event->process);
		break;
	case TRACER_PROCESS_EXEC:
		record_exec(supervisor, event->process);
		break;
	case TRACER_PROCESS_END:
		record_process_end(supervisor, event->process, event->status);
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
