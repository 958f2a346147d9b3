/* SPDX-License-Identifier: MIT */
/*
 * File calls that come as seccomp notifications: taken, prepared, given out as requests,
 * and answered. A notification is matched to its thread's record by the thread id, never
 * by order.
 */
#include "tracer/filter.h"
#include "tracer/injection.h"
#include "tracer/listener.h"
#include "tracer/name_lock.h"
#include "tracer/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

bool call_describe(struct tracer *tracer, struct tracee *tracee, struct call *call,
	uint64_t number, const uint64_t arguments[6])
{
	struct syscall_decision decision =
		syscall_table_decide(&tracer->calls, number, arguments);

	*call = (struct call){
		.tid = tracee->tid,
		.pid = tracee->process->shared.pid,
		.memory_fd = tracee_memory(tracer, tracee),
		.number = number,
		.row = syscall_table_row(number),
		.operation = decision.operation,
		.has_own_credentials = tracee->process->has_own_credentials,
		.opened = &tracee->process->opened,
		.opens_itself = tracer->listener_fd < 0,
		.is_at_limit = tracee->process->is_at_limit,
	};
	memcpy(call->arguments, arguments, sizeof(call->arguments));
	return call->row != NULL;
}

bool file_outcome_send(
	struct tracer *tracer, uint64_t notification, struct file_outcome *outcome)
{
	if (outcome->kind != FILE_HANDOVER) {
		return listener_send(tracer->listener_fd, notification, outcome->value);
	}
	int failure = listener_send_descriptor(
		tracer->listener_fd, notification, outcome->fd, outcome->close_on_exec);
	if (failure == ENOENT || failure == EINPROGRESS || failure == ESRCH) {
		return false;
	}
	close(outcome->fd);
	*outcome = (struct file_outcome){.kind = FILE_RESULT, .value = -failure};
	return failure == 0 ||
	       listener_send(tracer->listener_fd, notification, -failure);
}

static int outcome_error(const struct file_outcome *outcome)
{
	return outcome->kind == FILE_RESULT && outcome->value < 0 ? (int)-outcome->value
								  : 0;
}

void notification_finish(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	bool is_waiting = tracee && tracee->state == TRACEE_NOTIFIES;

	if (!tracee) {
		if (pending->outcome.kind == FILE_HANDOVER) {
			close(pending->outcome.fd);
		}
	} else if (is_waiting && file_outcome_send(tracer, pending->notification,
					 &pending->outcome)) {
		tracee->state = TRACEE_RUNS;
		tracee_pause_soon(tracee);
	} else {
		/* Interrupted meanwhile: the restarted call gets it. */
		restart_keep(tracee, pending);
	}
	pending_report(tracer, pending, outcome_error(&pending->outcome));
}

void performed_drain(struct tracer *tracer)
{
	struct pending *pending;

	while ((pending = performers_next(tracer->performers)) != NULL) {
		if (pending->is_preparing) {
			request_prepared(tracer, pending);
			continue;
		}
		if (pending->is_checked_again) {
			carry_checked_again(tracer, pending);
			continue;
		}
		name_lock_performed(tracer, pending);
		carry_performed(tracer, pending);
	}
}

/* A restarted call whose first run is still in a performer: it waits for that one. */
static bool rejoin_performing(
	struct tracee *tracee, const struct seccomp_notif *notification)
{
	struct pending *pending = tracee->pending;

	if (!pending || pending->progress != PENDING_PERFORMING ||
		pending->call.number != (uint64_t)notification->data.nr ||
		memcmp(pending->call.arguments, notification->data.args,
			sizeof(pending->call.arguments)) != 0) {
		return false;
	}
	pending->notification = notification->id;
	tracee->state = TRACEE_NOTIFIES;
	return true;
}

static void give_out(struct tracer *tracer, struct tracee *tracee,
	const struct seccomp_notif *notification)
{
	struct pending *pending = pending_create(tracer, tracee);
	uint64_t arguments[6];

	for (int i = 0; i < 6; i++) {
		arguments[i] = notification->data.args[i];
	}
	pending->notification = notification->id;
	(void)call_describe(tracer, tracee, &pending->call,
		(uint64_t)(uint32_t)notification->data.nr, arguments);
	tracee->state = TRACEE_NOTIFIES;
	tracee->interrupted_stack = 0;
	tracee->changes = 0;
	request_prepare(tracer, pending);
}

static void handle_notification(
	struct tracer *tracer, const struct seccomp_notif *notification)
{
	struct tracee *tracee = tracee_find(tracer, (pid_t)notification->pid);
	uint64_t number = (uint64_t)(uint32_t)notification->data.nr;

	tracer->counters.notifications++;
	if (!tracee || !tracee->process) {
		/* Nobody whom we know may get here: fail closed. */
		(void)listener_send(tracer->listener_fd, notification->id, -EPERM);
		return;
	}
	if (number == FILTER_NUMBER_HOLD && tracee->pending &&
		tracee->pending->is_handed_over) {
		tracee->pending->is_handed_over = false;
		tracee->pending->notification = notification->id;
		notification_finish(tracer, tracee->pending);
		return;
	}
	if (number == FILTER_NUMBER_HOLD) {
		injection_notified(tracer, tracee, notification->id);
		return;
	}
	if (rejoin_performing(tracee, notification)) {
		return;
	}
	if (tracee->pending) {
		pending_withdraw(tracer, tracee); /* its interruption is not seen yet */
		tracee->is_restarted = true;
	}
	if (tracee->kept.is_valid) {
		struct call call = {.number = number};
		for (int i = 0; i < 6; i++) {
			call.arguments[i] = notification->data.args[i];
		}
		if (restart_answer(tracer, tracee, notification->id, &call)) {
			tracee->state = TRACEE_RUNS;
			tracee_pause_soon(tracee);
			return;
		}
	}
	give_out(tracer, tracee, notification);
}

void notifications_drain(struct tracer *tracer)
{
	struct seccomp_notif notification;

	/* Does not block: epoll saw one, and nobody else takes any. It may be gone. */
	if (listener_receive(tracer->listener_fd, &notification)) {
		handle_notification(tracer, &notification);
	}
}
