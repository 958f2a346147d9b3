/* SPDX-License-Identifier: MIT */
/*
 * Verdicts carried out, so that what happens is what was judged:
 *
 * - on behalf: file calls, performed by us on pinned objects (file_call.h)
 * - pinned: the kernel runs the caller's call with arguments from the sealed pages
 * - verified: exec, proven at the exec stop
 * - by registers: calls whose arguments are registers alone run as they are
 */
#include "base/defence.h"
#include "tracer/filter.h"
#include "tracer/injection.h"
#include "tracer/listener.h"
#include "tracer/name_lock.h"
#include "tracer/network_call.h"
#include "tracer/operation_family.h"
#include "tracer/patience.h"
#include "tracer/process_call.h"
#include "tracer/sharing.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often names may change under one call before it fails. */
enum { CHANGES_MAX = 64 };

/* The thread at a seccomp stop gets this result without its call being made. */
static void skip(struct tracer *tracer, struct pending *pending, int64_t result)
{
	struct tracee *tracee = pending->tracee;

	if (tracee) {
		(void)registers_skip_call(tracee->tid, result);
		tracee->state = TRACEE_RUNS;
		tracee_continue(tracee, 0);
	}
	pending_report(tracer, pending, result < 0 ? (int)-result : 0);
}

/* A parked call starts anew and is judged again: names may have changed meanwhile. */
static void release(struct tracee *tracee)
{
	tracee->is_released = true;
	if (tracee->state == TRACEE_PARKED) {
		(void)ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL);
	}
}

void carry_deny(struct tracer *tracer, struct pending *pending, int error)
{
	struct tracee *tracee = pending->tracee;

	if (tracee && (tracee->state == TRACEE_PARKED || tracee->wants_park)) {
		pending->denial = error;
		release(tracee);
	} else if (pending->notification != 0) {
		pending->outcome =
			(struct file_outcome){.kind = FILE_RESULT, .value = -error};
		notification_finish(tracer, pending);
	} else {
		skip(tracer, pending, -error);
	}
}

void carry_interrupt(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;

	if (tracee->state == TRACEE_PARKED || tracee->wants_park) {
		pending->denial = EINTR;
		release(tracee);
	} else {
		(void)listener_send(tracer->listener_fd, pending->notification, -EINTR);
		tracee->state = TRACEE_RUNS;
		tracee_pause_soon(tracee);
		pending_withdraw(tracer, tracee);
	}
}

/* Runs the call as it stands in the registers, up to its exit stop. */
static void run_as_it_is(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;

	tracer->counters.plain_continuations +=
		operation_family(pending->call.operation) == FAMILY_FILE;
	pending->progress = PENDING_RUNNING;
	tracee->state = TRACEE_CALLS;
	if (registers_read(tracee->tid, &tracee->saved)) {
		tracee_continue_to_exit(tracee, 0);
	}
}

/* Points the registers at the slot and runs the call; false: nothing was changed. */
static void run_with(struct pending *pending, const struct registers *changed)
{
	struct tracee *tracee = pending->tracee;

	pending->progress = PENDING_RUNNING;
	tracee->state = TRACEE_CALLS;
	if (registers_write(tracee->tid, changed)) {
		tracee_continue_to_exit(tracee, 0);
	}
}

/* The same, with what was judged in the registers. */
static void run_by_registers(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	struct registers changed;

	if (!registers_read(tracee->tid, &tracee->saved)) {
		return;
	}
	changed = tracee->saved;
	if (process_call_restate(pending, &changed)) {
		run_with(pending, &changed);
	} else {
		run_as_it_is(tracer, pending);
	}
}

struct native_slot {
	struct open_how how;
	char path[ARENA_SLOT_SIZE - sizeof(struct open_how)];
};

/* The caller opens by itself, by openat2 with a name that has no link to follow. */
static void run_native_open(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	struct native_slot *slot = arena_slot_memory(tracer->arena, pending->slot);
	uint64_t address = arena_slot_address(&tracee->process->arena, pending->slot);
	struct file_native native;
	struct registers changed;

	file_call_native(pending->file, &native);
	if (!native.path) {
		tracee->wants_native = false;
		skip(tracer, pending, -ENXIO); /* no name leads to it any more */
		return;
	}
	slot->how = (struct open_how){native.flags, native.mode, native.resolve};
	(void)snprintf(slot->path, sizeof(slot->path), "%s", native.path);
	if (!registers_read(tracee->tid, &tracee->saved)) {
		return;
	}
	registers_set_number(&tracee->saved, pending->call.number);
	changed = tracee->saved;
	registers_set_number(&changed, SYS_openat2);
	registers_set_argument(&changed, 0, (uint64_t)AT_FDCWD);
	registers_set_argument(
		&changed, 1, address + offsetof(struct native_slot, path));
	registers_set_argument(
		&changed, 2, address + offsetof(struct native_slot, how));
	registers_set_argument(&changed, 3, sizeof(slot->how));
	tracee->wants_native = false;
	run_with(pending, &changed);
}

