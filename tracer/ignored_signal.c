/* SPDX-License-Identifier: MIT */
/*
 * An ignored signal never reaches a process by itself, but under a tracer it is delivered
 * to the tracer first, and some waits then end with EINTR although nothing happened as
 * far as their caller can know. Such a call is made again.
 */
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Waits that fail with EINTR rather than an -ERESTART… code; signal(7). */
static const long interruptible_calls[] = {
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
	SYS_epoll_pwait,
	SYS_epoll_pwait2,
	SYS_semop,
	SYS_semtimedop,
	SYS_io_getevents,
	SYS_io_pgetevents,
	SYS_rt_sigtimedwait,
	/* With a timeout set on the socket: */
	SYS_accept,
	SYS_accept4,
	SYS_connect,
	SYS_read,
	SYS_readv,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_recvmmsg,
	SYS_write,
	SYS_writev,
	SYS_sendto,
	SYS_sendmsg,
	SYS_sendmmsg,
};

static bool is_interruptible(uint64_t number)
{
	size_t count = sizeof(interruptible_calls) / sizeof(interruptible_calls[0]);

	for (size_t i = 0; i < count; i++) {
		if ((uint64_t)interruptible_calls[i] == number) {
			return true;
		}
	}
	return false;
}

bool signal_is_ignored_by_default(int sig)
{
	return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH;
}

static uint64_t signal_set(const char *status, const char *field)
{
	const char *found = strstr(status, field);

	return found ? strtoull(found + strlen(field), NULL, 16) : 0;
}

bool signal_sets_read(pid_t tid, struct signal_sets *sets)
{
	char path[40];
	char status[4096];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	ssize_t length = read(fd, status, sizeof(status) - 1);
	close(fd);
	status[length > 0 ? length : 0] = '\0';
	*sets = (struct signal_sets){
		.pending = signal_set(status, "\nSigPnd:") |
			   signal_set(status, "\nShdPnd:"),
		.blocked = signal_set(status, "\nSigBlk:"),
		.ignored = signal_set(status, "\nSigIgn:"),
		.caught = signal_set(status, "\nSigCgt:"),
	};
	return true;
}

/* Whether the signal has no effect on the thread: natively it would not be there. */
static bool is_ignored(pid_t tid, int sig)
{
	struct signal_sets sets;

	return signal_sets_read(tid, &sets) &&
	       ((sets.ignored & SIGNAL_BIT(sig)) != 0 ||
		       (signal_is_ignored_by_default(sig) &&
			       (sets.caught & SIGNAL_BIT(sig)) == 0));
}

void ignored_signal_repair(
	const struct tracee *tracee, const struct registers *registers, int sig)
{
	uint64_t number = registers_number(registers);

	if (registers_result(registers) == -EINTR && is_interruptible(number) &&
		is_ignored(tracee->tid, sig)) {
		struct registers again = *registers;
		registers_rewind(&again, number);
		(void)registers_write(tracee->tid, &again);
	}
}
