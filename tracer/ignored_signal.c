/* SPDX-License-Identifier: MIT */
/*
 * An ignored signal never reaches a process by itself, but under a tracer it is delivered
 * to the tracer first, and some waits then end with EINTR although nothing happened as
 * far as their caller can know. Such a call is made again.
 */
#include "tracer/path.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum wait_limit {
	LIMIT_NONE,
	LIMIT_MILLISECONDS, /* in a register; negative: none */
	LIMIT_TIME,	    /* struct timespec at an address; 0: none */
	LIMIT_RECEIVE,	    /* SO_RCVTIMEO of the socket in argument 0 */
	LIMIT_SEND,	    /* SO_SNDTIMEO */
};

/* Waits that fail with EINTR rather than an -ERESTART… code; signal(7). */
static const struct interruptible_call {
	long number;
	enum wait_limit limit;
	int position;
	int64_t expired; /* its result when the time is over */
} interruptible_calls[] = {
#ifdef SYS_epoll_wait
	{SYS_epoll_wait, LIMIT_MILLISECONDS, 3, 0},
#endif
	{SYS_epoll_pwait, LIMIT_MILLISECONDS, 3, 0},
	{SYS_epoll_pwait2, LIMIT_TIME, 3, 0},
	{SYS_semop, LIMIT_NONE, 0, -EAGAIN},
	{SYS_semtimedop, LIMIT_TIME, 3, -EAGAIN},
	{SYS_io_getevents, LIMIT_TIME, 4, 0},
	{SYS_io_pgetevents, LIMIT_TIME, 4, 0},
	{SYS_rt_sigtimedwait, LIMIT_TIME, 2, -EAGAIN},
	/* With a timeout set on the socket: */
	{SYS_accept, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_accept4, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_connect, LIMIT_SEND, 0, -EINPROGRESS},
	{SYS_read, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_readv, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_recvfrom, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_recvmsg, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_recvmmsg, LIMIT_RECEIVE, 0, -EAGAIN},
	{SYS_write, LIMIT_SEND, 0, -EAGAIN},
	{SYS_writev, LIMIT_SEND, 0, -EAGAIN},
	{SYS_sendto, LIMIT_SEND, 0, -EAGAIN},
	{SYS_sendmsg, LIMIT_SEND, 0, -EAGAIN},
	{SYS_sendmmsg, LIMIT_SEND, 0, -EAGAIN},
};

static const struct interruptible_call *find_interruptible(uint64_t number)
{
	size_t count = sizeof(interruptible_calls) / sizeof(interruptible_calls[0]);

	for (size_t i = 0; i < count; i++) {
		if ((uint64_t)interruptible_calls[i].number == number) {
			return &interruptible_calls[i];
		}
	}
	return NULL;
}

static int64_t nanoseconds(int64_t seconds, int64_t rest)
{
	return seconds < 0 || seconds > INT64_MAX / 2000000000
		       ? INT64_MAX
		       : seconds * 1000000000 + rest;
}

/* False: it cannot be had, and value stays what it was. */
static bool socket_option(
	const struct call *call, int fd, int option, void *value, socklen_t size)
{
	const int copy = path_take_descriptor(call, fd);

	if (copy < 0) {
		return false;
	}
	const int failed = getsockopt(copy, SOL_SOCKET, option, value, &size);
	close(copy);
	return !failed;
}

static int64_t socket_limit(const struct call *call, int fd, int option)
{
	struct timeval limit = {0, 0};

	return !socket_option(call, fd, option, &limit, sizeof(limit)) ||
			       (limit.tv_sec == 0 && limit.tv_usec == 0)
		       ? INT64_MAX
		       : nanoseconds(limit.tv_sec, limit.tv_usec * 1000);
}

/* What the call gives when its time is over; unix(7) has its own for connect. */
static int64_t expired_result(const struct call *call,
	const struct registers *registers, const struct interruptible_call *row)
{
	int domain = AF_UNSPEC;

	if (row->number == SYS_connect) {
		(void)socket_option(call, (int)registers_argument(registers, 0),
			SO_DOMAIN, &domain, sizeof(domain));
	}
	return domain == AF_UNIX ? -EAGAIN : row->expired;
}

