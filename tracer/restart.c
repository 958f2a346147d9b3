/* SPDX-License-Identifier: MIT */
/*
 * Calls that a signal or an interruption of ours took out of their wait. The kernel then
 * left an -ERESTART… code where the result goes, and what becomes of the call is decided
 * by the registers at the next ptrace stop, which is where this file puts them right:
 *
 * - A call that nobody is asked about must not become interruptible: it restarts
 *   whatever handlers say (-ERESTARTNOINTR), and a result that it already has is kept
 *   and given to the restarted call, so that nothing happens twice.
 * - A held call is interruptible with the usual meaning of SA_RESTART (-ERESTARTSYS).
 * - A parked call gets its own number back first; pause(2) leaves arguments alone.
 * - A stop may also come when the kernel has gone back to the instruction of a call of
 *   ours and has not run it yet. That is put back to the moment before it went.
 */
#include "tracer/filter.h"
#include "tracer/listener.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK_TRIES = 100 };

/* include/linux/errno.h of the kernel: never seen by a program. */

enum { RESTART_SYS = -512, RESTART_NO_INTERRUPT = -513, RESTART_NO_HANDLER = -514 };

void kept_result_drop(struct kept_result *kept)
{
	if (kept->is_valid && kept->outcome.kind == FILE_HANDOVER) {
		close(kept->outcome.fd);
	}
	*kept = (struct kept_result){0};
}

void restart_keep(struct tracee *tracee, const struct pending *pending)
{
	struct kept_result *kept = &tracee->kept;

	kept_result_drop(kept);
	*kept = (struct kept_result){
		.is_valid = true,
		.number = pending->call.number,
		.outcome = pending->outcome,
	};
	memcpy(kept->arguments, pending->call.arguments, sizeof(kept->arguments));
}

/* Field 8 of /proc/TID/syscall, proc(5); 0 while the thread has not fallen asleep yet. */
static uint64_t read_stack_pointer(int fd)
{
	char line[256];
	ssize_t length = pread(fd, line, sizeof(line) - 1, 0);

	line[length > 0 ? length : 0] = '\0';
	char *field = line;
	for (int i = 0; field && i < 7; i++) {
		field = strchr(field + 1, ' ');
	}
	return field ? strtoull(field, NULL, 16) : 0;
}

/* The stack pointer of a thread that waits in a call; 0: not to be had. */
static uint64_t stack_of_waiting(pid_t tid)
{
	char path[40];
	uint64_t stack = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && stack == 0 && i < STACK_TRIES; i++) {
		stack = read_stack_pointer(fd);
	}
	if (fd >= 0) {
		close(fd);
	}
	return stack;
}

/* The interrupted call itself, and not another one, of a handler's or later. */
static bool kept_matches(struct tracee *tracee, const struct call *call, uint64_t stack)
{
	struct kept_result *kept = &tracee->kept;

	if (stack != 0 && stack < tracee->interrupted_stack) {
		return false; /* a handler's own call, below the interrupted one */
	}
	if ((stack == 0 || stack == tracee->interrupted_stack ||
		    tracee->interrupted_stack == 0) &&
		call->number == kept->number &&
		memcmp(call->arguments, kept->arguments, sizeof(kept->arguments)) ==
			0) {
		return true;
	}
	kept_result_drop(kept); /* the interrupted call was given up (longjmp) */
	return false;
}

bool restart_answer(struct tracer *tracer, struct tracee *tracee, uint64_t notification,
	const struct call *call)
{
	struct kept_result *kept = &tracee->kept;

	if (!kept->is_valid ||
		!kept_matches(tracee, call, stack_of_waiting(tracee->tid))) {
		return false;
	}
	if (file_outcome_send(tracer, notification, &kept->outcome)) {
		*kept = (struct kept_result){0};
	}
	return true;
}

bool restart_take(struct tracee *tracee, struct pending *pending, uint64_t stack)
{
	struct kept_result *kept = &tracee->kept;

	if (!kept->is_valid || !kept_matches(tracee, &pending->call, stack)) {
		return false;
	}
	pending->outcome = kept->outcome;
	*kept = (struct kept_result){0};
	return true;
}

/* Whether the call in these registers is one that we carry out on behalf. */
static bool is_file_call(const struct tracer *tracer, const struct registers *registers)
{
	uint64_t arguments[6];

	for (int i = 0; i < 6; i++) {
		arguments[i] = registers_argument(registers, i);
	}
	return syscall_table_decide(
		       &tracer->calls, registers_number(registers), arguments)
		       .class
	       == CLASS_FILE;
}

/*
 * The thread left its notification. Held: the question is withdrawn. Else its outcome,
 * known or still to come, is kept for the restart.
 */
