/* SPDX-License-Identifier: MIT */
/*
 * Makes a thread, with junk in the half of the call's number that the kernel ignores, and
 * has it execute a program, to which the number that the thread had until then is told.
 *
 * usage: odd_thread PROGRAM ARGUMENT...
 */
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK_SIZE = 65536, ARGUMENTS_MAX = 16 };

static const long junk = 0xdead00000000;
static char *arguments[ARGUMENTS_MAX + 2];
static void *stack[STACK_SIZE / sizeof(void *)] __attribute__((aligned(16)));

static void execute(void)
{
	static char number[16];
	int count = 0;

	snprintf(number, sizeof(number), "%ld", syscall(SYS_gettid));
	while (arguments[count]) {
		count++;
	}
	arguments[count] = number;
	execv(arguments[0], arguments);
	syscall(SYS_exit_group, 1);
}

int main(int argc, char **argv)
{
	const long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			   CLONE_THREAD | CLONE_SYSVSEM;
	void **top = stack + sizeof(stack) / sizeof(stack[0]) - 1;

	if (argc < 2 || argc > ARGUMENTS_MAX) {
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		arguments[i - 1] = argv[i];
	}
	/* Where the thread returns to from its call. */
	*top = (void *)execute; // NOLINT
	if (syscall(SYS_clone | junk, flags, top, NULL, NULL, 0) < 0) {
		return 1;
	}
	for (;;) {
		pause();
	}
}
