/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

static int run_nothing(const struct command_line *line, struct error *err)
{
	(void)line;
	(void)err;
	return 0;
}

static const struct option_row rows[] = {
	{.name = "ask", .value = "MODE", .choices = "deny|allow", .meaning = "m"},
	{.name = "rules", .value = "FILE", .repeats = true, .meaning = "m"},
	{.name = "count", .letter = 'n', .value = "N", .meaning = "m"},
	{.name = "quiet", .letter = 'q', .meaning = "m"},
	{0},
};
static const struct command plain = {
	.name = "plain",
	.arguments = "[WORD]",
	.summary = "s",
	.common = COMMON_DATABASE | COMMON_JSON,
	.options = rows,
	.arguments_max = 1,
	.run = run_nothing,
};
static const struct command wrapper = {
	.name = "wrapper",
	.arguments = "COMMAND [ARG...]",
	.summary = "s",
	.options = rows,
	.arguments_min = 1,
	.arguments_max = ARGUMENTS_ANY,
	.arguments_end_options = true,
	.run = run_nothing,
};

static struct command_line line;
static struct error err;

/* Splits text at spaces into a static argv. */
static bool parse(const struct command *command, const char *text)
{
	static char copy[512];
	static char *argv[64];
	int argc = 0;

	(void)snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	err = (struct error){0};
	return options_parse(command, argc, argv, &line, &err);
}

Test(options, values_may_follow_or_be_joined)
{
	cr_assert(parse(&plain, "--ask deny --db=x.db -n5 word -q"));
	cr_expect_str_eq(option_text(&line, "ask"), "deny");
	cr_expect_str_eq(option_text(&line, "db"), "x.db");
	cr_expect_str_eq(option_text(&line, "count"), "5");
	cr_expect(option_given(&line, "quiet"));
	cr_expect(eq(sz, line.argument_count, 1));
	cr_expect_str_eq(line.arguments[0], "word");
	cr_expect_null(line.arguments[1]);
}

Test(options, absent_options_have_no_value)
{
	long number = 7;

	cr_assert(parse(&plain, ""));
	cr_expect_null(option_text(&line, "ask"));
	cr_expect_null(option_value(&line, "rules", 0));
	cr_expect_not(option_given(&line, "quiet"));
	cr_assert(option_number(&line, "count", 10, 3, &number, &err));
	cr_expect(eq(long, number, 3));
}

Test(options, what_repeats_keeps_its_order)
{
	cr_assert(parse(&plain, "--rules a --rules=b"));
	cr_expect_str_eq(option_value(&line, "rules", 0), "a");
	cr_expect_str_eq(option_value(&line, "rules", 1), "b");
	cr_expect_null(option_value(&line, "rules", 2));
}

Test(options, two_dashes_end_the_options)
{
	cr_assert(parse(&plain, "-- --ask"));
	cr_expect_str_eq(line.arguments[0], "--ask");
}

Test(options, the_wrapped_command_keeps_its_options)
{
	cr_assert(parse(&wrapper, "-q ls -q --ask x -- y"));
	cr_expect(eq(sz, line.argument_count, 6));
	cr_expect_str_eq(line.arguments[1], "-q");
	cr_expect_str_eq(line.arguments[4], "--");
	cr_assert(parse(&wrapper, "-q -- -ls"));
	cr_expect(eq(sz, line.argument_count, 1));
	cr_expect_str_eq(line.arguments[0], "-ls");
}

Test(options, numbers_are_checked)
{
	static const char *const wrong[] = {"-n11", "-nx", "-n1x", "--count=", "-n-1"};
	long number;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert(parse(&plain, wrong[i]));
		cr_expect_not(option_number(&line, "count", 10, 0, &number, &err), "%s",
			wrong[i]);
		cr_expect(eq(int, err.code, ERROR_USAGE));
	}
}

Test(options, wrong_lines_are_refused_with_a_reason)
{
	static const struct {
		const struct command *command;
		const char *text, *reason;
	} cases[] = {
		{&plain, "--nothing", "there is no option \"--nothing\""},
		{&plain, "--as deny", "there is no option \"--as\""},
		{&plain, "-x", "there is no option \"-x\""},
		{&plain, "--ask", "--ask needs a value: MODE"},
		{&plain, "--ask den", "--ask must be one of deny|allow, not \"den\""},
		{&plain, "--ask=", "--ask must be one of deny|allow, not \"\""},
		{&plain, "--quiet=yes", "--quiet takes no value"},
		{&plain, "--db a --db b", "--db may be given only once"},
		{&plain, "a b", "there is an argument too many: \"b\""},
		{&wrapper, "-q", "an argument is missing: COMMAND [ARG...]"},
		{&wrapper, "--json ls", "there is no option \"--json\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_not(
			parse(cases[i].command, cases[i].text), "%s", cases[i].text);
		cr_expect(eq(int, err.code, ERROR_USAGE));
		cr_expect_str_eq(err.text, cases[i].reason);
	}
}

Test(options, help_needs_no_arguments)
{
	cr_assert(parse(&wrapper, "--help"));
	cr_expect(line.help);
}

Test(options, too_many_options_are_refused)
{
	static char *argv[2 * OPTIONS_GIVEN_MAX];

	for (int i = 0; i < 2 * OPTIONS_GIVEN_MAX - 1; i++) {
		argv[i] = "-q";
	}
	cr_expect_not(
		options_parse(&plain, 2 * OPTIONS_GIVEN_MAX - 1, argv, &line, &err));
	cr_expect(eq(int, err.code, ERROR_USAGE));
}