static int64_t leave_notification(
	struct tracer *tracer, struct tracee *tracee, const struct registers *registers)
{
	struct pending *pending = tracee->pending;
	bool is_held = pending && pending->progress == PENDING_HELD;

	tracee->state = TRACEE_RUNS;
	tracee->wants_native = false;
	tracee->wants_park = false;
	tracee->is_restarted = true;
	tracee->interrupted_stack = registers_stack(registers);
	if (pending && pending->progress == PENDING_PERFORMING) {
		/* performed_drain finds that nobody waits, and keeps the result. */
		return RESTART_NO_INTERRUPT;
	}
	pending_withdraw(tracer, tracee);
	return is_held ? RESTART_SYS : RESTART_NO_INTERRUPT;
}

/* Puts a parked call's own number back, to restart with this code. */
static void unpark(struct tracee *tracee, struct registers *registers, int64_t code)
{
	registers_set_number(registers, tracee->parked_number);
	registers_set_result(registers, code);
	(void)registers_write(tracee->tid, registers);
	tracee->state = TRACEE_RUNS;
	tracee->is_restarted = true;
}

static bool is_interrupted_handover(
	const struct tracee *tracee, const struct registers *registers)
{
	return registers_number(registers) == FILTER_NUMBER_HOLD &&
	       registers_result(registers) == RESTART_SYS &&
	       ((tracee->pending && tracee->pending->is_handed_over) ||
		       tracee->kept.is_valid);
}

static void keep_descriptor(struct tracer *tracer, struct tracee *tracee)
{
	struct pending *pending = tracee->pending;

	if (pending) {
		pending->is_handed_over = false;
		restart_keep(tracee, pending);
		pending_report(tracer, pending, 0);
	}
}

void restart_later(struct tracer *tracer, struct tracee *tracee)
{
	struct registers registers;

	if (!registers_read(tracee->tid, &registers)) {
		return;
	}
	keep_descriptor(tracer, tracee);
	tracee->interrupted_stack = registers_stack(&registers);
	tracee->state = TRACEE_RUNS;
	registers_rewind(&registers, tracee->kept.number);
	(void)registers_write(tracee->tid, &registers);
	tracee_continue(tracee, 0);
}

/* Interrupted before it got its descriptor: the call starts anew and gets it then. */
static void keep_handover(
	struct tracer *tracer, struct tracee *tracee, struct registers *registers)
{
	keep_descriptor(tracer, tracee);
	registers_set_number(registers, tracee->kept.number);
	registers_set_result(registers, RESTART_NO_INTERRUPT);
	(void)registers_write(tracee->tid, registers);
	tracee->interrupted_stack = registers_stack(registers);
	tracee->state = TRACEE_RUNS;
}

/* As they are in the wait or before it, never on the way back into it. */
static bool read_waiting(const struct tracee *tracee, struct registers *registers)
{
	if (!registers_read(tracee->tid, registers)) {
		return false;
	}
	if ((tracee->state == TRACEE_PARKED || tracee->wants_native) &&
		registers_are_rewound(registers, &tracee->saved)) {
		*registers = tracee->saved;
		registers_set_result(registers, RESTART_NO_INTERRUPT);
	}
	return true;
}

void signal_stop_repair(struct tracer *tracer, struct tracee *tracee, int sig)
{
	struct registers registers;

	if (tracee->state == TRACEE_INJECTED || !read_waiting(tracee, &registers)) {
		return;
	}
	if (tracee->next_message == NEXT_WANTED) {
		carry_next_abandon(tracer, tracee, &registers);
		return;
	}
	int64_t result = registers_result(&registers);
	if (tracee->state == TRACEE_PARKED) {
		bool was_released = tracee->is_released;
		tracee->is_released = false;
		pending_withdraw(tracer, tracee);
		unpark(tracee, &registers,
			was_released ? RESTART_NO_INTERRUPT : RESTART_SYS);
		return;
	}
	if (is_interrupted_handover(tracee, &registers)) {
		keep_handover(tracer, tracee, &registers);
		return;
	}
	if (registers_number(&registers) == FILTER_NUMBER_REOPEN &&
		tracee->wants_native) {
		/* Interrupted between leaving its notification and making the call. */
		registers_set_number(&registers, tracee->pending->call.number);
		registers_set_result(&registers, RESTART_NO_INTERRUPT);
		(void)registers_write(tracee->tid, &registers);
		(void)leave_notification(tracer, tracee, &registers);
		return;
	}
	if (tracee->wants_park && tracee->state == TRACEE_NOTIFIES &&
		result == RESTART_NO_INTERRUPT) {
		/* As if the signal had found it parked: a held call is interruptible. */
		bool was_released = tracee->is_released;
		tracee->is_released = false;
		(void)leave_notification(tracer, tracee, &registers);
		registers_set_result(
			&registers, was_released ? RESTART_NO_INTERRUPT : RESTART_SYS);
		(void)registers_write(tracee->tid, &registers);
		return;
	}
	if (result == RESTART_SYS && !tracee->is_call_interrupted &&
		is_file_call(tracer, &registers)) {
		int64_t code = leave_notification(tracer, tracee, &registers);
		if (code != result) {
			registers_set_result(&registers, code);
			(void)registers_write(tracee->tid, &registers);
		}
	}
	ignored_signal_repair(tracer, tracee, &registers, sig);
}

