/* SPDX-License-Identifier: MIT */
/*
 * Translates the system call table into rules of libseccomp and exports the program.
 *
 * libseccomp 2.5 drops rules that conflict without a word, and joins tests of one
 * argument in ways of its own. So the default is a trace stop, a number gets either one
 * unconditional rule or disjoint conditional ones, and halves of arguments are tested
 * only by masks. tests/tracer/test_filter.c compares the result with the table.
 */
#include "tracer/filter_generate.h"

#include "base/xalloc.h"

#include <seccomp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RULES_MAX = 64,	  /* of one row */
	HIGH_LOWEST = 33, /* bits of an address that tell windows apart */
	HIGH_HIGHEST = 63,
	OPTIMIZE_TREE = 2,     /* a binary search over the numbers */
	API_NOTIFICATIONS = 5, /* do not ask the kernel that we happen to run on */
	TRACE_DATA = 0, /* never read: a filter of the tree's own could replace it */
};

struct builder {
	scmp_filter_ctx context;
	const struct filter_options *options;
	uint32_t number;
	int failure; /* the first negative errno of libseccomp; 0: none */
};

/* The rules of a row that are in force, and what holds where none of them does. */
struct refinement {
	const struct argument_rule *rules[RULES_MAX];
	size_t count;
	enum filter_action otherwise;
};

/* Values of one argument's low half whose bits under mask are fixed. */
struct cube {
	uint32_t mask;
	uint32_t value;
};

enum filter_action filter_class_action(
	const struct filter_options *options, enum syscall_class class)
{
	switch (class) {
	case CLASS_PASS:
		return FILTER_PASS;
	case CLASS_ABSENT:
		return FILTER_ERRNO;
	case CLASS_FILE:
		return options->notify ? FILTER_NOTIFY : FILTER_TRACE;
	case CLASS_UNKNOWN:
	case CLASS_REFUSED:
	case CLASS_FILE_STOP:
	case CLASS_STOP:
		return FILTER_TRACE;
	}
	invariant(false);
}

static uint32_t action_code(enum filter_action action)
{
	switch (action) {
	case FILTER_PASS:
		return SCMP_ACT_ALLOW;
	case FILTER_ERRNO:
		return SCMP_ACT_ERRNO(ENOSYS);
	case FILTER_NOTIFY:
		return SCMP_ACT_NOTIFY;
	case FILTER_TRACE:
		return SCMP_ACT_TRACE(TRACE_DATA);
	}
	invariant(false);
}

static void rule_add(struct builder *builder, enum filter_action action,
	const struct scmp_arg_cmp *tests, unsigned count)
{
	/* libseccomp refuses a rule that repeats its default. */
	if (action == FILTER_TRACE || builder->failure) {
		return;
	}
	builder->failure = seccomp_rule_add_exact_array(builder->context,
		action_code(action), (int)builder->number, count, tests);
}

static struct scmp_arg_cmp masked_test(int argument, uint64_t mask, uint64_t value)
{
	return (struct scmp_arg_cmp){.arg = (unsigned)argument,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = mask,
		.datum_b = value};
}

static bool is_compatible(const struct argument_test *test, struct cube cube)
{
	return ((test->value ^ cube.value) & test->mask & cube.mask) == 0;
}

/* What the rule says for those calls of the cube that pass its second test as well. */
static void part_add(struct builder *builder, const struct argument_rule *rule,
	struct scmp_arg_cmp cube_test)
{
	const struct argument_test *second = &rule->tests[1];
	const struct scmp_arg_cmp tests[] = {
		cube_test, masked_test(second->argument, second->mask, second->value)};

	invariant(
		second->kind == TEST_MASKED_EQUAL && rule->tests[2].kind == TEST_NONE);
	rule_add(builder, filter_class_action(builder->options, rule->class), tests, 2);
}

/*
 * Splits the cube bit by bit until the first rule that can hold in it does hold in all
 * of it, and adds what it says: so the rules of libseccomp are disjoint whatever the
 * order and overlap of ours.
 */
static void cube_add(
	struct builder *builder, const struct refinement *refinement, struct cube cube)
{
	enum filter_action action = refinement->otherwise;
	int argument = refinement->rules[0]->tests[0].argument;
	bool has_part = false;

	for (size_t i = 0; i < refinement->count; i++) {
		const struct argument_rule *rule = refinement->rules[i];
		if (!is_compatible(&rule->tests[0], cube)) {
			continue;
		}
		uint32_t open = rule->tests[0].mask & ~cube.mask;
		if (open == 0 && rule->tests[1].kind != TEST_NONE) {
			part_add(builder, rule,
				masked_test(argument, cube.mask, cube.value));
			has_part = true;
			continue;
		}
		if (open == 0) {
			action = filter_class_action(builder->options, rule->class);
			break;
		}
		uint32_t bit = 1u << (31 - __builtin_clz(open));
		cube.mask |= bit;
		cube_add(builder, refinement, cube);
		cube.value |= bit;
		cube_add(builder, refinement, cube);
		return;
	}
	invariant(!has_part || action == FILTER_TRACE);
	struct scmp_arg_cmp test = masked_test(argument, cube.mask, cube.value);
	rule_add(builder, action, &test, 1);
}

/* A row whose rest is a trace stop may test anything; see syscall_rows.c. */
static bool has_one_argument(const struct refinement *refinement)
{
	const bool may_test_more = refinement->otherwise != FILTER_TRACE;

	for (size_t i = 0; i < refinement->count; i++) {
		const struct argument_test *tests = refinement->rules[i]->tests;
		if (tests[0].kind != TEST_MASKED_EQUAL ||
			(tests[1].kind != TEST_NONE && !may_test_more) ||
			tests[0].argument != refinement->rules[0]->tests[0].argument) {
			return false;
		}
	}
	return true;
}

