/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the bystander: it has children that come and go one after the other under
 * the same number, in a group of their own, and tells on request, line by line on stdin, how
 * many of them a signal ended.
 */
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIFE_NANOSECONDS = 300000 };

static void wait_a_little(void)
{
	nanosleep(&(struct timespec){.tv_nsec = LIFE_NANOSECONDS}, NULL);
}

/* A number that nobody has, and that will not be given out again soon. */
static pid_t free_number(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

/* True if a signal ended it; number 0: it is not for us to choose. */
static int have_child(pid_t number)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&number,
		.set_tid_size = 1,
	};
	int status = 0;
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (pid == 0) {
		setpgid(0, 0);
		wait_a_little();
		_exit(0);
	}
	if (pid > 0) {
		waitpid(pid, &status, 0);
	}
	wait_a_little();
	return WIFSIGNALED(status);
}

int main(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	const pid_t number = free_number();
	char line[64];
	unsigned ended = 0;

	setvbuf(stdin, NULL, _IONBF, 0);
	printf("%d 0 0 -1 -1 -1 -1\n", number);
	fflush(stdout);
	for (;;) {
		if (poll(&input, 1, 0) == 0) {
			ended += (unsigned)have_child(number);
			continue;
		}
		if (!fgets(line, sizeof(line), stdin)) {
			return 0;
		}
		printf("ended=%u\n", ended);
		fflush(stdout);
	}
}
