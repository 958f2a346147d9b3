/* SPDX-License-Identifier: MIT */
/* The views of the full-screen front end. */
#include "tests/tui/app_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

static void send_processes(void)
{
	struct text bash[] = {text_of("bash")};
	struct text sed[] = {text_of("sed"), text_of("-n"), text_of("\x1b[2J")};
	struct protocol_process list[] = {
		{.pid = 412, .parent = 400, .argv = sed, .argc = 3},
		{.pid = 100, .program = text_of("/usr/bin/agent")},
		{.pid = 400, .parent = 100, .argv = bash, .argc = 1},
	};
	const struct protocol_processes processes = {list, 3};

	cr_assert(fake_await(&fake, "processes"));
	fake_send(&fake, protocol_processes_write(&processes));
}

Test(app_views, processes_are_shown_as_a_tree_in_which_held_ones_stand_out)
{
	start();
	ask(1, "/home/u/secret/key");
	type("\x1b");
	cr_assert(eye_await_gone(&eye, KEYS_COUNT));
	type("\x1dp");
	send_processes();
	cr_assert(eye_await(&eye, "\\x1b[2J"));
	eye_expect_screen(&eye, "processes");
	type_and_see("G", "3 of 3");
	type_and_see("K", "Kill process 412? y: yes");
	type("y");
	cr_expect(fake_await(&fake, "kill"));
	cr_expect(eq(i64, fake_number(&fake, "pid"), 412));
	fake_expect_clean_end(&fake);
	finish();
}

static void send_event(int64_t seq, enum verdict verdict, const char *object)
{
	const struct protocol_event event = {
		.seq = seq,
		.pid = 412,
		.program = text_of("/usr/bin/sed"),
		.verb = VERB_READ,
		.object = text_of(object),
		.syscall = text_of("openat"),
		.verdict = verdict,
		.by = text_of("default"),
	};

	fake_send(&fake, protocol_event_write(&event));
}

Test(app_views, events_are_followed_filtered_and_searched)
{
	start();
	type("\x1d"
	     "e");
	cr_assert(fake_await(&fake, "subscribe"));
	for (int64_t seq = 1; seq <= 60; seq++) {
		send_event(seq, seq % 10 == 0 ? VERDICT_DENY : VERDICT_ALLOW,
			seq % 2 == 0 ? "/even" : "/odd");
	}
	cr_expect(eye_await(&eye, "60 of 60"));
	type_and_see("&deny\r", "6 of 6");
	type_and_see("&\x15\r", "60 of 60");
	type_and_see("g", "1 of 60");
	type_and_see("/deny\r", "10 of 60");
	type_and_see("n", "20 of 60");
	send_event(61, VERDICT_ALLOW, "/later");
	cr_expect(eye_await(&eye, "20 of 61"));
	type_and_see("f", "61 of 61");
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_views, many_questions_can_be_answered_at_once_after_a_listing)
{
	start();
	for (int64_t id = 1; id <= 50; id++) {
		char object[32];
		(void)snprintf(object, sizeof(object), "/file/%02d", (int)id);
		fake_question(&fake, id, text_of(object));
	}
	cr_assert(eye_await(&eye, "Question 1 of 50"));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	type("\x1b");
	cr_assert(eye_await_gone(&eye, KEYS_COUNT));
	type_and_see("\x1dq", "Open questions and answers (1 of 50)");
	type_and_see("x", "Open questions and answers (2 of 50)");
	type_and_see("x", "Open questions and answers (3 of 50)");
	type_and_see("D", "One answer to all of these");
	cr_expect(eye_await(&eye, "deny read /file/01"));
	cr_expect(eye_await(&eye, "deny read /file/02"));
	cr_expect(eye_await_gone(&eye, "/file/03"));
	cr_expect(eye_await(&eye, "d denies them once"));
	type_and_see("a", "d denies all of these once");
	type("d");
	for (int64_t id = 1; id <= 2; id++) {
		cr_assert(is_answer("deny", "once"));
		cr_expect(eq(i64, fake_number(&fake, "question"), id));
		fake_question_end(&fake, id, QUESTION_ANSWERED);
		fake_reply(&fake, 0, NULL);
	}
	cr_expect(eye_await(&eye, "denied once: 2 questions"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_views, every_answer_to_many_is_told_of_not_only_the_last)
{
	enum { WIDE = 120 }; /* nothing is left out of what is told */

	start_on(STAGE_ROWS, WIDE, "xterm-256color", 0);
	for (int64_t id = 1; id <= 3; id++) {
		fake_question(&fake, id, text_of("/file"));
	}
	cr_assert(eye_await(&eye, "Question 1 of 3"));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	type("\x1b");
	cr_assert(eye_await_gone(&eye, KEYS_COUNT));
	type_and_see("\x1dq", "Open questions and answers (1 of 3)");
	type_and_see("X", "* ");
	type_and_see("A", "a allows them once");
	type("a");
	cr_assert(is_answer("allow", "once"));
	fake_reply(&fake, 0, "somebody else \x1b[31m was faster");
	for (int64_t id = 2; id <= 3; id++) {
		cr_assert(is_answer("allow", "once"));
		fake_question_end(&fake, id, QUESTION_ANSWERED);
		fake_reply(&fake, 0, NULL);
	}
	cr_expect(eye_await(&eye, "allowed once: 2 questions; 1 not: somebody"));
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[31m was")));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_views, the_help_is_made_from_the_table_of_keys)
{
	start();
	type_and_see("\x1d?", "After the prefix key");
	cr_expect(eye_await(&eye, "detach: the session goes on without this terminal"));
	eye_expect_screen(&eye, "help");
	type_and_see("/In every view\r", "In every view");
	fake_expect_clean_end(&fake);
	finish();
}
