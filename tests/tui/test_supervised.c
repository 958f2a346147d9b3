/* SPDX-License-Identifier: MIT */
/* The line prompt of the real binary, with real commands under real supervision. */
#include "base/xalloc.h"
#include "tests/support/fake_terminal.h"
#include "tests/support/own_home.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 24, COLUMNS = 80, TIMEOUT = 120, ARGUMENTS_MAX = 16, FAILED = 99 };

static const char *folder;
static struct fake_terminal terminal;

static void set_up(void)
{
	folder = own_home_open("line");
	own_home_write("secret", "the-content\n");
	char *rules = xasprintf("allow any *\nask read %s/secret\n", folder);
	own_home_write("rules", rules);
	free(rules);
	terminal = (struct fake_terminal){.child = -1, .master = -1, .slave = -1};
}

static void tear_down(void)
{
	if (folder != NULL) {
		fake_terminal_finish(&terminal);
		own_home_close();
	}
}

TestSuite(supervised, .init = set_up, .fini = tear_down, .timeout = TIMEOUT);

static int run_duenna(void *argument)
{
	const char *const *command = argument;
	const char *argv[ARGUMENTS_MAX] = {getenv("DUENNA"), "run", "--ask", "line",
		"--rules", "rules", "--no-default-profiles", "--"};
	size_t count = 8;

	while (*command != NULL && count + 1 < ARGUMENTS_MAX) {
		argv[count++] = *command++;
	}
	(void)execv(argv[0], (char *const *)argv);
	return FAILED;
}

static void start(const char *const *command)
{
	cr_assert(fake_terminal_start(
		&terminal, ROWS, COLUMNS, run_duenna, (void *)command));
}

#define START(...) start((const char *const[]){__VA_ARGS__, NULL})

static void await_prompt(void)
{
	cr_assert(fake_terminal_await(&terminal, "allow this?"), "a question is shown");
	cr_assert(fake_terminal_await(&terminal, "> "), "there is a prompt");
}

Test(supervised, an_allowed_call_goes_on)
{
	START("sh", "-c", "cat secret; exit 3");
	await_prompt();
	fake_terminal_type(&terminal, "a\n");
	cr_expect(fake_terminal_await(&terminal, "allowed once: read "));
	cr_expect(fake_terminal_await(&terminal, "the-content\r\n"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 3));
	cr_expect(fake_terminal_is_restored(&terminal));
}

Test(supervised, a_denied_call_fails_with_a_line_that_explains)
{
	START("sh", "-c", "cat secret");
	await_prompt();
	fake_terminal_type(&terminal, "m\n");
	cr_assert(fake_terminal_await(&terminal, "message> "));
	fake_terminal_type(&terminal, "not that one\n");
	cr_expect(fake_terminal_await(&terminal, "denied once: read "));
	cr_expect(fake_terminal_await(&terminal, "not that one"));
	cr_expect(fake_terminal_await(&terminal, "Permission denied"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 1));
	cr_expect(not(fake_terminal_has_shown(&terminal, "the-content")));
}

Test(supervised, an_answer_for_always_is_silent_in_the_next_session)
{
	START("cat", "secret");
	await_prompt();
	fake_terminal_type(&terminal, "A\n");
	cr_assert(fake_terminal_await(&terminal, "how far> "));
	fake_terminal_type(&terminal, "5\n");
	cr_assert(fake_terminal_await(&terminal, "which rule> "));
	fake_terminal_type(&terminal, "1\n");
	cr_expect(fake_terminal_await(&terminal, "always: allow read "));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
	fake_terminal_finish(&terminal);
	START("cat", "secret");
	cr_expect(fake_terminal_await(&terminal, "the-content"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
	cr_expect(not(fake_terminal_has_shown(&terminal, "allow this?")));
}

Test(supervised, others_run_on_while_one_waits)
{
	START("sh", "-c", "cat secret & sleep 1; echo still-here; wait");
	await_prompt();
	fake_terminal_type(&terminal, "\n");
	cr_expect(fake_terminal_await(&terminal, "Enter alone decides nothing"));
	fake_terminal_type(&terminal, "d\n");
	cr_expect(fake_terminal_await(&terminal, "denied once"));
	cr_expect(fake_terminal_await(&terminal, "still-here"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
}

Test(supervised, control_c_interrupts_a_held_call)
{
	START("sh", "-c", "trap 'echo caught; exit 4' INT; cat secret; true");
	await_prompt();
	fake_terminal_type(&terminal, "\x03");
	cr_expect(fake_terminal_await(&terminal, "was withdrawn"));
	cr_expect(fake_terminal_await(&terminal, "caught"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 4));
	cr_expect(fake_terminal_is_restored(&terminal));
}

Test(supervised, k_kills_what_asks)
{
	START("sh", "-c", "cat secret; echo $?");
	await_prompt();
	fake_terminal_type(&terminal, "k\n");
	cr_expect(fake_terminal_await(&terminal, "was killed"));
	cr_expect(fake_terminal_await(&terminal, "137"));
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
}

/*
 * A shell switches echo on only after it has shown the command, so a line typed at once
 * may be shown by cat alone, without Duenna as well. Once cat has shown it, the next line
 * must come twice, from the terminal and from cat, with what is left between them.
 */
static void expect_cat_answers(void)
{
	fake_terminal_type(&terminal, "early\n");
	cr_assert(fake_terminal_await(&terminal, "early\r\n"));
	fake_terminal_type(&terminal, "later\n");
	cr_assert(fake_terminal_await(&terminal, "later\r\n"));
	cr_assert(fake_terminal_await(&terminal, "later\r\n"));
}

Test(supervised, job_control_works_as_without)
{
	START("bash", "--norc");
	cr_assert(fake_terminal_await(&terminal, "$ "));
	fake_terminal_type(&terminal, "cat\n");
	cr_assert(fake_terminal_await(&terminal, "cat\r\n"));
	expect_cat_answers();
	fake_terminal_type(&terminal, "\x1a");
	cr_expect(fake_terminal_await(&terminal, "Stopped"));
	cr_assert(fake_terminal_await(&terminal, "$ "));
	fake_terminal_type(&terminal, "fg\n");
	cr_assert(fake_terminal_await(&terminal, "fg\r\n"));
	cr_expect(fake_terminal_await(&terminal, "cat\r\n"));
	expect_cat_answers();
	fake_terminal_type(&terminal, "\x04");
	cr_expect(fake_terminal_await(&terminal, "$ "));
	fake_terminal_resize(&terminal, 31, 77);
	fake_terminal_type(&terminal, "stty size\n");
	cr_expect(fake_terminal_await(&terminal, "31 77"));
	fake_terminal_type(&terminal, "exit 6\n");
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 6));
	cr_expect(fake_terminal_is_restored(&terminal));
}

Test(supervised, without_a_terminal_it_refuses)
{
	cr_expect(eq(int,
		WEXITSTATUS(
			system("\"$DUENNA\" run --ask line -- true </dev/null 2>err")),
		125));
	cr_expect(eq(int, system("grep -q terminal err"), 0));
}
