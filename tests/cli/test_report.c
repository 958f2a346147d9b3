/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>

TestSuite(report, .init = cr_redirect_stderr);

Test(report, an_error_is_a_line_with_our_name)
{
	struct error err = {0};

	(void)error_set(&err, ERROR_USAGE, "no %s", "luck");
	report_error(&err);
	(void)fflush(stderr);
	cr_assert_stderr_eq_str("duenna: no luck\n");
}

Test(report, several_errors_are_several_lines)
{
	struct error err = {0};

	(void)error_set(&err, ERROR_SYNTAX, "a:1:1: one\na:2:1: two\n");
	report_error(&err);
	(void)fflush(stderr);
	cr_assert_stderr_eq_str("duenna: a:1:1: one\nduenna: a:2:1: two\n");
}

Test(report, nothing_reaches_the_terminal_as_it_is)
{
	report_warning("file %s", "\x1b[2J\xe2\x80\xae");
	(void)fflush(stderr);
	cr_assert_stderr_eq_str("duenna: warning: file \\x1b[2J\\u{202e}\n");
}
