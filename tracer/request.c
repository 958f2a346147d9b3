/* SPDX-License-Identifier: MIT */
/*
 * A stopped call becomes a request: its decoder reads and resolves it, and then it is
 * given out, or ends at once because the kernel would have failed it anyway, or because
 * nothing about it needs judging.
 */
#include "base/defence.h"
#include "tracer/exec_call.h"
#include "tracer/network_call.h"
#include "tracer/process_call.h"
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

/* Runs the decoder of the call's operation; its result is as file_call_prepare's. */
/* NOLINTNEXTLINE(readability-function-size): long only because it names them all */
static int decode(struct tracer *tracer, struct pending *pending)
{
	struct request *request = &pending->request;
	const struct call *call = &pending->call;

	switch (call->operation) {
	case OPERATION_EXEC:
		return exec_call_prepare(&pending->exec, call, request);
	case OPERATION_CONNECT:
	case OPERATION_BIND:
	case OPERATION_LISTEN:
	case OPERATION_SENDTO:
	case OPERATION_SENDMSG:
	case OPERATION_SENDMMSG:
	case OPERATION_SOCKET:
	case OPERATION_SOCKET_OPTION:
		return network_call_prepare(&pending->network, call, request);
	case OPERATION_SIGNAL:
	case OPERATION_PROCESS:
	case OPERATION_OWNER:
	case OPERATION_DUMPABLE:
	case OPERATION_CORE_LIMIT:
	case OPERATION_POWER:
	case OPERATION_IPC:
	case OPERATION_CREDENTIALS:
	case OPERATION_MEMORY_MAP:
		return process_call_prepare(tracer, pending);
	case OPERATION_NONE:
	case OPERATION_COUNT:
		return 0;
	case OPERATION_OPEN:
	case OPERATION_CREAT:
	case OPERATION_OPENAT2:
	case OPERATION_MKDIR:
	case OPERATION_MKNOD:
	case OPERATION_UNLINK:
	case OPERATION_RMDIR:
	case OPERATION_RENAME:
	case OPERATION_LINK:
	case OPERATION_SYMLINK:
	case OPERATION_CHMOD:
	case OPERATION_FCHMOD:
	case OPERATION_CHOWN:
	case OPERATION_LCHOWN:
	case OPERATION_FCHOWN:
	case OPERATION_UTIME:
	case OPERATION_UTIMES:
	case OPERATION_FUTIMESAT:
	case OPERATION_UTIMENSAT:
	case OPERATION_SETXATTR:
	case OPERATION_LSETXATTR:
	case OPERATION_FSETXATTR:
	case OPERATION_SETXATTRAT:
	case OPERATION_REMOVEXATTR:
	case OPERATION_LREMOVEXATTR:
	case OPERATION_FREMOVEXATTR:
	case OPERATION_REMOVEXATTRAT:
	case OPERATION_TRUNCATE:
	case OPERATION_FILE_SETATTR:
	case OPERATION_IOCTL_ATTRIBUTES:
	case OPERATION_INOTIFY_ADD:
		return file_call_prepare(pending->file, call, request);
	}
	return -ENOSYS;
}

/* The interpreter of a judged script opens the very file that was judged. */
static void hold_to_script(struct pending *pending)
{
	struct process_state *process = pending->tracee->process;

	if (process->script_fd >= 0 && !defence_is_off(DEFENCE_SCRIPT_HOLD) &&
		pending->call.operation == OPERATION_OPEN &&
		file_call_replace(
			pending->file, process->script_asked_as, process->script_fd)) {
		process_forget_script(process);
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
	int result = 0;
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
	} else if (call->memory_fd < 0) {
		request_refuse(pending, EACCES, "the caller's memory cannot be read",
			VERB_SYSTEM, "unreadable-memory");
	} else {
		result = decode(tracer, pending);
		hold_to_script(pending);
	}
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
	tracer->counters.requests++;
	event_push(tracer,
		(struct tracer_event){.kind = TRACER_REQUEST, .request = request});
}
