/* SPDX-License-Identifier: MIT */
/*
 * The barest tracer that stops at each openat and lets it go on: what any supervision by
 * trace stops costs at least. usage: bare_tracer COMMAND [ARG...]
 */
#include "tests/bench/bare_filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_traced(char **argv)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0 ||
		bare_filter_install(SECCOMP_RET_TRACE, 0) < 0) {
		perror("bare_tracer");
		return 125;
	}
	(void)execvp(argv[0], argv);
	perror(argv[0]);
	return 127;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2) {
		fputs("usage: bare_tracer COMMAND [ARG...]\n", stderr);
		return 2;
	}
	pid_t pid = fork();
	if (pid == 0) {
		_exit(run_traced(argv + 1));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 ||
		ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESECCOMP) < 0 ||
		ptrace(PTRACE_CONT, pid, NULL, NULL) < 0) {
		perror("bare_tracer");
		return 125;
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		long signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		(void)ptrace(PTRACE_CONT, pid, NULL, signal);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
