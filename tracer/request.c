/* SPDX-License-Identifier: MIT */
/*
 * A stopped call becomes a request: its decoder reads and resolves it, and then it is
 * given out, or ends at once because the kernel would have failed it anyway, or because
 * nothing about it needs judging.
 */
#include "base/defence.h"
#include "tracer/exec_call.h"
#include "tracer/mounts.h"
#include "tracer/network_call.h"
#include "tracer/operation_family.h"
#include "tracer/path.h"
#include "tracer/patience.h"
#include "tracer/performer.h"
#include "tracer/process_call.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

#include <errno.h>

void request_refuse(struct pending *pending, int error, const char *reason,
	enum verb verb, const char *object)
{
	struct request *request = &pending->request;

	request->refused = error;
	request->reason = reason;
	if (request->action_count == 0) {
		request->actions[0] =
			(struct action){.verb = verb, .object = text_of(object)};
		request->action_count = 1;
	}
}

int request_decode(struct tracer *tracer, struct pending *pending)
{
	struct request *request = &pending->request;
	const struct call *call = &pending->call;

	switch (operation_family(call->operation)) {
	case FAMILY_NONE:
		return 0;
	case FAMILY_FILE:
		return file_call_prepare(pending->file, call, request);
	case FAMILY_EXEC:
		return exec_call_prepare(&pending->exec, call, request);
	case FAMILY_NETWORK:
		return network_call_prepare(&pending->network, call, request);
	case FAMILY_PROCESS:
		return process_call_prepare(tracer, pending);
	case FAMILY_MISSING:
		break;
	}
	return -ENOSYS;
}

static void forget_decoded(struct pending *pending)
{
	struct request *request = &pending->request;

	file_call_finish(pending->file);
	exec_call_destroy(pending->exec);
	network_call_destroy(pending->network);
	pending->exec = NULL;
	pending->network = NULL;
	request->action_count = 0;
	request->refused = 0;
	request->reason = NULL;
}

bool request_prepare_beside(struct pending *pending)
{
	path_may_wait(pending->is_remote);
	pending->prepared = request_decode(NULL, pending);
	if (!path_take_wait()) {
		return true;
	}
	forget_decoded(pending);
	pending->is_remote = true;
	return false;
}

/* Begins anew in a performer, where reading memory or looking a name up may wait. */
static void prepare_in_performer(
	struct tracer *tracer, struct pending *pending, bool is_remote)
{
	forget_decoded(pending);
	pending->is_preparing = true;
	pending->is_remote = is_remote;
	pending->progress = PENDING_PERFORMING;
	performers_give(tracer->performers, pending);
}

static bool looks_names_up(const struct call *call)
{
	const enum operation_family family = operation_family(call->operation);

	return family == FAMILY_FILE || family == FAMILY_EXEC ||
	       family == FAMILY_NETWORK;
}

/* The interpreter of a judged script opens the very file that was judged. */
static void hold_to_script(struct pending *pending)
{
	const struct held_files *held = &pending->tracee->process->held;

	if (held->count > 0 && !defence_is_off(DEFENCE_SCRIPT_HOLD) &&
		pending->call.operation == OPERATION_OPEN) {
		pending->held = held_files_apply(held, pending->file);
	}
}

/* The name of the power or call that a refused or unknown call asked for. */
static const char *refused_object(
	const struct pending *pending, const struct syscall_decision *decision)
{
	if (decision->power) {
		return decision->power;
	}
	return pending->request.syscall_name;
}

static void note_case(struct request *request)
{
	for (size_t i = 0; i < request->action_count; i++) {
		struct action *action = &request->actions[i];
		const enum object_kind kind = verb_object_kind(action->verb);

		action->ignores_case =
			(kind == OBJECT_PATH || kind == OBJECT_PROGRAM) &&
			mounts_have(MOUNT_IGNORES_CASE, action->object);
	}
}

