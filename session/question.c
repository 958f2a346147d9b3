/* SPDX-License-Identifier: MIT */
/* The table of open questions and of the calls that wait for them. */
#include "session/question.h"

#include "base/xalloc.h"
#include "session/answer.h"
#include "session/clients.h"
#include "session/mcp.h"
#include "session/notification.h"
#include "session/supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Longer than a signal handler usually takes, too short to be seen. */
#define INTERRUPTED_KEPT (300 * (int64_t)NANOSECONDS_PER_MS)

static const char too_many_reason[] = "too many questions are open";
static const char too_long_reason[] = "it is too long to be asked about";

struct question *question_find(struct supervisor *supervisor, int64_t number)
{
	struct question *question = supervisor->questions.first;
	while (question != NULL && question->number != number) {
		question = question->next;
	}
	return question;
}

static struct question *question_find_equal(
	struct supervisor *supervisor, const struct request *request)
{
	struct question *question = supervisor->questions.first;
	/* What it carries is shown, so that it belongs to the question. */
	while (question != NULL &&
		(question->labels != request_judged(request)->labels ||
			!call_key_matches(&question->key, request))) {
		question = question->next;
	}
	return question;
}

/* The number is the recorder's, which keeps the question as it is shown. */
static int64_t question_record(struct supervisor *supervisor,
	const struct request *request, const struct question *question)
{
	const struct action *action =
		&request->actions[request_judged(request)->strictest];
	char *details = question_recorded_details(request, question->shown);
	const struct question_record record = {
		.session = supervisor->session,
		.time = clock_wall(&supervisor->clock, clock_monotonic()),
		.process = question->image,
		.pid = request->process->pid,
		.tid = request->tid,
		.verb = action->verb,
		.object = action->object,
		.asked_as = action->asked_as,
		.argv = action_recorded_argv(action),
		.argc = action->argc,
		.details = text_of(details),
	};
	int64_t number = recorder_question(supervisor->recorder, &record);
	free(details);
	return number;
}

/* NULL: it is too long to be shown. */
static struct question *question_open(
	struct supervisor *supervisor, const struct request *request)
{
	struct question *question = xcalloc(1, sizeof(*question));
	call_key_init(&question->key, request);
	question->labels = request_judged(request)->labels;
	question->image = process_state_of(request->process)->number;
	question->shown = question_compose(supervisor, request);
	if (question->shown == NULL) {
		call_key_finish(&question->key);
		free(question);
		return NULL;
	}
	question->number = question_record(supervisor, request, question);
	/* The oldest comes first, for front ends that join later. */
	struct question **end = &supervisor->questions.first;
	while (*end != NULL) {
		end = &(*end)->next;
	}
	*end = question;
	supervisor->questions.open++;
	return question;
}

static void question_free(struct supervisor *supervisor, struct question *question)
{
	struct question **link = &supervisor->questions.first;
	while (*link != question) {
		link = &(*link)->next;
	}
	*link = question->next;
	supervisor->questions.open--;
	call_key_finish(&question->key);
	json_decref(question->shown);
	answer_forget(question);
	free(question);
}

void question_close_if_empty(struct supervisor *supervisor, struct question *question,
	const struct protocol_question_end *end)
{
	if (question->waiters != NULL) {
		question->changed = UINT64_MAX;
		return;
	}
	if (question->answering != NULL) {
		return; /* closed once the answer is on the disk */
	}
	clients_send_question_end(
		supervisor, question, protocol_question_end_write(end));
	question_free(supervisor, question);
}

static struct waiter *waiter_find_interrupted(
	const struct question *question, pid_t tid)
{
	struct waiter *waiter = question->waiters;
	while (waiter != NULL && (waiter->request != NULL || waiter->tid != tid)) {
		waiter = waiter->next;
	}
	return waiter;
}

static void waiter_free(struct supervisor *supervisor, struct waiter *waiter)
{
	struct waiter **link = &waiter->question->waiters;
	while (*link != waiter) {
		link = &(*link)->next;
	}
	*link = waiter->next;
	if (waiter->request != NULL) {
		waiter->request->user[REQUEST_WAITER] = 0;
		waiter->question->waiting--;
		supervisor->questions.held--;
	} else {
		judge_release(&supervisor->judge, waiter->judged);
	}
	free(waiter);
}

static void waiter_hold(
	struct supervisor *supervisor, struct waiter *waiter, struct request *request)
{
	struct judged *judged = request_judged(request);
	judged->question = waiter->question->number;
	judged->held = waiter->since;
	waiter->request = request;
	waiter->judged = judged;
	request->user[REQUEST_WAITER] = (uintptr_t)waiter;
	waiter->question->waiting++;
	supervisor->questions.held++;
	if (!mcp_is_message(request)) { /* that is held as it is */
		tracer_hold(supervisor->tracer, request);
	}
}