/* How long the call may wait, in nanoseconds; INT64_MAX: for ever. */
static int64_t wait_limit(const struct call *call, const struct registers *registers,
	const struct interruptible_call *row)
{
	uint64_t argument = registers_argument(registers, row->position);
	struct timespec limit;

	switch (row->limit) {
	case LIMIT_NONE:
		return INT64_MAX;
	case LIMIT_MILLISECONDS:
		return (int32_t)argument < 0 ? INT64_MAX
					     : (int32_t)argument * 1000000LL;
	case LIMIT_TIME:
		return argument == 0 ||
				       !call_read(call, argument, &limit, sizeof(limit))
			       ? INT64_MAX
			       : nanoseconds(limit.tv_sec, limit.tv_nsec);
	case LIMIT_RECEIVE:
		return socket_limit(call, (int)argument, SO_RCVTIMEO);
	case LIMIT_SEND:
		return socket_limit(call, (int)argument, SO_SNDTIMEO);
	}
	return INT64_MAX;
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

static uint64_t counter(const char *status, const char *field)
{
	const char *found = strstr(status, field);

	return found ? strtoull(found + strlen(field), NULL, 10) : 0;
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
		.sleeps = counter(status, "\nvoluntary_ctxt_switches:"),
	};
	return true;
}

/* Whether the signal has no effect on the thread: natively it would not be there. */
static bool is_ignored(const struct signal_sets *sets, int sig)
{
	return (sets->ignored & SIGNAL_BIT(sig)) != 0 ||
	       (signal_is_ignored_by_default(sig) &&
		       (sets->caught & SIGNAL_BIT(sig)) == 0);
}

/*
 * How often the thread sleeps from one repair of a wait to the next, in stops and in the
 * wait. A wait that ended in between and a new one would make it more.
 */
static uint64_t sleeps_between(
	const struct tracer *tracer, const struct registers *registers, int sig)
{
	uint64_t arguments[6];

	for (int i = 0; i < 6; i++) {
		arguments[i] = registers_argument(registers, i);
	}
	const bool stops = syscall_table_decide(&tracer->calls,
				   registers_number(registers), arguments)
				   .class
			   != CLASS_PASS;
	/* SIGCONT brings a stop of its own besides; a judged call has two. */
	return 2U + (sig == SIGCONT ? 1U : 0U) + (stops ? 2U : 0U);
}

/* Since when the thread is in this same wait, as far as its repairs tell. */
static int64_t waiting_since(struct tracee *tracee, const struct registers *registers,
	uint64_t sleeps, uint64_t between, int64_t now)
{
	struct repaired_wait *wait = &tracee->repaired;

	if (wait->number != registers_number(registers) ||
		wait->stack != registers_stack(registers) ||
		sleeps > wait->sleeps + between) {
		wait->number = registers_number(registers);
		wait->stack = registers_stack(registers);
		wait->since = now;
	}
	wait->sleeps = sleeps;
	return wait->since;
}

/*
 * A wait with a limit starts afresh each time; one that has reached its limit all in all
 * ends as if it had been left alone.
 */
void ignored_signal_repair(struct tracer *tracer, struct tracee *tracee,
	const struct registers *registers, int sig)
{
	uint64_t number = registers_number(registers);
	const struct interruptible_call *row = find_interruptible(number);
	struct signal_sets sets;

	if (!row || registers_result(registers) != -EINTR ||
		!signal_sets_read(tracee->tid, &sets) || !is_ignored(&sets, sig)) {
		return;
	}
	const struct call call = {
		.tid = tracee->tid,
		.pid = tracee->process->shared.pid,
		.memory_fd = tracee_memory(tracer, tracee),
	};
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	int64_t now = nanoseconds(time.tv_sec, time.tv_nsec);
	int64_t since = waiting_since(tracee, registers, sets.sleeps,
		sleeps_between(tracer, registers, sig), now);
	struct registers repaired = *registers;
	if (now - since >= wait_limit(&call, registers, row)) {
		registers_set_result(&repaired, expired_result(&call, registers, row));
	} else {
		registers_rewind(&repaired, number);
	}
	(void)registers_write(tracee->tid, &repaired);
}
