/* SPDX-License-Identifier: MIT */
/* What is read of a thread is what holds now, and nothing is read of one that is gone. */
#include "tracer/credentials.h"
#include "tracer/file_call.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that takes each byte that it gets for its umask, and says when it has it. */
struct masked {
	pid_t pid;
	int ask, answer;
};

static void masked_start(struct masked *masked)
{
	int asks[2], answers[2];
	unsigned char byte = 0;

	cr_assert(pipe(asks) == 0 && pipe(answers) == 0);
	masked->pid = fork();
	cr_assert(masked->pid >= 0);
	if (masked->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (read(asks[0], &byte, 1) == 1) {
			(void)umask(byte);
			(void)!write(answers[1], &byte, 1);
		}
		_exit(0);
	}
	(void)close(asks[0]);
	(void)close(answers[1]);
	masked->ask = asks[1];
	masked->answer = answers[0];
}

static void masked_set(const struct masked *masked, unsigned char mask)
{
	cr_assert(write(masked->ask, &mask, 1) == 1);
	cr_assert(read(masked->answer, &mask, 1) == 1);
}

static void masked_finish(struct masked *masked)
{
	(void)close(masked->ask);
	(void)close(masked->answer);
	(void)kill(masked->pid, SIGKILL);
	cr_assert(waitpid(masked->pid, NULL, 0) == masked->pid);
}

Test(credentials, the_umask_is_that_of_this_moment, .timeout = 60)
{
	static const unsigned char masks[] = {022, 077, 0, 027, 077};
	struct masked first, second;
	mode_t mask = 0;

	cr_assert(file_call_thread_start(NULL));
	masked_start(&first);
	masked_start(&second);
	masked_set(&second, 0133);
	for (size_t i = 0; i < sizeof(masks); i++) {
		masked_set(&first, masks[i]);
		cr_assert(caller_umask_read(first.pid, &mask));
		cr_expect(eq(uint, mask, masks[i]));
		if (i % 2 == 0) {
			cr_assert(caller_umask_read(second.pid, &mask));
			cr_expect(eq(uint, mask, 0133));
		}
	}
	masked_finish(&first);
	masked_finish(&second);
	caller_status_forget();
}

Test(credentials, nothing_is_read_of_a_thread_that_is_gone, .timeout = 60)
{
	struct masked masked;
	struct caller_status status;
	mode_t mask = 0;

	cr_assert(file_call_thread_start(NULL));
	masked_start(&masked);
	masked_set(&masked, 022);
	cr_assert(caller_umask_read(masked.pid, &mask));
	masked_finish(&masked);
	cr_expect(not(caller_umask_read(masked.pid, &mask)));
	cr_expect(not(caller_status_read(masked.pid, &status)));
	caller_status_forget();
}