static void run_network(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	struct registers changed;

	if (!registers_read(tracee->tid, &tracee->saved)) {
		return;
	}
	changed = tracee->saved;
	network_call_pin(pending->network, &pending->call,
		arena_slot_memory(tracer->arena, pending->slot),
		arena_slot_address(&tracee->process->arena, pending->slot), &changed);
	run_with(pending, &changed);
}

/* At a seccomp stop: with the pages mapped, or after mapping them first. */
void carry_pinned(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;

	pending->progress = PENDING_RUNNING;
	if (tracee->process->arena.address == 0) {
		struct registers registers;
		if (registers_read(tracee->tid, &registers)) {
			injection_begin(tracer, tracee, registers_number(&registers));
		}
		return;
	}
	pending->slot = arena_slot_take(tracer->arena, &tracee->process->arena);
	if (pending->slot == ARENA_NO_SLOT) {
		tracee->wants_native = false;
		skip(tracer, pending, -EAGAIN);
	} else if (pending->network) {
		run_network(tracer, pending);
	} else {
		run_native_open(tracer, pending);
	}
}

/* At an exit stop: the thread makes its next sendmsg, and stops for it again. */
static void run_next_message(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	struct registers next = tracee->saved;

	network_call_pin(pending->network, &pending->call,
		arena_slot_memory(tracer->arena, pending->slot),
		arena_slot_address(&tracee->process->arena, pending->slot), &next);
	tracee->expected = next;
	tracee->next_message = NEXT_WANTED;
	registers_rewind(&next, SYS_sendmsg);
	(void)registers_write(tracee->tid, &next);
	tracee_continue_to_exit(tracee, 0);
}

bool carry_pinned_continues(
	struct tracer *tracer, struct pending *pending, int64_t *result)
{
	if (pending->network &&
		network_call_continues(pending->network, &pending->call, result)) {
		run_next_message(tracer, pending);
		return true;
	}
	arena_slot_release(tracer->arena, pending->slot);
	pending->slot = ARENA_NO_SLOT;
	return false;
}

void carry_next_abandon(
	struct tracer *tracer, struct tracee *tracee, struct registers *registers)
{
	tracee->next_message = NEXT_NONE;
	tracee->state = TRACEE_RUNS;
	*registers = tracee->saved;
	registers_set_number(registers, UINT64_MAX);
	registers_set_result(registers, network_call_sent(tracee->pending->network));
	(void)registers_write(tracee->tid, registers);
	pending_report(tracer, tracee->pending, 0);
}

static void give_to_performer(struct tracer *tracer, struct pending *pending)
{
	pending->progress = PENDING_PERFORMING;
	pending->is_remote = !pending->network && file_call_is_remote(pending->file);
	name_lock_performing(tracer, pending);
	performers_give(tracer->performers, pending);
}

/* The names lead elsewhere than a moment ago: what they lead to now is judged. */
static void judge_anew(struct tracer *tracer, struct pending *old)
{
	struct tracee *tracee = old->tracee;

	if (++tracee->changes > CHANGES_MAX) {
		carry_deny(tracer, old, EAGAIN);
		return;
	}
	pending_withdraw(tracer, tracee);
	tracee->is_restarted = true;
	struct pending *pending = pending_create(tracer, tracee);
	pending->call = old->call;
	pending->notification = old->notification;
	request_prepare(tracer, pending);
}

/* Nothing was made by opening, so that the caller may as well open it by its name. */
static bool opens_alike(const struct pending *pending)
{
	struct file_native native;

	file_call_native(pending->file, &native);
	return native.path && (native.flags & (O_CREAT | O_TMPFILE)) == 0;
}

/* The thread waits in a notification to get it, or takes it from the keeper. */
static void hand_over_at_stop(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;

	if (tracer->listener_fd < 0 && opens_alike(pending)) {
		close(pending->outcome.fd);
		pending->outcome = (struct file_outcome){.kind = FILE_NATIVE};
		carry_pinned(tracer, pending);
		return;
	}
	pending->progress = PENDING_RUNNING;
	pending->is_handed_over = true;
	if (tracer->listener_fd < 0) {
		if (!injection_hand_over(tracer, tracee)) {
			restart_later(tracer, tracee);
		}
		return;
	}
	tracee->state = TRACEE_NOTIFIES;
	(void)registers_replace_number(tracee->tid, FILTER_NUMBER_HOLD);
	tracee_continue(tracee, 0);
}

void file_outcome_at_stop(struct tracer *tracer, struct pending *pending)
{
	switch (pending->outcome.kind) {
	case FILE_RESULT:
		skip(tracer, pending, pending->outcome.value);
		return;
	case FILE_HANDOVER:
		hand_over_at_stop(tracer, pending);
		return;
	case FILE_NATIVE:
		carry_pinned(tracer, pending);
		return;
	case FILE_BLOCKS:
		give_to_performer(tracer, pending);
		return;
	case FILE_CHANGED:
		judge_anew(tracer, pending);
		return;
	}
}

