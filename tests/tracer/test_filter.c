/* SPDX-License-Identifier: MIT */
/* Compares what the exported program says with what the table says, call by call. */
#include "tests/support/bpf_interpreter.h"
#include "tracer/filter.h"
#include "tracer/syscall_numbers_x86_64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/prctl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	X32_BIT = 1 << 30,
	NUMBERS = 1024,
	TRIES = 8,	   /* argument sets for a call without rules */
	TRIES_RULED = 400, /* … and with */
	OPTION_SETS = 17,  /* the last has a window that the build does not know */
	OTHER_WINDOW = 0x2aab,
};

static struct filter_options option_set(int i)
{
	return (struct filter_options){
		.calls = {.judge_reads = i & 1,
			.privileged = i & 2,
			.guard_window = i & 16	? OTHER_WINDOW
					: i & 4 ? GUARD_WINDOW
						: 0},
		.notify = i & 8,
	};
}

static struct sock_fprog build(const struct filter_options *options)
{
	struct sock_fprog program = {0};
	struct error err = {0};
	bool ok = filter_build(options, &program, &err);

	cr_assert(ok, "%s", err.text);
	return program;
}

static uint32_t action_value(enum filter_action action)
{
	switch (action) {
	case FILTER_PASS:
		return SECCOMP_RET_ALLOW;
	case FILTER_ERRNO:
		return SECCOMP_RET_ERRNO | ENOSYS;
	case FILTER_NOTIFY:
		return SECCOMP_RET_USER_NOTIF;
	case FILTER_TRACE:
		return SECCOMP_RET_TRACE;
	}
	return 0;
}

static uint32_t expected(const struct filter_options *options, uint32_t number,
	const uint64_t arguments[6])
{
	if (number == UINT32_MAX) {
		/* The number of a skipped call: of no use to anybody, and recorded. */
		return SECCOMP_RET_TRACE;
	}
	if (number >= X32_BIT) {
		return SECCOMP_RET_ERRNO | ENOSYS;
	}
	if (number == FILTER_NUMBER_HOLD) {
		return SECCOMP_RET_USER_NOTIF;
	}
	struct syscall_decision decision =
		syscall_table_decide(&options->calls, number, arguments);
	return action_value(filter_class_action(options, decision.class));
}

static struct bpf_result run(
	const struct sock_fprog *program, uint32_t number, const uint64_t arguments[6])
{
	struct seccomp_data data = {.nr = (int)number, .arch = AUDIT_ARCH_X86_64};

	for (int i = 0; i < 6; i++) {
		data.args[i] = arguments[i];
	}
	return bpf_run(program, &data);
}

static void check(const struct sock_fprog *program,
	const struct filter_options *options, uint32_t number,
	const uint64_t arguments[6])
{
	struct bpf_result result = run(program, number, arguments);
	uint32_t want = expected(options, number, arguments);

	cr_assert(result.valid && result.value == want,
		"number %u (%#lx, %#lx, %#lx, %#lx, %#lx): got %#x, want %#x", number,
		arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		result.value, want);
}

/* A small generator of our own, so that a failure comes again. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A value near what some rule of the row tests, or an ordinary or a wild one. */
static uint64_t argument_pick(
	const struct syscall_row *row, int argument, uint64_t *state)
{
	static const uint64_t ordinary[] = {0, 1, 2, 3, 16, 0x1000, UINT32_MAX,
		UINT64_MAX, UINT64_C(1) << 32, (uint64_t)OTHER_WINDOW << 32,
		(uint64_t)(OTHER_WINDOW - 1) << 32,
		((uint64_t)(OTHER_WINDOW + 1) << 32) - 1, (uint64_t)GUARD_WINDOW << 32,
		(uint64_t)(GUARD_WINDOW - 1) << 32,
		((uint64_t)(GUARD_WINDOW + 1) << 32) - 1, UINT64_C(0x7fff12345000)};
	uint64_t choice = random_next(state);
	uint64_t value = ordinary[choice % (sizeof(ordinary) / sizeof(ordinary[0]))];

	if (row && row->rule_count > 0 && choice & (1 << 16)) {
		const struct argument_rule *rule =
			&row->rules[random_next(state) % row->rule_count];
		for (int i = 0; i < RULE_TESTS_MAX; i++) {
			if (rule->tests[i].kind == TEST_MASKED_EQUAL &&
				rule->tests[i].argument == argument) {
				value = rule->tests[i].value;
			}
		}
		if (choice & (1 << 17)) {
			value |= (uint32_t)random_next(state) & ~rule->tests[0].mask;
		}
	}
	if (choice & (1 << 18)) {
		value ^= UINT64_C(1) << (random_next(state) % 32);
	}
	if (choice & (1 << 19)) {
		value ^= random_next(state) << 32;
	}
	return choice % 61 == 0 ? random_next(state) : value;
}

static void check_number(const struct sock_fprog *program,
	const struct filter_options *options, uint32_t number, uint64_t *state)
{
	const struct syscall_row *row = syscall_table_row(number);
	int tries = row && row->rule_count > 0 ? TRIES_RULED : TRIES;

	for (int i = 0; i < tries; i++) {
		uint64_t arguments[6];
		for (int j = 0; j < 6; j++) {
			arguments[j] = argument_pick(row, j, state);
		}
		check(program, options, number, arguments);
	}
}

