/* SPDX-License-Identifier: MIT */
#include "tracer/owner_call.h"

#include "tracer/path.h"
#include "tracer/process_group.h"
#include "tracer/process_target.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Owner of a descriptor's signals: where it lies in memory, it is read here, once. */
struct owner {
	int type;  /* F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP */
	pid_t pid; /* negative: a group, for F_SETOWN, FIOSETOWN and SIOCSPGRP */
};

static bool read_owner(const struct call *call, struct owner *owner)
{
	uint64_t command = call->arguments[call->row->flags];
	uint64_t argument = call->arguments[2];
	bool is_fcntl = strcmp(call->row->name, "fcntl") == 0;

	*owner = (struct owner){.type = F_OWNER_PID};
	if (is_fcntl && (int)command == F_SETOWN) {
		owner->pid = (pid_t)argument;
		return true;
	}
	if (is_fcntl && (int)command == F_SETOWN_EX) {
		struct f_owner_ex given;
		if (!call_read(call, argument, &given, sizeof(given))) {
			return false;
		}
		*owner = (struct owner){(int)given.type, given.pid};
		return true;
	}
	return call_read(call, argument, &owner->pid, sizeof(owner->pid));
}

int owner_call_prepare(struct tracer *tracer, struct pending *pending)
{
	struct owner owner;

	if (!read_owner(&pending->call, &owner)) {
		return -EFAULT;
	}
	if (owner.pid == INT_MIN) {
		return -EINVAL;
	}
	pending->owner_type = owner.type;
	pending->owner_pid = owner.pid;
	if (owner.pid == 0) {
		return 0;
	}
	return owner.type == F_OWNER_PGRP || owner.pid < 0
		       ? process_target_add_strangers(
				 tracer, pending, VERB_SIGNAL, abs(owner.pid))
		       : process_target_add(tracer, pending, VERB_SIGNAL, owner.pid);
}

static bool is_extended_owner(const struct call *call)
{
	return strcmp(call->row->name, "fcntl") == 0 &&
	       (int)call->arguments[call->row->flags] == F_SETOWN_EX;
}

/* A single thread cannot be named in registers. Signals will come with our ids. */
static int64_t perform_thread_owner(const struct pending *pending)
{
	const struct call *call = &pending->call;
	const struct f_owner_ex owner = {
		.type = F_OWNER_TID, .pid = pending->owner_pid};
	int fd = path_take_descriptor(call, (int)call->arguments[0]);

	if (fd < 0) {
		return fd;
	}
	const bool may = owner.pid <= 0 || process_may_signal(call, owner.pid, 0);
	const int result = may ? fcntl(fd, F_SETOWN_EX, &owner) : -1;
	const int failure = may ? errno : EPERM;

	close(fd);
	return result < 0 ? -failure : 0;
}

bool owner_call_perform(const struct pending *pending, int64_t *result)
{
	if (!is_extended_owner(&pending->call)) {
		return false;
	}
	if (pending->owner_pid < 0) {
		*result = -ESRCH;
		return true;
	}
	switch (pending->owner_type) {
	case F_OWNER_PID:
	case F_OWNER_PGRP:
		return false;
	case F_OWNER_TID:
		*result = perform_thread_owner(pending);
		return true;
	default:
		*result = -EINVAL;
		return true;
	}
}

void owner_call_restate(const struct pending *pending, struct registers *registers)
{
	const bool is_group = is_extended_owner(&pending->call) &&
			      pending->owner_type == F_OWNER_PGRP;
	const int64_t owner = is_group ? -pending->owner_pid : pending->owner_pid;

	registers_set_number(registers, SYS_fcntl);
	registers_set_argument(registers, 1, F_SETOWN);
	registers_set_argument(registers, 2, (uint64_t)owner);
}
