/* SPDX-License-Identifier: MIT */
/* The child, and the way of its calls through prepare and perform. */
#include "caller.h"

#include "tracer/path.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* At the same address in the child. */
static char slots[CALLER_SLOTS][CALLER_SLOT_SIZE];

void caller_start(
	struct caller *caller, const char *folder, caller_setup_fn *setup, void *data)
{
	int ready[2];
	char name[64];
	char byte = 0;

	cr_assert(pipe2(ready, O_CLOEXEC) == 0);
	caller->pid = fork();
	cr_assert(caller->pid >= 0);
	if (caller->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chdir(folder) < 0) {
			_exit(1);
		}
		if (setup) {
			setup(data);
		}
		(void)!write(ready[1], "", 1);
		for (;;) {
			pause();
		}
	}
	(void)close(ready[1]);
	cr_assert(read(ready[0], &byte, 1) == 1, "the child did not start");
	(void)close(ready[0]);
	(void)snprintf(name, sizeof(name), "/proc/%d/mem", (int)caller->pid);
	caller->memory = open(name, O_RDWR | O_CLOEXEC);
	cr_assert(caller->memory >= 0);
	caller->tid = caller->pid;
	caller->has_own_credentials = false;
	caller->opened.is_unknown = true;
	caller->file = file_call_create();
	cr_assert(file_call_thread_start(NULL));
	cr_assert(path_plain_start());
}

void caller_finish(struct caller *caller)
{
	file_call_destroy(caller->file);
	(void)close(caller->memory);
	(void)kill(caller->pid, SIGKILL);
	(void)waitpid(caller->pid, NULL, 0);
}

uint64_t caller_put(struct caller *caller, int slot, const void *bytes, size_t size)
{
	const uint64_t address = (uint64_t)(uintptr_t)slots[slot];

	cr_assert(pwrite(caller->memory, bytes, size, (off_t)address) == (ssize_t)size);
	return address;
}

uint64_t caller_put_text(struct caller *caller, int slot, const char *text)
{
	return caller_put(caller, slot, text, strlen(text) + 1);
}

struct call caller_call(
	const struct caller *caller, int number, const uint64_t arguments[6])
{
	struct call call = {
		.tid = caller->tid,
		.pid = caller->pid,
		.memory_fd = caller->memory,
		.number = (uint64_t)number,
		.row = syscall_table_row((uint64_t)number),
		.has_own_credentials = caller->has_own_credentials,
		.opened = &caller->opened,
	};

	memcpy(call.arguments, arguments, sizeof(call.arguments));
	call.operation = call.row->operation;
	for (size_t i = 0; i < call.row->rule_count; i++) {
		if (number == SYS_ioctl) {
			call.operation = OPERATION_IOCTL_ATTRIBUTES;
		}
	}
	return call;
}

static int64_t open_natively(const struct file_call *file)
{
	struct file_native native;

	file_call_native(file, &native);
	if (!native.path) {
		return -EACCES;
	}
	const struct open_how how = {native.flags, native.mode, native.resolve};
	const long fd = syscall(SYS_openat2, AT_FDCWD, native.path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int64_t perform(struct caller *caller)
{
	struct file_outcome outcome = file_call_perform(caller->file, false);

	if (outcome.kind == FILE_BLOCKS) {
		outcome = file_call_perform(caller->file, true);
	}
	switch (outcome.kind) {
	case FILE_RESULT:
		return outcome.value;
	case FILE_HANDOVER:
		return outcome.fd;
	case FILE_NATIVE:
		return open_natively(caller->file);
	case FILE_BLOCKS:
	case FILE_CHANGED:
		return -EAGAIN;
	}
	return -EAGAIN;
}

int64_t caller_run(struct caller *caller, int number, const uint64_t arguments[6])
{
	const struct call call = caller_call(caller, number, arguments);
	struct request request = {.id = 0};
	int64_t result = file_call_prepare(caller->file, &call, &request);

	if (result == 0) {
		result = request.refused ? -request.refused : perform(caller);
	}
	file_call_finish(caller->file);
	return result;
}

void caller_judge(struct caller *caller, int number, const uint64_t arguments[6],
	char *text, size_t size)
{
	const struct call call = caller_call(caller, number, arguments);
	struct request request = {.id = 0};
	const int result = file_call_prepare(caller->file, &call, &request);
	size_t used = 0;

	text[0] = '\0';
	if (result < 0) {
		(void)snprintf(text, size, "errno %d", -result);
	} else if (request.refused) {
		(void)snprintf(text, size, "refused %d", request.refused);
	} else {
		for (size_t i = 0; i < request.action_count && used < size; i++) {
			const struct action *action = &request.actions[i];

			used += (size_t)snprintf(text + used, size - used,
				"%s%s%s %.*s", i == 0 ? "" : ", ",
				verb_name(action->verb),
				action->is_folder ? " folder" : "",
				(int)action->object.length, action->object.bytes);
		}
	}
	file_call_finish(caller->file);
}