/* Adds the rule once for each way of lying outside of the window, if it tests that. */
static void outside_add(struct builder *builder, enum filter_action action,
	struct scmp_arg_cmp *tests, unsigned count, int outside)
{
	uint64_t window = (uint64_t)builder->options->calls.guard_window << 32;
	uint64_t bits = (uint64_t)GUARD_WINDOW_BITS << 32;

	if (outside < 0) {
		rule_add(builder, action, tests, count);
		return;
	}
	uint64_t compared = 0;
	for (int bit = 63; bit >= 0; bit--) {
		uint64_t differing = UINT64_C(1) << bit;
		if ((bits & differing) == 0) {
			continue;
		}
		compared |= differing;
		tests[outside] = masked_test((int)tests[outside].arg, compared,
			(window ^ differing) & compared);
		rule_add(builder, action, tests, count);
	}
}

static void conjunction_add(struct builder *builder, const struct argument_rule *rule)
{
	struct scmp_arg_cmp tests[RULE_TESTS_MAX];
	unsigned count = 0;
	int outside = -1;

	for (int i = 0; i < RULE_TESTS_MAX && rule->tests[i].kind != TEST_NONE; i++) {
		const struct argument_test *test = &rule->tests[i];
		switch (test->kind) {
		case TEST_NONE:
			break;
		case TEST_MASKED_EQUAL:
			tests[count] =
				masked_test(test->argument, test->mask, test->value);
			break;
		case TEST_ZERO:
			tests[count] = masked_test(test->argument, ~UINT64_C(0), 0);
			break;
		case TEST_HIGH_ZERO:
			tests[count] =
				masked_test(test->argument, ~UINT64_C(0) << 32, 0);
			break;
		case TEST_OUTSIDE_WINDOW:
			outside = (int)count;
			tests[count] = masked_test(test->argument, 0, 0);
			break;
		}
		count++;
	}
	outside_add(builder, filter_class_action(builder->options, rule->class), tests,
		count, outside);
}

static void refinement_collect(struct refinement *refinement,
	const struct syscall_row *row, const struct filter_options *options)
{
	*refinement = (struct refinement){
		.otherwise = filter_class_action(options, row->class)};
	for (size_t i = 0; i < row->rule_count; i++) {
		const struct argument_rule *rule = &row->rules[i];
		if (!argument_rule_applies(rule, &options->calls)) {
			continue;
		}
		if (rule->tests[0].kind == TEST_NONE) {
			refinement->otherwise =
				filter_class_action(options, rule->class);
			return;
		}
		invariant(refinement->count < RULES_MAX);
		refinement->rules[refinement->count++] = rule;
	}
}

static void row_add(struct builder *builder, const struct syscall_row *row)
{
	struct refinement refinement;

	refinement_collect(&refinement, row, builder->options);
	if (refinement.count == 0) {
		rule_add(builder, refinement.otherwise, NULL, 0);
		return;
	}
	if (has_one_argument(&refinement)) {
		cube_add(builder, &refinement, (struct cube){0, 0});
		return;
	}
	invariant(refinement.otherwise == FILTER_TRACE);
	for (size_t i = 0; i < refinement.count; i++) {
		conjunction_add(builder, refinement.rules[i]);
	}
}

static void rows_add(struct builder *builder)
{
	for (size_t number = 0; number < syscall_table_size(); number++) {
		const struct syscall_row *row = syscall_table_row(number);
		if (row) {
			builder->number = (uint32_t)number;
			row_add(builder, row);
		}
	}
	/* With either carrier: the argument pages come to a process by a notification. */
	builder->number = FILTER_NUMBER_HOLD;
	rule_add(builder, FILTER_NOTIFY, NULL, 0);
}

static bool program_export(
	scmp_filter_ctx context, struct sock_fprog *program, struct error *err)
{
	struct stat status;
	bool ok = false;
	int fd = memfd_create("duenna-filter", MFD_CLOEXEC);

	if (fd < 0) {
		return error_set(
			err, errno, "memfd for the filter: %s", strerror(errno));
	}
	int failure = seccomp_export_bpf(context, fd);
	if (failure || fstat(fd, &status)) {
		error_set(err, failure ? -failure : errno, "cannot export the filter");
		goto close;
	}
	size_t size = (size_t)status.st_size;
	struct sock_filter *instructions = xmalloc(size);
	if (pread(fd, instructions, size, 0) != status.st_size) {
		free(instructions);
		error_set(err, EIO, "cannot read the filter back");
		goto close;
	}
	program->len = (unsigned short)(size / sizeof(*instructions));
	program->filter = instructions;
	ok = true;
close:
	close(fd);
	return ok;
}

bool filter_generate(const struct filter_options *options, struct sock_fprog *program,
	struct error *err)
{
	struct builder builder = {.options = options};
	bool ok = false;

	if (seccomp_api_set(API_NOTIFICATIONS)) {
		return error_set(err, ENOSYS, "this libseccomp is older than 2.5");
	}
	builder.context = seccomp_init(action_code(FILTER_TRACE));
	if (!builder.context) {
		return error_set(err, ENOMEM, "libseccomp cannot start a filter");
	}
	builder.failure = seccomp_attr_set(
		builder.context, SCMP_FLTATR_ACT_BADARCH, action_code(FILTER_ERRNO));
	if (!builder.failure) {
		builder.failure = seccomp_attr_set(
			builder.context, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
	}
	rows_add(&builder);
	if (builder.failure) {
		error_set(err, -builder.failure,
			"libseccomp refuses a rule for system call %u: %s",
			builder.number, strerror(-builder.failure));
	} else {
		ok = program_export(builder.context, program, err);
	}
	seccomp_release(builder.context);
	return ok;
}