/* The caller has to leave its notification to open the object itself. */
static void leave_to_native(struct tracer *tracer, struct pending *pending)
{
	if (pending->tracee->state != TRACEE_NOTIFIES) {
		pending_withdraw(
			tracer, pending->tracee); /* interrupted: starts anew */
		return;
	}
	pending->progress = PENDING_RUNNING;
	pending->tracee->wants_native = true;
	notification_interrupt(tracer, pending);
}

static void file_outcome_at_notification(struct tracer *tracer, struct pending *pending)
{
	switch (pending->outcome.kind) {
	case FILE_RESULT:
	case FILE_HANDOVER:
		notification_finish(tracer, pending);
		return;
	case FILE_NATIVE:
		leave_to_native(tracer, pending);
		return;
	case FILE_BLOCKS:
		give_to_performer(tracer, pending);
		return;
	case FILE_CHANGED:
		judge_anew(tracer, pending);
		return;
	}
}

static void carry_file(struct tracer *tracer, struct pending *pending)
{
	if (name_lock_defers(tracer, pending)) {
		return;
	}
	if (defence_is_off(DEFENCE_PINS)) {
		give_to_performer(tracer, pending); /* beside which names can change */
		return;
	}
	if (patience_is_lost()) {
		give_to_performer(tracer, pending);
		return;
	}
	const uint64_t begun = patience_begin();

	pending->outcome = file_call_perform(pending->file, false);
	patience_end(begun);
	carry_performed(tracer, pending);
}

void carry_performed(struct tracer *tracer, struct pending *pending)
{
	file_call_note_opened(pending->file, &pending->outcome);
	if (!pending->tracee) {
		if (pending->outcome.kind == FILE_HANDOVER) {
			close(pending->outcome.fd);
		}
		pending_report(tracer, pending, EINTR);
	} else if (pending->notification != 0) {
		file_outcome_at_notification(tracer, pending);
	} else {
		file_outcome_at_stop(tracer, pending);
	}
}

/* Names hold still: the name leads where it led when it was judged, or is judged anew. */
static void carry_held_name(struct tracer *tracer, struct pending *pending, bool moved)
{
	if (moved) {
		judge_anew(tracer, pending);
		return;
	}
	if (network_call_is_fickle(pending->network)) {
		network_call_keep_text(pending->network,
			defence_is_off(DEFENCE_WHOLE_NAMES) ||
				tracee_is_alone(tracer, pending->tracee));
	}
	carry_pinned(tracer, pending);
}

/* A socket file: where it is on a slow file system only performers may look. */
static void carry_named_socket(struct tracer *tracer, struct pending *pending)
{
	if (!name_lock_take(tracer, pending)) {
		return;
	}
	if (!pending->is_remote) {
		carry_held_name(tracer, pending,
			network_call_leads_elsewhere(pending->network, &pending->call));
		return;
	}
	pending->is_checked_again = true;
	pending->progress = PENDING_PERFORMING;
	performers_give(tracer->performers, pending);
}

void carry_checked_again(struct tracer *tracer, struct pending *pending)
{
	pending->is_checked_again = false;
	if (!pending->tracee) {
		pending_report(tracer, pending, EINTR);
		return;
	}
	pending->progress = PENDING_JUDGED_SOON;
	/* It took too long, so that names could change. */
	carry_held_name(tracer, pending, pending->prepared != 0 || pending->is_expired);
}

static void carry_network(struct tracer *tracer, struct pending *pending)
{
	const bool is_sent = network_call_needs_pin(pending->network);
	const bool is_held =
		!defence_is_off(is_sent ? DEFENCE_SEALED_PAGES : DEFENCE_OWN_SOCKET);
	if (is_held && network_call_names_file(pending->network)) {
		carry_named_socket(tracer, pending);
	} else if (is_held && is_sent) {
		carry_pinned(tracer, pending);
	} else if (is_held && (network_call_is_on_behalf(pending->network) ||
				      (network_call_names_socket(pending->network) &&
					      tracee_shares(tracer, pending->tracee,
						      KCMP_FILES)))) {
		give_to_performer(tracer, pending);
	} else {
		run_as_it_is(tracer, pending);
	}
}

void carry_exec(struct tracer *tracer, struct pending *pending)
{
	if (pending->stdio[0] < 0 || pending->is_stdio_given) {
		run_as_it_is(tracer, pending);
		return;
	}
	pending->progress = PENDING_RUNNING;
	injection_replace_stdio(tracer, pending->tracee, pending->call.number);
}

void carry_out(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;

	if (tracee->state == TRACEE_PARKED || tracee->wants_park) {
		release(tracee);
	} else if (pending->request.refused != 0) {
		carry_deny(tracer, pending, pending->request.refused);
	} else if (pending->exec) {
		carry_exec(tracer, pending);
	} else if (pending->network) {
		carry_network(tracer, pending);
	} else if (pending->is_by_registers) {
		int64_t result = 0;
		if (process_call_perform(tracer, pending, &result)) {
			skip(tracer, pending, result);
		} else {
			run_by_registers(tracer, pending);
		}
	} else {
		carry_file(tracer, pending);
	}
}