static struct waiter *waiter_add(
	struct question *question, const struct request *request)
{
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct waiter){
		.question = question,
		.pid = request->process->pid,
		.tid = request->tid,
		.image = process_state_of(request->process)->number,
		.syscall_name = request->syscall_name,
		.since = clock_monotonic(),
	};
	struct waiter **end = &question->waiters;
	while (*end != NULL) {
		end = &(*end)->next;
	}
	*end = waiter;
	question->asked++;
	return waiter;
}

/* Too many questions are no reason to stop asking those that are there. */
static void question_refuse(
	struct supervisor *supervisor, struct request *request, const char *reason)
{
	struct judged *judged = request_judged(request);
	judged_settle(judged, VERDICT_DENY, BY_HEADLESS);
	judged->reason = reason;
	judged->error = EAGAIN;
	supervisor_deny(supervisor, request);
}

/* Each may keep its names and its memory open; the rest is for everybody else. */
static size_t held_max(void)
{
	enum { SHARE = 8 };
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
		files.rlim_cur / SHARE >= CALLS_HELD_MAX) {
		return CALLS_HELD_MAX;
	}
	return files.rlim_cur < SHARE ? 1 : files.rlim_cur / SHARE;
}

void question_ask(struct supervisor *supervisor, struct request *request)
{
	struct question_table *table = &supervisor->questions;
	struct question *question = question_find_equal(supervisor, request);
	struct waiter *waiter =
		question != NULL ? waiter_find_interrupted(question, request->tid)
				 : NULL;
	if (waiter != NULL) {
		judge_release(&supervisor->judge, waiter->judged);
		waiter_hold(supervisor, waiter, request);
		return;
	}
	if (table->held >= held_max() ||
		(question == NULL && table->open >= QUESTIONS_OPEN_MAX)) {
		question_refuse(supervisor, request, too_many_reason);
		return;
	}
	bool is_new = question == NULL;
	if (is_new) {
		question = question_open(supervisor, request);
	}
	if (question == NULL) {
		question_refuse(supervisor, request, too_long_reason);
		return;
	}
	waiter_hold(supervisor, waiter_add(question, request), request);
	question->changed = UINT64_MAX;
	if (is_new) {
		notification_send(supervisor, question);
		history_start_next(supervisor);
	}
}

void question_interrupt(struct supervisor *supervisor, struct request *request)
{
	struct waiter *waiter = request_waiter(request);
	waiter->request = NULL;
	waiter->deadline = clock_monotonic() + INTERRUPTED_KEPT;
	waiter->question->waiting--;
	supervisor->questions.held--;
	request->user[REQUEST_JUDGED] = 0;
	request->user[REQUEST_WAITER] = 0;
}

static int64_t milliseconds_since(int64_t since)
{
	return (clock_monotonic() - since) / NANOSECONDS_PER_MS;
}

static void waiter_give_up(struct supervisor *supervisor, struct waiter *waiter)
{
	struct question *question = waiter->question;
	const struct recorded_call call = {
		.pid = waiter->pid,
		.tid = waiter->tid,
		.image = waiter->image,
		.syscall_name = waiter->syscall_name,
		.program = question->key.program,
		.actions = question->key.actions,
		.action_count = question->key.action_count,
		.flags = EVENT_WITHDRAWN,
	};
	waiter->judged->waited_ms = milliseconds_since(waiter->since);
	judged_settle(waiter->judged, VERDICT_DENY, BY_DEFAULT);
	record_call(supervisor, &call, waiter->judged);
	waiter_free(supervisor, waiter);
}

static void question_expire_one(struct supervisor *supervisor,
	struct question *question, int64_t now, int64_t image)
{
	bool changed = false;
	struct waiter *next;
	for (struct waiter *waiter = question->waiters; waiter != NULL; waiter = next) {
		next = waiter->next;
		if (waiter->request == NULL &&
			(waiter->deadline <= now || waiter->image == image)) {
			waiter_give_up(supervisor, waiter);
			changed = true;
		}
	}
	if (changed) {
		const struct protocol_question_end end = {
			.question = question->number,
			.end = QUESTION_WITHDRAWN,
		};
		question_close_if_empty(supervisor, question, &end);
	}
}

void question_expire(struct supervisor *supervisor, int64_t now, int64_t image)
{
	struct question *next;
	for (struct question *question = supervisor->questions.first; question != NULL;
		question = next) {
		next = question->next;
		question_expire_one(supervisor, question, now, image);
	}
}

