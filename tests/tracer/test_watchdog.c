/* SPDX-License-Identifier: MIT */
#include "tracer/watchdog.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pause();
		}
	}
	return pid;
}

Test(watchdog, kills_only_whose_memory_read_hangs, .timeout = 20)
{
	struct error err = {0};
	pid_t quick = start_child();
	pid_t stuck = start_child();
	int status = 0;

	cr_assert(watchdog_start(&err), "%s", err.text);
	watchdog_enter(quick);
	watchdog_leave();
	watchdog_enter(stuck);
	cr_expect(eq(int, waitpid(stuck, &status, 0), stuck));
	watchdog_leave();
	watchdog_stop();
	bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	cr_expect(was_killed);
	cr_expect(eq(int, waitpid(quick, &status, WNOHANG), 0));
	(void)kill(quick, SIGKILL);
	(void)waitpid(quick, NULL, 0);
}
