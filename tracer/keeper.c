/* SPDX-License-Identifier: MIT */
/*
 * The keeper is no child of ours, so that waiting for the tree never meets it; it has a
 * session of its own and blocks all signals, so that no key of the terminal ends it.
 */
#include "tracer/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ALIVE_DESCRIPTOR = 4 };

/* Takers need no more privilege than the keeper has. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	(void)syscall(SYS_capset, &header, none);
}

static noreturn void keep(int pages, int alive)
{
	char path[32];
	char byte;
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", pages);
	int readable = open(path, O_RDONLY | O_CLOEXEC);
	/* Out of the way of the numbers that they get. */
	readable = fcntl(readable, F_DUPFD_CLOEXEC, ALIVE_DESCRIPTOR + 1);
	alive = fcntl(alive, F_DUPFD_CLOEXEC, ALIVE_DESCRIPTOR + 1);
	if (dup2(readable, KEEPER_DESCRIPTOR) < 0 ||
		dup2(alive, ALIVE_DESCRIPTOR) < 0) {
		_exit(1);
	}
	(void)syscall(SYS_close_range, 0, KEEPER_DESCRIPTOR - 1, 0);
	(void)syscall(SYS_close_range, ALIVE_DESCRIPTOR + 1, ~0U, 0);
	drop_capabilities();
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	while (read(ALIVE_DESCRIPTOR, &byte, 1) < 0 && errno == EINTR) {
	}
	_exit(0);
}

/* In a child: starts the keeper, says its pid and leaves it to whoever adopts orphans. */
static noreturn void start_orphan(int pages, int alive, int report)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(report);
		keep(pages, alive);
	}
	_exit(pid > 0 && write(report, &pid, sizeof(pid)) == sizeof(pid) ? 0 : 1);
}

bool keeper_start(struct keeper *keeper, int pages, struct error *err)
{
	int alive[2];
	int report[2];
	pid_t pid = 0;

	if (pipe2(alive, O_CLOEXEC) != 0) {
		return error_set(err, errno, "cannot make a pipe: %s", strerror(errno));
	}
	if (pipe2(report, O_CLOEXEC) != 0) {
		int failure = errno;
		close(alive[0]);
		close(alive[1]);
		return error_set(
			err, failure, "cannot make a pipe: %s", strerror(failure));
	}
	pid_t child = fork();
	if (child == 0) {
		close(alive[1]);
		close(report[0]);
		start_orphan(pages, alive[0], report[1]);
	}
	close(alive[0]);
	close(report[1]);
	bool started = child > 0 && read(report[0], &pid, sizeof(pid)) == sizeof(pid);
	close(report[0]);
	if (child > 0) {
		(void)waitpid(child, NULL, __WALL);
	}
	if (!started) {
		close(alive[1]);
		return error_set(err, EAGAIN, "cannot start a process");
	}
	*keeper = (struct keeper){.pid = pid, .alive_fd = alive[1]};
	return true;
}

void keeper_stop(struct keeper *keeper)
{
	if (keeper->pid != 0) {
		close(keeper->alive_fd);
		*keeper = (struct keeper){0};
	}
}