int64_t question_next_expiry(const struct supervisor *supervisor)
{
	int64_t first = INT64_MAX;
	const struct question *question = supervisor->questions.first;
	for (; question != NULL; question = question->next) {
		const struct waiter *waiter = question->waiters;
		for (; waiter != NULL; waiter = waiter->next) {
			if (waiter->request == NULL && waiter->deadline < first) {
				first = waiter->deadline;
			}
		}
	}
	return first;
}

/* Takes the call off its question and answers it by what its judged says. */
static void waiter_release(struct supervisor *supervisor, struct waiter *waiter)
{
	struct request *request = waiter->request;
	struct judged *judged = request_judged(request);
	judged->waited_ms = milliseconds_since(waiter->since);
	waiter_free(supervisor, waiter);
	if (judged->verdict == VERDICT_ALLOW) {
		supervisor_allow(supervisor, request);
	} else {
		supervisor_deny(supervisor, request);
	}
}

void question_settle_once(struct supervisor *supervisor, struct question *question,
	enum verdict verdict, const char *message)
{
	struct waiter *next;
	for (struct waiter *waiter = question->waiters; waiter != NULL; waiter = next) {
		next = waiter->next;
		grant_add(supervisor, waiter, verdict, message);
		if (waiter->request == NULL) {
			waiter_free(supervisor, waiter);
			continue;
		}
		judged_set_once(waiter->judged, verdict, question->number, message);
		waiter_release(supervisor, waiter);
	}
}

/* Decided by the very rules that the answer stored: by the person, then. */
static void judged_set_answer(struct judged *judged, const struct answer_record *answer)
{
	for (size_t i = 0; i < judged->action_count; i++) {
		struct judged_action *action = &judged->actions[i];
		if (action->rule != NULL && answer_has_rule(answer, action->rule->id)) {
			action->by = BY_PERSON;
			judged->rule = action->rule->id;
			judged->has_scope = true;
			judged->scope = action->rule->scope;
		}
	}
	if (judged->verdict != VERDICT_ALLOW && answer->message != NULL) {
		judged->message = xstrdup(answer->message);
	}
}

bool question_rejudge(struct supervisor *supervisor, struct question *question,
	const struct answer_record *answer, enum verdict *verdict)
{
	bool released = false;
	struct waiter *next;
	for (struct waiter *waiter = question->waiters; waiter != NULL; waiter = next) {
		next = waiter->next;
		if (waiter->request == NULL) {
			continue; /* judged when it comes back */
		}
		struct judged *before = waiter->judged;
		supervisor_judge(supervisor, waiter->request);
		struct judged *judged = request_judged(waiter->request);
		judged->monotonic = before->monotonic;
		judged->held = before->held;
		judged->question = question->number;
		waiter->judged = judged;
		judge_release(&supervisor->judge, before);
		if (judged->verdict != VERDICT_ASK) {
			if (answer != NULL) {
				judged_set_answer(judged, answer);
			}
			*verdict = judged->verdict;
			released = true;
			waiter_release(supervisor, waiter);
		}
	}
	return released;
}

void question_rejudge_all(struct supervisor *supervisor)
{
	struct question *next;
	for (struct question *question = supervisor->questions.first; question != NULL;
		question = next) {
		next = question->next;
		enum verdict verdict;
		if (question_rejudge(supervisor, question, NULL, &verdict)) {
			const struct protocol_question_end end = {
				.question = question->number,
				.end = QUESTION_RULED,
				.verdict = verdict,
			};
			question_close_if_empty(supervisor, question, &end);
		}
	}
}

void question_deny_all(struct supervisor *supervisor)
{
	while (supervisor->questions.first != NULL) {
		struct question *question = supervisor->questions.first;
		answer_forget(question);
		struct waiter *next;
		for (struct waiter *waiter = question->waiters; waiter != NULL;
			waiter = next) {
			next = waiter->next;
			if (waiter->request == NULL) {
				waiter_give_up(supervisor, waiter);
				continue;
			}
			judged_settle(waiter->judged, VERDICT_DENY, BY_HEADLESS);
			waiter_release(supervisor, waiter);
		}
		const struct protocol_question_end end = {
			.question = question->number,
			.end = QUESTION_HEADLESS,
			.verdict = VERDICT_DENY,
		};
		question_close_if_empty(supervisor, question, &end);
	}
}

void question_finish_all(struct supervisor *supervisor)
{
	while (supervisor->questions.first != NULL) {
		struct question *question = supervisor->questions.first;
		while (question->waiters != NULL) {
			struct waiter *waiter = question->waiters;
			question->waiters = waiter->next;
			free(waiter);
		}
		question_free(supervisor, question);
	}
	grant_remove_all(supervisor);
	answer_record_free(supervisor->questions.last_answer);
	supervisor->questions.last_answer = NULL;
}