Test(filter, says_what_the_table_says)
{
	static const uint32_t further[] = {X32_BIT - 1, X32_BIT, X32_BIT + 1,
		X32_BIT + SYSCALL_openat, X32_BIT + 512, INT32_MAX, 1u << 31,
		UINT32_MAX - 1, UINT32_MAX, FILTER_NUMBER_HOLD, FILTER_NUMBER_HOLD - 1,
		FILTER_NUMBER_REOPEN, FILTER_NUMBER_REOPEN + 1};
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	for (int set = 0; set < OPTION_SETS; set++) {
		struct filter_options options = option_set(set);
		struct sock_fprog program = build(&options);
		for (uint32_t number = 0; number < NUMBERS; number++) {
			check_number(&program, &options, number, &state);
		}
		for (size_t i = 0; i < sizeof(further) / sizeof(further[0]); i++) {
			check_number(&program, &options, further[i], &state);
		}
		filter_finish(&program);
	}
}

Test(filter, tells_every_ioctl_request_apart)
{
	static const uint64_t above[] = {0, UINT64_C(0x40080000), UINT64_C(0xc0100000),
		UINT64_C(0xdeadbeef) << 32};
	struct filter_options options = option_set(9);
	struct sock_fprog program = build(&options);

	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		for (uint64_t request = 0; request <= UINT16_MAX; request++) {
			uint64_t arguments[6] = {0, above[i] | request};
			check(&program, &options, SYSCALL_ioctl, arguments);
		}
	}
	filter_finish(&program);
}

Test(filter, tells_every_kind_of_socket_apart)
{
	struct filter_options options = option_set(9);
	struct sock_fprog program = build(&options);

	for (uint64_t family = 0; family < 50; family++) {
		for (uint64_t type = 0; type < 16; type++) {
			for (uint64_t protocol = 0; protocol < 300; protocol++) {
				uint64_t arguments[6] = {
					family, type | 02004000, protocol};
				check(&program, &options, SYSCALL_socket, arguments);
				check(&program, &options, SYSCALL_socketpair,
					arguments);
			}
		}
	}
	filter_finish(&program);
}

Test(filter, has_no_system_calls_for_foreign_abis)
{
	struct filter_options options = option_set(9);
	struct sock_fprog program = build(&options);
	static const uint32_t archs[] = {AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0};

	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		for (int number = -1; number < NUMBERS; number++) {
			struct seccomp_data data = {.nr = number, .arch = archs[i]};
			struct bpf_result result = bpf_run(&program, &data);
			cr_assert(result.valid &&
					  result.value == (SECCOMP_RET_ERRNO | ENOSYS),
				"number %d", number);
		}
	}
	filter_finish(&program);
}

Test(filter, never_stops_what_must_not_be_stopped)
{
	/* The last three come from the vsyscall page as well. */
	static const uint32_t numbers[] = {SYSCALL_exit, SYSCALL_exit_group,
		SYSCALL_rt_sigreturn, SYSCALL_restart_syscall, SYSCALL_uretprobe,
		SYSCALL_uprobe, SYSCALL_gettimeofday, SYSCALL_time, SYSCALL_getcpu};
	uint64_t state = 1;

	for (int set = 0; set < OPTION_SETS; set++) {
		struct filter_options options = option_set(set);
		struct sock_fprog program = build(&options);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			uint64_t arguments[6];
			for (int j = 0; j < 6; j++) {
				arguments[j] = random_next(&state);
			}
			struct bpf_result result = run(&program, numbers[i], arguments);
			cr_expect(eq(u32, result.value, SECCOMP_RET_ALLOW));
		}
		filter_finish(&program);
	}
}

Test(filter, is_short_on_everyday_calls)
{
	static const struct {
		uint32_t number;
		uint64_t arguments[6];
		size_t steps;
	} cases[] = {
		{SYSCALL_read, {0}, 20},
		{SYSCALL_write, {1}, 20},
		{SYSCALL_mmap, {0}, 20},
		{SYSCALL_newfstatat, {0}, 20},
		{SYSCALL_futex, {0}, 20},
		{SYSCALL_clone, {0x11}, 30},
		{SYSCALL_sendto, {0}, 30},
		{SYSCALL_socket, {1}, 60},
		{SYSCALL_ioctl, {0, 0x5401}, 450},
		{SYSCALL_fcntl, {0, 4, 04002}, 200},
	};
	struct filter_options options = option_set(9);
	struct sock_fprog program = build(&options);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bpf_result result =
			run(&program, cases[i].number, cases[i].arguments);
		cr_expect(eq(u32, result.value, SECCOMP_RET_ALLOW));
		cr_expect(result.steps <= cases[i].steps, "number %u takes %zu",
			cases[i].number, result.steps);
	}
	filter_finish(&program);
}

/* Exits with 0 if the kernel takes the program. No listener and no tracer: only load. */
static int child_install(const struct sock_fprog *program)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		return 1;
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) ? 2 : 0;
}

Test(filter, is_taken_by_the_kernel, .timeout = 30)
{
	for (int set = 0; set < OPTION_SETS; set++) {
		struct filter_options options = option_set(set);
		struct sock_fprog program = build(&options);
		int status;
		pid_t child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(child_install(&program));
		}
		waitpid(child, &status, 0);
		cr_expect(status == 0, "option set %d: status %#x", set, status);
		filter_finish(&program);
	}
}
