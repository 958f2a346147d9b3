/* SPDX-License-Identifier: MIT */
/*
 * Nanoseconds for carrying out a file call on behalf, without the stop that brings it:
 * prepare and perform, against the same call made natively.
 */
#include "tracer/file_call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 100, ROUNDS = 50, NAME_SIZE = 256 };

/* At the same address in the child. */
static char name_in_child[NAME_SIZE];

struct bench {
	pid_t child;
	int memory;
	struct file_call *file;
};

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void wait_for_ever(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		pause();
	}
}

static bool start(struct bench *bench)
{
	char name[64];
	struct error err = {.code = 0};

	bench->child = fork();
	if (bench->child == 0) {
		wait_for_ever();
	}
	(void)snprintf(name, sizeof(name), "/proc/%d/mem", (int)bench->child);
	bench->memory = open(name, O_RDWR | O_CLOEXEC);
	bench->file = file_call_create();
	if (bench->memory < 0 || !file_call_thread_start(&err)) {
		(void)fprintf(stderr, "bench_file_call: %s\n", err.text);
		return false;
	}
	return true;
}

static void run_on_behalf(struct bench *bench, int number, const uint64_t arguments[6])
{
	struct call call = {
		.tid = bench->child,
		.pid = bench->child,
		.memory_fd = bench->memory,
		.number = (uint64_t)number,
		.row = syscall_table_row((uint64_t)number),
	};
	struct request request;

	memcpy(call.arguments, arguments, sizeof(call.arguments));
	call.operation = call.row->operation;
	if (file_call_prepare(bench->file, &call, &request) == 0 &&
		request.refused == 0) {
		const struct file_outcome outcome =
			file_call_perform(bench->file, false);

		if (outcome.kind == FILE_HANDOVER) {
			(void)close(outcome.fd);
		}
	}
	file_call_finish(bench->file);
}

static void run_natively(int number, const uint64_t arguments[6])
{
	const long fd =
		syscall(number, arguments[0], arguments[1], arguments[2], arguments[3]);

	if (fd > 0) {
		(void)close((int)fd);
	}
}

/* One open, or one mkdir followed by its rmdir. */
static void run_once(struct bench *bench, const char *name, bool makes, bool natively)
{
	const uint64_t address = (uint64_t)(uintptr_t)(natively ? name : name_in_child);
	const uint64_t open_arguments[6] = {(uint64_t)AT_FDCWD, address, O_RDONLY};
	const uint64_t mkdir_arguments[6] = {address, 0700};
	const int number = makes ? SYS_mkdir : SYS_openat;
	const uint64_t *arguments = makes ? mkdir_arguments : open_arguments;

	if (natively) {
		run_natively(number, arguments);
	} else {
		run_on_behalf(bench, number, arguments);
	}
	if (makes && natively) {
		run_natively(SYS_rmdir, arguments);
	} else if (makes) {
		run_on_behalf(bench, SYS_rmdir, arguments);
	}
}

static double best_of(struct bench *bench, const char *name, bool makes, bool natively)
{
	double best = 1e12;

	for (int round = 0; round < ROUNDS; round++) {
		const double begin = now();

		for (int i = 0; i < CALLS; i++) {
			run_once(bench, name, makes, natively);
		}
		const double spent = (now() - begin) / CALLS;

		best = spent < best ? spent : best;
	}
	return best;
}

int main(void)
{
	static const struct {
		const char *label, *name;
		bool makes;
	} rows[] = {
		{"absolute-file", "/usr/include/stdio.h", false},
		{"relative-file", "include/stdio.h", false},
		{"missing-file", "/usr/include/absent.h", false},
		{"mkdir-rmdir", "/dev/shm/duenna-bench-folder", true},
	};
	struct bench bench;

	if (chdir("/usr") < 0 || !start(&bench)) {
		return 1;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pwrite(bench.memory, rows[i].name, strlen(rows[i].name) + 1,
			    (off_t)(uintptr_t)name_in_child) < 0) {
			return 1;
		}
		(void)printf("%s: on behalf %.0f ns, native %.0f ns\n", rows[i].label,
			best_of(&bench, rows[i].name, rows[i].makes, false),
			best_of(&bench, rows[i].name, rows[i].makes, true));
	}
	file_call_destroy(bench.file);
	(void)kill(bench.child, SIGKILL);
	(void)waitpid(bench.child, NULL, 0);
	return 0;
}
