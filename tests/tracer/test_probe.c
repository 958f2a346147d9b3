/* SPDX-License-Identifier: MIT */
#include "tracer/probe.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave_nothing_disabled(void)
{
	unsetenv("DUENNA_DISABLE");
}

TestSuite(probe, .init = leave_nothing_disabled, .timeout = 30);

Test(probe, finds_what_duenna_needs)
{
	struct probe_features features;
	const char *missing = NULL;

	probe_run(&features);
	cr_expect(probe_sufficient(&features, &missing), "%s", missing);
	cr_expect(not(features.is_traced));
}

Test(probe, leaves_no_child_behind)
{
	struct probe_features features;

	probe_run(&features);
	cr_expect(eq(int, waitpid(-1, NULL, WNOHANG), -1));
}

Test(probe, changes_nothing_in_this_process)
{
	struct probe_features features;
	int before = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	probe_run(&features);
	cr_expect(eq(int, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), before));
	cr_expect(eq(int, prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0));
}

Test(probe, disables_one_feature_by_name)
{
	struct probe_features all, some;

	probe_run(&all);
	setenv("DUENNA_DISABLE", "nonsense,mseal,set-syscall-info", 1);
	probe_run(&some);
	cr_expect(not(some.mseal));
	cr_expect(not(some.set_syscall_info));
	cr_expect(eq(int, some.sync_wake, all.sync_wake));
	cr_expect(eq(int, some.listener_free, all.listener_free));
	cr_expect(eq(int, some.landlock_abi, all.landlock_abi));
}

Test(probe, disables_all_that_can_be_replaced_and_nothing_else)
{
	struct probe_features features;
	const char *missing = NULL;

	setenv("DUENNA_DISABLE", "all", 1);
	probe_run(&features);
	cr_expect(not(features.listener_free));
	cr_expect(not(features.sync_wake));
	cr_expect(not(features.wait_killable));
	cr_expect(not(features.addfd_send));
	cr_expect(not(features.thread_pidfd));
	cr_expect(not(features.mseal));
	cr_expect(not(features.set_syscall_info));
	cr_expect(eq(int, features.landlock_abi, 0));
	cr_expect(probe_sufficient(&features, &missing), "%s", missing);
}

/* Exits with 0 if the probe sees that somebody has the listener slot. */
static int child_with_listener(void)
{
	struct sock_filter pass = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = 1, .filter = &pass};
	struct probe_features features;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) < 0) {
		return 1;
	}
	probe_run(&features);
	return features.listener_free ? 2 : 0;
}

Test(probe, sees_a_listener_above)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(child_with_listener());
	}
	waitpid(child, &status, 0);
	cr_expect(eq(int, status, 0));
}

/* Exits with 0 if the probe sees its tracer. */
static int child_traced(void)
{
	struct probe_features features;
	const char *missing = NULL;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL)) {
		return 1;
	}
	probe_run(&features);
	return features.is_traced && !probe_sufficient(&features, &missing) ? 0 : 2;
}

Test(probe, sees_a_tracer)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(child_traced());
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		ptrace(PTRACE_CONT, child, NULL, (void *)(long)WSTOPSIG(status));
	}
	cr_expect(eq(int, status, 0));
}