/* To be judged, or at its end already by what the decoder found. */
static void give_out(struct tracer *tracer, struct pending *pending, int result)
{
	struct request *request = &pending->request;

	if (result < 0 && request->refused == 0) {
		pending->is_silent = true;
		carry_deny(tracer, pending, -result);
		return;
	}
	if (request->action_count == 0) {
		pending->is_silent = true; /* nothing in it needs judging */
	}
	if (pending->is_silent) {
		carry_out(tracer, pending);
		return;
	}
	note_case(request);
	tracer->counters.requests++;
	event_push(tracer,
		(struct tracer_event){.kind = TRACER_REQUEST, .request = request});
}

void request_prepare(struct tracer *tracer, struct pending *pending)
{
	struct request *request = &pending->request;
	const struct call *call = &pending->call;
	struct syscall_decision decision =
		syscall_table_decide(&tracer->calls, call->number, call->arguments);

	request->syscall = (int)call->number;
	request->syscall_name = call->row ? call->row->name : "unknown-call";
	request->restarted = pending->tracee->is_restarted;
	pending->tracee->is_restarted = false;
	if (decision.class == CLASS_PASS || decision.class == CLASS_ABSENT) {
		/* A filter of the tree's own wants a tracer for it, and there is none. */
		pending->is_silent = true;
		carry_deny(tracer, pending, ENOSYS);
		return;
	}
	if (decision.class == CLASS_REFUSED || decision.class == CLASS_UNKNOWN) {
		request_refuse(pending, decision.error ? decision.error : ENOSYS,
			decision.class == CLASS_UNKNOWN
				? "no such call is known"
				: "never allowed under supervision",
			call->row && call->row->verb == VERB_INSPECT ? VERB_INSPECT
								     : VERB_SYSTEM,
			refused_object(pending, &decision));
		give_out(tracer, pending, 0);
		return;
	}
	if (call->memory_fd < 0) {
		request_refuse(pending, EACCES, "the caller's memory cannot be read",
			VERB_SYSTEM, "unreadable-memory");
		give_out(tracer, pending, 0);
		return;
	}
	if (!tracer->knows_mounts) {
		mounts_look();
	}
	tracer->knows_mounts = false;
	if (looks_names_up(call) && (patience_is_lost() || path_memory_may_wait())) {
		prepare_in_performer(tracer, pending, false);
		return;
	}
	const uint64_t begun = patience_begin();
	const int result = request_decode(tracer, pending);

	patience_end(begun);
	if (path_take_wait()) {
		prepare_in_performer(tracer, pending, true);
		return;
	}
	hold_to_script(pending);
	give_out(tracer, pending, result);
}

void request_prepared(struct tracer *tracer, struct pending *pending)
{
	struct tracee *tracee = pending->tracee;
	const bool is_gone = !tracee || (pending->notification != 0 &&
						tracee->state != TRACEE_NOTIFIES);

	pending->is_preparing = false;
	if (is_gone) {
		/* Dead, or interrupted: then it starts anew, and so does this. */
		pending_release(tracer, pending);
		return;
	}
	pending->progress = PENDING_JUDGED_SOON;
	hold_to_script(pending);
	give_out(tracer, pending, pending->prepared);
}

char *tracer_read_folder(const struct request *request)
{
	return thread_folder_read(request->tid);
}

int tracer_take_socket(struct tracer *tracer, const struct request *request)
{
	const struct pending *pending = (const struct pending *)request;

	(void)tracer;
	if (!pending->tracee || !pending->network) {
		return -1;
	}
	int fd = path_take_descriptor(&pending->call, (int)pending->call.arguments[0]);
	return fd < 0 ? -1 : fd;
}

size_t tracer_read_message(struct tracer *tracer, const struct request *request,
	size_t number, void *buffer, size_t size)
{
	const struct pending *pending = (const struct pending *)request;

	(void)tracer;
	return pending->tracee && pending->network
		       ? network_call_read_message(
				 pending->network, &pending->call, number, buffer, size)
		       : 0;
}
