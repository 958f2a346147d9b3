/* SPDX-License-Identifier: MIT */
/* Questions on the full screen: what is shown, what answers, and what does not. */
#include "tests/tui/app_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <stdlib.h>

enum { ARMING_MS = 300, NEVER_MS = 3600000 };

#define FULL_SCREEN_PICTURE                                                            \
	"\x1b[?1049h\x1b[2J\x1b[H\x1b[1;31mred\x1b[0m plain \x1b[7mreversed\x1b[0m"    \
	"\x1b[20;1H\x1b[38;5;208morange\x1b[48;5;17m on blue\x1b[0m"                   \
	"\x1b[22;70Hwide \xe6\xbc\xa2\xe5\xad\x97\x1b[23;1H\x1b[4mlast line\x1b[0m"

/* ---- Questions ---- */

Test(app_questions, a_question_comes_over_the_picture_and_goes_without_a_wrong_cell)
{
	start();
	fake_output(&fake, FULL_SCREEN_PICTURE);
	cr_assert(eye_await(&eye, "last line"));
	VTermScreenCell *before = eye_cells(&eye);
	ask(1, "/home/u/secret/key");
	eye_expect_screen(&eye, "question");
	type("d");
	cr_expect(is_answer("deny", "once"));
	fake_reply(&fake, 0, NULL);
	cr_assert(eye_await(&eye, "denied once"));
	cr_expect(eye_await_gone(&eye, KEYS_COUNT));
	cr_expect(eq(sz, eye_wrong_cells(&eye, before), 0));
	free(before);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, output_while_a_question_is_open_is_there_after_it)
{
	start();
	ask(1, "/etc/passwd");
	fake_output(&fake, "\x1b[20;1Hunder the box\x1b[2;1Habove it");
	cr_expect(eye_await(&eye, "above it"));
	cr_expect(not(eye_sees(&eye, "under the box")));
	type("a");
	cr_expect(is_answer("allow", "once"));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "under the box"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, what_was_learned_is_stored_after_it_was_shown)
{
	start();
	ask(1, "/home/u/secret/key");
	type_and_see("o", "Nothing is learned yet");
	fake_offer(&fake, 1, text_of("/home/u/secret/key"), "read /home/u/[!.]*.key");
	cr_assert(eye_await(
		&eye, "asked 5 times; o keeps: allow read /home/u/[!.]*.key"));
	type_and_see("]", "read /home/u/secret/*"); /* the same key twice is a repeat */
	type_and_see("o", "stores    allow read /home/u/[!.]*.key");
	cr_expect(eye_await(&eye, "learned from answers"));
	type_and_see("d", "This rule allows");
	type("a");
	cr_assert(is_answer("allow", "project"));
	cr_expect(eq(str, (char *)fake_rule(&fake), "read /home/u/[!.]*.key"));
	fake_reply(&fake, 7, NULL);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_program_is_shown_by_its_path_whatever_it_is_called_as)
{
	struct text argv[] = {text_of("/usr/bin/git"), text_of("status")};
	struct text exact[] = {text_of("exec /home/u/evil status")};
	struct protocol_rung rung = {.rules = exact, .rule_count = 1};
	struct protocol_program caller = {.program = text_of("/usr/bin/agent")};
	struct protocol_action action = {.verb = VERB_EXEC,
		.object = text_of("/home/u/evil"),
		.argv = argv,
		.argc = 2};
	const struct protocol_question question = {.id = 1,
		.actions = &action,
		.action_count = 1,
		.chain = &caller,
		.chain_count = 1,
		.rungs = &rung,
		.rung_count = 1};

	start();
	fake_send(&fake, protocol_question_write(&question, "question_opened"));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	cr_expect(eye_sees(&eye, "exec      /home/u/evil status"));
	cr_expect(eye_sees(&eye, "as        /usr/bin/git"));
	type("d");
	cr_expect(is_answer("deny", "once"));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "denied once: exec /home/u/evil status"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, what_is_stored_is_what_is_shown)
{
	start();
	ask(1, "/home/u/secret/key");
	type_and_see("]", "read /home/u/secret/*");
	type_and_see("]", "read /home/u/secret/**");
	type_and_see("]", "covers more");
	type_and_see("s", "this project");
	type_and_see("A", "stores    allow read /home/u/secret/**");
	type_and_see("[", "this folder (2 of 3)");
	eye_expect_screen(&eye, "keep");
	type_and_see("d", "This rule allows");
	type("\r");
	cr_assert(eye_await_gone(&eye, "This rule allows"));
	type("a");
	cr_assert(is_answer("allow", "project"));
	cr_expect(eq(str, (char *)fake_rule(&fake), "read /home/u/secret/*"));
	fake_reply(&fake, 7, NULL);
	cr_expect(eye_await(&eye, "stored as rule 7"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_denial_can_be_kept_for_a_while)
{
	start();
	ask(1, "/home/u/secret/key");
	type_and_see("x", "for 10 min");
	type_and_see("D", "stores    deny read /home/u/secret/key until");
	type("d");
	cr_assert(is_answer("deny", "session"));
	cr_expect(gt(i64, fake_number(&fake, "until"), 0));
	fake_reply(&fake, 8, NULL);
	cr_expect(eye_await(&eye, "stored as rule 8"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_rule_can_be_edited_by_hand)
{
	start();
	ask(1, "/home/u/secret/key");
	type_and_see("e", "rule    allow read /home/u/secret/key");
	type_and_see("\x15read", "rule    read");
	type_and_see("\r", "column");
	type_and_see("\x15"
		     "deny read /home/u/secret/k*",
		"deny read /home/u/secret/k*");
	type_and_see("\r", "stores    deny read /home/u/secret/k*");
	type("d");
	cr_assert(is_answer("deny", "session"));
	cr_expect(eq(str, (char *)fake_rule(&fake), "read /home/u/secret/k*"));
	fake_reply(&fake, 9, NULL);
	cr_expect(eye_await(&eye, "stored as rule 9"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_denial_can_have_a_message)
{
	start();
	ask(1, "/home/u/secret/key");
	type_and_see("m", "Enter denies once");
	type_and_see("use the copy", "message use the copy");
	type("\r");
	cr_assert(is_answer("deny", "once"));
	cr_expect(eq(str, (char *)fake_string(&fake, "message"), "use the copy"));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "with your message"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, the_other_keys_do_what_they_say)
{
	start();
	ask(1, "/home/u/secret/key");
	type("k");
	cr_expect(fake_await(&fake, "kill"));
	cr_expect(eq(i64, fake_number(&fake, "pid"), 412));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "process 412 was killed"));
	type("p");
	cr_expect(fake_await(&fake, "pause"));
	fake_reply(&fake, 0, NULL);
	fake_state(&fake, "paused");
	cr_expect(eye_await(&eye, "The tree is paused"));
	type("u");
	cr_expect(fake_await(&fake, "undo"));
	fake_reply(&fake, 0, "there is nothing to undo");
	cr_expect(eye_await(&eye, "Not done: there is nothing to undo"));
	type_and_see("v", "The question (");
	cr_assert(eye_await_gone(&eye, KEYS_COUNT));
	type_and_see("q", KEYS_COUNT);
	type_and_see("?", "At a question");
	cr_assert(eye_await(&eye, "q close"));
	type_and_see("q", KEYS_COUNT);
	type("\x1b");
	cr_expect(eye_await_gone(&eye, KEYS_COUNT));
	cr_expect(eye_await(&eye, "1 question waits: Ctrl-] q"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, the_next_question_comes_by_tab_and_by_itself)
{
	start();
	ask(1, "/first");
	fake_question(&fake, 2, text_of("/second"));
	cr_expect(eye_await(&eye, "Question 1 of 2"));
	type_and_see("\t", "/second");
	cr_expect(eye_await(&eye, KEYS_COUNT));
	type("a");
	cr_expect(is_answer("allow", "once"));
	cr_expect(eq(i64, fake_number(&fake, "question"), 2));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "/first"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_question_that_was_answered_elsewhere_goes)
{
	start();
	ask(1, "/first");
	fake_question_end(&fake, 1, QUESTION_ANSWERED);
	cr_expect(eye_await(&eye, "allowed elsewhere"));
	cr_expect(eye_await_gone(&eye, KEYS_COUNT));
	fake_expect_clean_end(&fake);
	finish();
}

/* ---- Keys that do not count ---- */

/* Every answer that was sent up to now would come before the detach. */
static void expect_no_answer(void)
{
	struct protocol_message message = {0};
	struct error err = {0};
	bool has_detached = false;

	/* Keys that came too early are thrown away with what is typed right behind. */
	while (eye_sees(&eye, "Allow this?")) {
		type("\x1b");
		fake_terminal_read(&fake.terminal);
	}
	type("\x1d"
	     "d");
	while (!has_detached) {
		struct pollfd ready = {.fd = fake.stream.fd, .events = POLLIN};
		cr_assert(eq(int, poll(&ready, 1, FAKE_TERMINAL_WAIT_MS), 1));
		protocol_stream_receive(&fake.stream);
		while (protocol_stream_next(&fake.stream, &message, &err) ==
			PROTOCOL_MESSAGE) {
			cr_expect(ne(str, (char *)message.type, "answer"));
			has_detached = strcmp(message.type, "detach") == 0;
			protocol_message_finish(&message);
		}
	}
	cr_expect(eq(int, fake_terminal_await_exit(&fake.terminal), FAKE_DETACHED));
}

Test(app_questions, keys_before_the_question_was_visible_answer_nothing)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "xterm-256color", NEVER_MS);
	fake_question(&fake, 1, text_of("/etc/passwd"));
	cr_assert(eye_await(&eye, "keys count in a moment"));
	type("aadd");
	type("AaDd");
	expect_no_answer();
	finish();
}

Test(app_questions, neither_enter_nor_a_paste_nor_many_keys_at_once_answer)
{
	start();
	ask(1, "/etc/passwd");
	type("\r");
	type("\x1b[200~a\x1b[201~");
	type("aaa");
	type("\n \r");
	expect_no_answer();
	finish();
}

Test(app_questions, a_key_that_is_held_down_answers_one_question_at_most)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "xterm-256color", ARMING_MS);
	fake_question(&fake, 1, text_of("/first"));
	fake_question(&fake, 2, text_of("/second"));
	cr_assert(eye_await(&eye, "of 2"));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	type("a");
	cr_assert(is_answer("allow", "once"));
	/* It goes on while the answer is on its way and the next question comes. */
	type("a");
	type("a");
	fake_reply(&fake, 0, NULL);
	cr_assert(eye_await(&eye, "/second"));
	/* The last row of the same picture: what stands above it is of this question. */
	cr_assert(eye_await(&eye, "allowed once: "));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	type_and_see("s", "this project");
	expect_no_answer();
	finish();
}

/* ---- Hostile text ---- */

Test(app_questions, hostile_names_are_made_visible)
{
	static const char name[] = "/tmp/\x1b[2J\x1b]0;x\a\xe2\x80\xae"
				   "gpj\n\xff\xe2\x80\x8b  end";
	start();
	fake_question(&fake, 1, (struct text){name, sizeof(name) - 1});
	cr_assert(eye_await(&eye, KEYS_COUNT));
	cr_expect(
		eye_sees(&eye, "\\x1b[2J\\x1b]0;x\\x07\\u{202e}gpj\\n\\xff\\u{200b}"));
	eye_expect_screen(&eye, "hostile");
	type("d");
	cr_expect(is_answer("deny", "once"));
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "denied once: read"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, a_name_of_many_spaces_hides_nothing)
{
	char name[4097];

	memset(name, ' ', sizeof(name) - 1);
	memcpy(name, "/a", 2);
	memcpy(name + sizeof(name) - 5, "/end", 5);
	start();
	fake_question(&fake, 1, text_of(name));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	cr_expect(eye_sees(&eye, "more)..."));
	cr_expect(eye_sees(&eye, "/end\""));
	cr_expect(eye_sees(&eye, "DANGER"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, what_has_no_room_is_viewed_before_it_is_allowed)
{
	start_on(7, 60, "xterm-256color", 0);
	fake_question(&fake, 1,
		text_of("/home/u/a/long/name/of/many/parts/that/takes/some/lines/on/a"
			"/small/screen/before/anything/else/is/said/id_rsa"));
	cr_assert(eye_await(&eye, "a allow"));
	cr_expect(eye_sees(&eye, "Allow this? v shows "));
	cr_expect(eye_sees(&eye, "more"));
	type_and_see("a", "Not all of it");
	type_and_see("v", "danger    this is a key");
	cr_assert(eye_await_gone(&eye, "a allow"));
	type_and_see("q", "a allow");
	type("a");
	cr_expect(is_answer("allow", "once"));
	fake_reply(&fake, 0, NULL);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_questions, what_has_no_room_can_be_denied_at_once)
{
	start_on(7, 60, "xterm-256color", 0);
	fake_question(&fake, 1,
		text_of("/home/u/a/long/name/of/many/parts/that/takes/some/lines/on/a"
			"/small/screen/before/anything/else/is/said/id_rsa"));
	cr_assert(eye_await(&eye, "a allow"));
	type("d");
	cr_expect(is_answer("deny", "once"));
	fake_reply(&fake, 0, NULL);
	fake_expect_clean_end(&fake);
	finish();
}
