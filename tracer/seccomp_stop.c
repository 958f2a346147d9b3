/* SPDX-License-Identifier: MIT */
/* Calls at their trace stop, and the exit stop of those that we changed. */
#include "tracer/filter.h"
#include "tracer/injection.h"
#include "tracer/tree.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>

/* A call that the pages were just mapped for, or that left its notification. */
static bool resume_pending(
	struct tracer *tracer, struct tracee *tracee, const struct call_registers *call)
{
	struct pending *pending = tracee->pending;
	bool is_reopen = call->number == FILTER_NUMBER_REOPEN;

	if (!pending || pending->progress != PENDING_RUNNING || pending->is_expired ||
		is_reopen != tracee->wants_native ||
		(!is_reopen && call->number != pending->call.number) ||
		memcmp(call->arguments, pending->call.arguments,
			sizeof(call->arguments)) != 0) {
		return false;
	}
	if (is_reopen) {
		pending->notification = 0;
	}
	tracee->state = TRACEE_STOPPED;
	if (pending->exec) {
		carry_exec(tracer, pending);
	} else {
		carry_pinned(tracer, pending);
	}
	return true;
}

/* The next message of a sendmmsg, just as it was pinned. */
static bool is_next_message(
	const struct tracee *tracee, const struct call_registers *call)
{
	if (tracee->next_message != NEXT_ENTERED ||
		call->number != registers_number(&tracee->expected)) {
		return false;
	}
	for (int i = 0; i < 6; i++) {
		if (call->arguments[i] != registers_argument(&tracee->expected, i)) {
			return false;
		}
	}
	return true;
}

void seccomp_stop(struct tracer *tracer, struct tracee *tracee)
{
	struct call_registers registers;

	if (tracee->state == TRACEE_INJECTED) {
		tracee_continue_to_exit(
			tracee, 0); /* a call of ours meets a range guard */
		return;
	}
	if (!registers_read_call(tracee->tid, &registers)) {
		return; /* killed out of its stop */
	}
	tracee->is_call_interrupted = false;
	if (is_next_message(tracee, &registers)) {
		tracee_continue_to_exit(tracee, 0);
		return;
	}
	tracee->next_message = NEXT_NONE;
	if (resume_pending(tracer, tracee, &registers)) {
		return;
	}
	if (tracee->pending && tracee->pending->is_expired) {
		tracee->is_restarted = true;
	}
	pending_withdraw(tracer, tracee);
	tracee->wants_native = false;
	if (registers.architecture != AUDIT_ARCH_X86_64 ||
		registers.number == FILTER_NUMBER_REOPEN) {
		(void)registers_skip_call(tracee->tid, -ENOSYS);
		tracee->state = TRACEE_RUNS;
		tracee_continue(tracee, 0);
		return;
	}
	struct pending *pending = pending_create(tracer, tracee);
	(void)call_describe(
		tracer, tracee, &pending->call, registers.number, registers.arguments);
	tracee->state = TRACEE_STOPPED;
	tracee->changes = 0;
	pending->is_silent = tracer->is_starting && tracee->tid == tracer->command;
	if (restart_take(tracee, pending, registers.stack)) {
		pending->is_silent = true; /* it was reported when it was interrupted */
		file_outcome_at_stop(tracer, pending);
		return;
	}
	request_prepare(tracer, pending);
}

enum { RESTART_NO_INTERRUPT = -513 }; /* ERESTARTNOINTR of the kernel */

/* The kernel will restart the call or make it fail with EINTR, at the next stop. */
static bool is_restart_code(int64_t result)
{
	return result == -512 || result == RESTART_NO_INTERRUPT || result == -514 ||
	       result == -516;
}

void exit_stop(struct tracer *tracer, struct tracee *tracee)
{
	struct pending *pending = tracee->pending;
	struct registers now;

	if (tracee->state == TRACEE_INJECTED) {
		injection_call_stop(tracer, tracee);
		return;
	}
	if (tracee->state != TRACEE_CALLS) {
		/* It was to send its next message, but made a call of its own. */
		tracee->next_message = NEXT_NONE;
		tracee_continue(tracee, 0);
		return;
	}
	if (!registers_read(tracee->tid, &now)) {
		return;
	}
	int64_t result = registers_result(&now);
	if (tracee->next_message == NEXT_WANTED) {
		tracee->next_message = NEXT_ENTERED;
		tracee_continue_to_exit(tracee, 0);
		return;
	}
	tracee->next_message = NEXT_NONE;
	if (pending && pending->slot != ARENA_NO_SLOT &&
		carry_pinned_continues(tracer, pending, &result)) {
		return;
	}
	if (pending && pending->call.operation == OPERATION_IPC) {
		ipc_objects_note(
			&tracer->ipc_objects, &pending->call, tracee->tid, result);
	}
	/* Argument registers and number as the caller had them, with the result. */
	registers_set_result(&tracee->saved, result);
	(void)registers_write(tracee->tid, &tracee->saved);
	tracee->state = TRACEE_RUNS;
	if (pending && pending->is_expired &&
		(result == -EINTR || is_restart_code(result))) {
		registers_set_result(&tracee->saved, RESTART_NO_INTERRUPT);
		(void)registers_write(tracee->tid, &tracee->saved);
		result = RESTART_NO_INTERRUPT;
	}
	tracee->is_call_interrupted = is_restart_code(result);
	if (pending && tracee->is_call_interrupted) {
		tracee->is_restarted = true;
		pending_withdraw(tracer, tracee);
	} else if (pending) {
		pending_report(tracer, pending, result < 0 ? (int)-result : 0);
	}
	tracee_continue(tracee, 0);
}
