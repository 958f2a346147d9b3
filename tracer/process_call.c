/* SPDX-License-Identifier: MIT */
#include "tracer/process_call.h"

#include "base/defence.h"
#include "tracer/input_signals.h"
#include "tracer/owner_call.h"
#include "tracer/path.h"
#include "tracer/process_group.h"
#include "tracer/process_target.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IO_PRIORITY_GROUP = 2 }; /* IOPRIO_WHO_PGRP of ioprio_set(2) */

static uint64_t argument_at(const struct call *call, int position)
{
	return position == POSITION_NONE ? 0 : call->arguments[position];
}

/*
 * The process that a pidfd (or /proc/PID descriptor) of the caller means; 0: none, -1: one
 * that is gone.
 */
static pid_t process_of_descriptor(int fd)
{
	char path[PATH_MAX];
	char text[1024];

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	int info = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = info >= 0 ? read(info, text, sizeof(text) - 1) : -1;
	if (info >= 0) {
		close(info);
	}
	text[length > 0 ? length : 0] = '\0';
	const char *field = strstr(text, "\nPid:");
	if (field) {
		return (pid_t)strtol(field + 5, NULL, 10);
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	return strncmp(text, "/proc/", 6) == 0 ? (pid_t)strtol(text + 6, NULL, 10) : 0;
}

/* pidfd_send_signal by process group: the pidfd is of the group's leader (6.9). */
static bool is_for_group(const struct call *call)
{
	enum { TO_PROCESS_GROUP = 1 << 2 };

	return call->row->target == TARGET_PIDFD &&
	       (argument_at(call, call->row->flags) & TO_PROCESS_GROUP) != 0;
}

static int prepare_signal(struct tracer *tracer, struct pending *pending, pid_t target)
{
	if (pending->call.row->target == TARGET_PIDFD && target < 0) {
		/* It may have left a group behind: which one, nobody tells any more. */
		return -ESRCH;
	}
	if (!is_for_group(&pending->call)) {
		return process_target_add_killed(tracer, pending, target);
	}
	if (target == getpgrp()) {
		process_target_name(pending, VERB_SIGNAL, getpid());
		return 0;
	}
	return target > 0 ? process_target_add_killed(tracer, pending, -target) : 0;
}

/* PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP (Linux 6.14), which are no descriptors. */
static bool is_own_pidfd(int32_t number)
{
	return number == -10000 || number == -10001;
}

/* The pid that the call is about; 0: nobody but the caller, or nobody at all. */
static pid_t target_of(const struct call *call)
{
	const struct syscall_row *row = call->row;
	int32_t argument = (int32_t)argument_at(call, row->process);
	pid_t pid = 0;

	switch (row->target) {
	case TARGET_PIDFD: {
		if (is_own_pidfd(argument)) {
			return call->pid;
		}
		int fd = path_take_descriptor(call, argument);
		if (fd >= 0) {
			pid = process_of_descriptor(fd);
			close(fd);
		}
		return pid;
	}
	case TARGET_NONE:
		return 0;
	case TARGET_PROCESS:
	case TARGET_KILL:
	case TARGET_PRIORITY:
	case TARGET_IO_PRIORITY:
		return argument;
	}
	return 0;
}

/*
 * Whether 0 is the caller's own group here. By the time that the kernel looks, another
 * thread could have moved the process into another group.
 */
static bool is_for_own_group(const struct call *call)
{
	if (call->row->process == POSITION_NONE ||
		(int32_t)argument_at(call, call->row->process) != 0) {
		return false;
	}
	switch (call->row->target) {
	case TARGET_KILL:
		return true;
	case TARGET_PRIORITY:
		return (int32_t)call->arguments[0] == PRIO_PGRP;
	case TARGET_IO_PRIORITY:
		return (int32_t)call->arguments[0] == IO_PRIORITY_GROUP;
	case TARGET_NONE:
	case TARGET_PROCESS:
	case TARGET_PIDFD:
		return false;
	}
	return false;
}

/* setpriority and ioprio_set: processes, groups or all of a user. */
static int prepare_priority(
	struct tracer *tracer, struct pending *pending, pid_t target, int first_kind)
{
	const enum verb verb = pending->call.row->verb;
	int kind = (int)(int32_t)pending->call.arguments[0] - first_kind;

	if (kind == 0 && target > 0) {
		return process_target_add(tracer, pending, verb, target);
	}
	if (kind == 1) {
		return process_target_add_strangers(
			tracer, pending, verb, target == 0 ? pending->group : target);
	}
	if (kind == 2) {
		process_target_name(pending, verb, getpid());
	}
	return 0;
}

static int prepare_second(struct tracer *tracer, struct pending *pending)
{
	const struct call *call = &pending->call;
	const pid_t target = (pid_t)argument_at(call, call->row->process2);

	return call->row->process2 == POSITION_NONE || target <= 0 ||
			       process_is_in_tree(tracer, target)
		       ? 0
		       : process_target_add(tracer, pending, call->row->verb, target);
}

static int prepare_on_process(struct tracer *tracer, struct pending *pending)
{
	const struct call *call = &pending->call;
	pid_t target = target_of(call);
	struct tracee *other = tracee_find(tracer, target);

	if (call->row->target == TARGET_PRIORITY ||
		call->row->target == TARGET_IO_PRIORITY) {
		return prepare_priority(tracer, pending, target,
			call->row->target == TARGET_PRIORITY ? 0 : 1);
	}
	const bool is_own = other && other->process == pending->tracee->process;
	const int failure = target <= 0 || is_own ? 0
						  : process_target_add(tracer, pending,
							    call->row->verb, target);

	return failure != 0 || pending->request.action_count > 0
		       ? failure
		       : prepare_second(tracer, pending);
}

/*
 * To a group whose member reads from a terminal in the background, all of it is stopped: who
 * joins one can do that to the others.
 */
static int prepare_joining(struct tracer *tracer, struct pending *pending)
{
	const struct call *call = &pending->call;
	const pid_t process = (pid_t)call->arguments[0];
	const pid_t group = (pid_t)call->arguments[1];

	return group < 0 || group == (process != 0 ? process : call->pid)
		       ? 0
		       : process_target_add_joined(tracer, pending, group);
}

static void note_change_of_credentials(struct pending *pending)
{
	struct process_state *process = pending->tracee->process;

	if (!process->has_own_credentials) {
		opened_files_begin_change(&process->opened, &pending->call);
	}
	process->has_own_credentials = true;
}

int process_call_prepare(struct tracer *tracer, struct pending *pending)
{
	struct request *request = &pending->request;
	const struct call *call = &pending->call;
	struct syscall_decision decision =
		syscall_table_decide(&tracer->calls, call->number, call->arguments);

	pending->is_by_registers = true;
	if (is_for_own_group(call)) {
		pending->group = getpgid(call->tid);
		if (pending->group <= 0) {
			return -ESRCH;
		}
	}
	if (call->operation == OPERATION_SIGNAL) {
		pending->owner_pid = target_of(call);
		return prepare_signal(tracer, pending, pending->owner_pid);
	}
	if (call->operation == OPERATION_PROCESS) {
		return prepare_on_process(tracer, pending);
	}
	if (call->operation == OPERATION_JOIN_GROUP) {
		return prepare_joining(tracer, pending);
	}
	if (call->operation == OPERATION_OWNER) {
		return owner_call_prepare(tracer, pending);
	}
	if (call->operation == OPERATION_INPUT_SIGNALS) {
		return input_signals_prepare(pending);
	}
	if (call->operation == OPERATION_CREDENTIALS) {
		note_change_of_credentials(pending);
	} else if (call->operation == OPERATION_IPC &&
		   ipc_objects_own(&tracer->ipc_objects, call)) {
		return 0;
	} else if (call->operation == OPERATION_POWER ||
		   call->operation == OPERATION_IPC) {
		request->actions[0] = (struct action){.verb = VERB_SYSTEM,
			.object = text_of(
				decision.power ? decision.power : call->row->name)};
		request->action_count = 1;
	}
	return 0;
}

static int64_t send_by_pidfd(struct tracer *tracer, const struct call *call, int fd,
	pid_t judged, siginfo_t *info)
{
	const int sig = (int)call->arguments[1];

	if (process_of_descriptor(fd) != judged) {
		return -EPERM;
	}
	if (call->has_own_credentials && is_for_group(call)) {
		/* The kernel would see what we may do to its members. */
		return process_group_signal(tracer, call, judged, sig);
	}
	if (!process_may_signal(call, judged, sig)) {
		return -EPERM;
	}
	const long result = syscall(
		SYS_pidfd_send_signal, fd, sig, info, (unsigned)call->arguments[3]);

	return result < 0 ? -errno : 0;
}

/*
 * By our own copy of the pidfd, and only if it still means the process that was judged:
 * another thread could have put another behind its number.
 */
static int64_t perform_pidfd_signal(
	struct tracer *tracer, const struct call *call, pid_t judged)
{
	siginfo_t info;
	bool has_info = call->arguments[2] != 0;

	if (judged == 0) {
		return -EBADF; /* also a folder of a procfs that is not at /proc */
	}
	if (has_info && !call_read(call, call->arguments[2], &info, sizeof(info))) {
		return -EFAULT;
	}
	int fd = path_take_descriptor(call, (int)call->arguments[0]);
	if (fd < 0) {
		return fd;
	}
	const int64_t result =
		send_by_pidfd(tracer, call, fd, judged, has_info ? &info : NULL);

	close(fd);
	return result;
}

/* The process stays readable for us, and is told what it expects to hear. */
static int64_t perform_dumpable(struct pending *pending)
{
	struct process_state *process = pending->tracee->process;
	const uint64_t *arguments = pending->call.arguments;

	if ((int)arguments[0] == PR_GET_DUMPABLE) {
		return process->pretends_undumpable ? 0 : 1;
	}
	if (arguments[1] > 1) {
		return -EINVAL;
	}
	process->pretends_undumpable = arguments[1] == 0;
	return 0;
}

/*
 * Core files stay off: asking for none works, asking for some does not, as if the hard
 * limit could not be raised. setrlimit(2) has the new limit at 1, prlimit64 at 2.
 */
static int64_t perform_core_limit(const struct call *call)
{
	const bool is_prlimit = call->row->target == TARGET_PROCESS;
	const uint64_t old_address = is_prlimit ? call->arguments[3] : 0;
	const uint64_t new_address = call->arguments[is_prlimit ? 2 : 1];
	const struct rlimit none = {0, 0};
	struct rlimit asked = {0, 0};

	if (new_address != 0 && !call_read(call, new_address, &asked, sizeof(asked))) {
		return -EFAULT;
	}
	if (asked.rlim_cur > asked.rlim_max) {
		return -EINVAL;
	}
	if (asked.rlim_max > 0) {
		return -EPERM;
	}
	if (old_address != 0 && !call_write(call, old_address, &none, sizeof(none))) {
		return -EFAULT;
	}
	return 0;
}

/* Anything that could put something else where the argument pages lie is refused. */
static bool touches_pages(const struct tracer *tracer, const struct call *call)
{
	uint64_t window = (uint64_t)tracer->calls.guard_window << 32;
	uint64_t end = window + ARENA_SIZE;

	for (int i = 0; i < 6 && !defence_is_off(DEFENCE_PAGE_GUARDS); i++) {
		uint64_t address = call->arguments[i];
		uint64_t length = call->arguments[i == 4 ? 2 : 1];
		if ((i == 0 || i == 4) && address < end &&
			(length > UINT64_MAX - address || address + length > window)) {
			return true;
		}
	}
	return false;
}

/* A segment says nowhere in the call how far it reaches: none may replace anything. */
static bool replaces_mappings(const struct tracer *tracer, const struct call *call)
{
	return tracer->calls.guard_window != 0 &&
	       !defence_is_off(DEFENCE_PAGE_GUARDS) &&
	       strcmp(call->row->name, "shmat") == 0 &&
	       ((int)call->arguments[2] & SHM_REMAP) != 0;
}

bool process_call_restate(const struct pending *pending, struct registers *registers)
{
	const struct call *call = &pending->call;
	const bool is_kill = call->row->target == TARGET_KILL;

	if (call->operation == OPERATION_OWNER) {
		owner_call_restate(pending, registers);
		return true;
	}
	if (call->operation == OPERATION_TAKE_TERMINAL) {
		/* With 1, privilege takes it from whoever has it. */
		registers_set_argument(registers, 2, 0);
		return true;
	}
	if (pending->group > 0 && !defence_is_off(DEFENCE_OWN_GROUP)) {
		registers_set_argument(registers, call->row->process,
			(uint64_t)(int64_t)(is_kill ? -pending->group
						    : pending->group));
		return true;
	}
	return false;
}

/* By the time of its own call somebody could have the number. */
static bool is_done_for_remains(const struct pending *pending)
{
	const struct call *call = &pending->call;
	const int sig = (int)argument_at(call, call->row->signal);

	return pending->is_for_remains && call->row->target != TARGET_PIDFD &&
	       (call->operation != OPERATION_SIGNAL || (sig > 0 && sig <= SIGRTMAX));
}

bool process_call_perform(
	struct tracer *tracer, struct pending *pending, int64_t *result)
{
	const struct call *call = &pending->call;

	if (call->operation == OPERATION_DUMPABLE) {
		*result = perform_dumpable(pending);
		return true;
	}
	if (call->operation == OPERATION_CORE_LIMIT) {
		*result = perform_core_limit(call);
		return true;
	}
	if (call->operation == OPERATION_OWNER) {
		return owner_call_perform(pending, result);
	}
	if (call->operation == OPERATION_INPUT_SIGNALS) {
		return input_signals_perform(tracer, pending, result);
	}
	/* Whether or not the pages are there yet: another thread may be about to map them. */
	if (call->operation == OPERATION_MEMORY_MAP && touches_pages(tracer, call)) {
		*result = -EPERM;
		return true;
	}
	if (replaces_mappings(tracer, call)) {
		*result = -EINVAL;
		return true;
	}
	if (is_done_for_remains(pending)) {
		*result = 0;
		return true;
	}
	if (call->operation != OPERATION_SIGNAL) {
		return false;
	}
	if (call->row->target == TARGET_PIDFD &&
		(defence_is_off(DEFENCE_OWN_PIDFD) ||
			is_own_pidfd((int32_t)call->arguments[0]))) {
		return false;
	}
	if (call->row->target == TARGET_PIDFD) {
		*result = perform_pidfd_signal(tracer, call, pending->owner_pid);
		return true;
	}
	pid_t target = target_of(call);
	int sig = (int)argument_at(call, call->row->signal);
	if (call->row->target != TARGET_KILL || target > 0 || target == INT_MIN) {
		return false;
	}
	pid_t group = target == PROCESS_ALL ? PROCESS_ALL
		      : target == 0	    ? pending->group
					    : -target;
	if (!process_group_is_spared(group, sig)) {
		return false;
	}
	*result = process_group_signal(tracer, call, group, sig);
	return true;
}
