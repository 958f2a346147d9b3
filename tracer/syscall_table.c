/* SPDX-License-Identifier: MIT */
/* Looks rows up and applies their rules; the data is in syscall_rows.c. */
#include "tracer/syscall_table.h"

#include "base/error.h"
#include "tracer/syscall_rows.h"

#include <errno.h>
#include <string.h>

const struct syscall_row *syscall_table_row(uint64_t number)
{
	if (number >= SYSCALL_COUNT || !syscall_rows[number].name) {
		return NULL;
	}
	return &syscall_rows[number];
}

size_t syscall_table_size(void)
{
	return SYSCALL_COUNT;
}

int syscall_table_number(const char *name)
{
	for (int number = 0; number < SYSCALL_COUNT; number++) {
		const char *candidate = syscall_rows[number].name;
		if (candidate && strcmp(candidate, name) == 0) {
			return number;
		}
	}
	return -1;
}

bool argument_rule_applies(
	const struct argument_rule *rule, const struct syscall_options *options)
{
	switch (rule->condition) {
	case RULE_ALWAYS:
		return true;
	case RULE_UNJUDGED_READS:
		return !options->judge_reads;
	case RULE_PRIVILEGED:
		return options->privileged;
	case RULE_UNPRIVILEGED:
		return !options->privileged;
	case RULE_GUARDED:
		return options->guard_window != 0;
	}
	invariant(false);
}

static bool test_holds(const struct argument_test *test,
	const struct syscall_options *options, const uint64_t arguments[6])
{
	uint64_t argument = arguments[test->argument];
	uint32_t low = (uint32_t)argument;
	uint32_t high = (uint32_t)(argument >> 32);

	switch (test->kind) {
	case TEST_NONE:
		return true;
	case TEST_MASKED_EQUAL:
		return (low & test->mask) == test->value;
	case TEST_ZERO:
		return argument == 0;
	case TEST_HIGH_ZERO:
		return high == 0;
	case TEST_OUTSIDE_WINDOW:
		return ((high ^ options->guard_window) & GUARD_WINDOW_BITS) != 0;
	}
	invariant(false);
}

static bool rule_holds(const struct argument_rule *rule,
	const struct syscall_options *options, const uint64_t arguments[6])
{
	if (!argument_rule_applies(rule, options)) {
		return false;
	}
	for (int i = 0; i < RULE_TESTS_MAX; i++) {
		if (!test_holds(&rule->tests[i], options, arguments)) {
			return false;
		}
	}
	return true;
}

static struct syscall_decision decision_named(
	struct syscall_decision decision, const struct syscall_row *row)
{
	bool needs_name = decision.class == CLASS_REFUSED ||
			  decision.operation == OPERATION_POWER ||
			  decision.operation == OPERATION_IPC;

	if (needs_name && !decision.power) {
		decision.power = row->power ? row->power : row->name;
	}
	return decision;
}

struct syscall_decision syscall_table_decide(const struct syscall_options *options,
	uint64_t number, const uint64_t arguments[6])
{
	const struct syscall_row *row = syscall_table_row(number);

	if (!row) {
		return (struct syscall_decision){
			.class = CLASS_UNKNOWN, .error = ENOSYS};
	}
	for (size_t i = 0; i < row->rule_count; i++) {
		const struct argument_rule *rule = &row->rules[i];
		if (rule_holds(rule, options, arguments)) {
			struct syscall_decision decision = {.class = rule->class,
				.operation = rule->operation,
				.power = rule->power,
				.error = rule->error};
			return decision_named(decision, row);
		}
	}
	struct syscall_decision decision = {.class = row->class,
		.operation = row->operation,
		.power = row->power,
		.error = row->error};
	return decision_named(decision, row);
}