void group_stop_repair(struct tracer *tracer, struct tracee *tracee)
{
	struct registers registers;

	if ((tracee->state != TRACEE_NOTIFIES && !tracee->kept.is_valid) ||
		tracee->wants_native || tracee->wants_park ||
		!registers_read(tracee->tid, &registers) ||
		registers_result(&registers) != RESTART_SYS) {
		return;
	}
	if (is_interrupted_handover(tracee, &registers)) {
		keep_handover(tracer, tracee, &registers);
	} else if (tracee->state == TRACEE_NOTIFIES) {
		(void)leave_notification(tracer, tracee, &registers);
	}
}

void notification_interrupt(struct tracer *tracer, struct pending *pending)
{
	(void)ptrace(PTRACE_INTERRUPT, pending->tracee->tid, NULL, NULL);
	if (tracer->features.wait_killable) {
		/* Only an answer ends the wait; the trap comes before it is returned. */
		(void)listener_send(tracer->listener_fd, pending->notification,
			RESTART_NO_INTERRUPT);
	}
}

/* A thread that left its notification shall make the judged call itself. */
static void go_native(struct tracee *tracee, struct registers *registers)
{
	registers_set_number(registers, FILTER_NUMBER_REOPEN);
	registers_set_result(registers, RESTART_NO_INTERRUPT);
	tracee->saved = *registers; /* for read_waiting */
	(void)registers_write(tracee->tid, registers);
}

/* A thread that left its notification waits for an answer in pause(2). */
static void park(struct tracee *tracee, struct registers *registers)
{
	tracee->wants_park = false;
	tracee->state = TRACEE_PARKED;
	tracee->parked_number = registers_number(registers);
	registers_set_number(registers, SYS_pause);
	registers_set_result(registers, RESTART_NO_INTERRUPT);
	tracee->saved = *registers; /* for read_waiting */
	(void)registers_write(tracee->tid, registers);
}

/* The answer to a parked call, at a stop of its thread. */
static void leave_parking(
	struct tracer *tracer, struct tracee *tracee, struct registers *registers)
{
	struct pending *pending = tracee->pending;

	tracee->is_released = false;
	tracee->wants_park = false;
	if (pending && pending->denial != 0) {
		registers_set_number(registers, UINT64_MAX);
		registers_set_result(registers, -pending->denial);
		(void)registers_write(tracee->tid, registers);
		tracee->state = TRACEE_RUNS;
		if (pending->denial == EINTR) {
			pending_withdraw(tracer, tracee);
		} else {
			pending_report(tracer, pending, pending->denial);
		}
		return;
	}
	pending_withdraw(tracer, tracee);
	unpark(tracee, registers, RESTART_NO_INTERRUPT);
}

void interrupt_stop_repair(struct tracer *tracer, struct tracee *tracee)
{
	struct registers registers;

	if (tracee->next_message == NEXT_WANTED && tracee->pending &&
		tracee->pending->is_expired &&
		registers_read(tracee->tid, &registers)) {
		/* It holds names, and may never come to its next message. */
		carry_next_abandon(tracer, tracee, &registers);
		return;
	}
	if ((tracee->state != TRACEE_PARKED && tracee->state != TRACEE_NOTIFIES) ||
		!read_waiting(tracee, &registers)) {
		return;
	}
	int64_t result = registers_result(&registers);
	bool has_left = result == RESTART_SYS || result == RESTART_NO_INTERRUPT;
	if (tracee->state == TRACEE_PARKED) {
		/* From inside pause(2), or on its way into it after park(). */
		if (tracee->is_released && (result == RESTART_NO_HANDLER || has_left)) {
			leave_parking(tracer, tracee, &registers);
		}
	} else if (tracee->wants_park && has_left) {
		park(tracee, &registers);
		if (tracee->is_released) {
			leave_parking(tracer, tracee, &registers);
		}
	} else if (tracee->wants_native && has_left) {
		go_native(tracee, &registers);
	} else {
		group_stop_repair(tracer, tracee);
	}
}
