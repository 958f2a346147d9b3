/* SPDX-License-Identifier: MIT */
/* The full-screen front end, looked at as a person does. */
#include "base/xalloc.h"
#include "tests/tui/eye.h"
#include "tests/tui/fake_session.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 24, COLUMNS = 80, ARMING_MS = 300, NEVER_MS = 3600000 };

#define FULL_SCREEN_PICTURE                                                            \
	"\x1b[?1049h\x1b[2J\x1b[H\x1b[1;31mred\x1b[0m plain \x1b[7mreversed\x1b[0m"    \
	"\x1b[20;1H\x1b[38;5;208morange\x1b[48;5;17m on blue\x1b[0m"                   \
	"\x1b[22;70Hwide \xe6\xbc\xa2\xe5\xad\x97\x1b[23;1H\x1b[4mlast line\x1b[0m"

#define KEYS_COUNT "a allow once"

static struct fake_session fake;
static struct eye eye;

static void start_on(
	unsigned short rows, unsigned short columns, const char *term, unsigned arming)
{
	fake_start_app(&fake, (struct fake_screen){rows, columns, term, arming});
	eye_open(&eye, &fake.terminal, rows, columns);
}

static void start(void)
{
	start_on(ROWS, COLUMNS, "xterm-256color", 0);
}

static void finish(void)
{
	eye_close(&eye);
	fake_finish(&fake);
}

static void ask(int64_t id, const char *object)
{
	fake_question(&fake, id, text_of(object));
	cr_assert(eye_await(&eye, KEYS_COUNT));
}

static void type(const char *keys)
{
	fake_terminal_type(&fake.terminal, keys);
}

static void type_and_see(const char *keys, const char *words)
{
	type(keys);
	cr_assert(eye_await(&eye, words), "%s", words);
}

static bool is_answer(const char *verdict, const char *scope)
{
	return fake_await(&fake, "answer") &&
	       strcmp(fake_string(&fake, "verdict"), verdict) == 0 &&
	       strcmp(fake_string(&fake, "scope"), scope) == 0;
}

/* ---- The agent's screen ---- */

Test(app, the_agent_has_the_terminal_but_for_one_line)
{
	start();
	fake_output(&fake, "\x1b[23;1Hlast\x1b[1;76Hright");
	cr_expect(eye_await(&eye, "right"));
	cr_expect(eye_await(&eye, "last"));
	eye_expect_screen(&eye, "agent");
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, typing_goes_to_the_agent_as_it_is)
{
	start();
	type("ls\r\x03\x1b[A\x1bOP\x1b[15~\xc3\xa4\x1b[<0;3;4M");
	cr_expect(fake_await_input(
		&fake, "ls\r\x03\x1b[A\x1bOP\x1b[15~\xc3\xa4\x1b[<0;3;4M"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, keys_of_other_terminals_come_as_those_of_the_agents)
{
	start_on(ROWS, COLUMNS, "linux", 0);
	type("\x1b[[A\x1b[1~");
	cr_expect(fake_await_input(&fake, "\x1bOP\x1b[H"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, the_prefix_key_typed_twice_goes_to_the_agent)
{
	start();
	type("a\x1d\x1d"
	     "b");
	cr_expect(fake_await_input(&fake, "a\x1d"
					  "b"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, a_paste_is_bracketed_only_for_who_asked_for_it)
{
	start();
	type("\x1b[200~one\x1d two\x1b[201~");
	cr_expect(fake_await_input(&fake, "one\x1d two"));
	cr_expect(eq(ptr, strstr(fake.sent_input, "\x1b[20"), NULL));
	fake_output(&fake, "\x1b[?2004hbracketed");
	cr_assert(eye_await(&eye, "bracketed"));
	type("\x1b[200~three\x1b[201~");
	cr_expect(fake_await_input(&fake, "\x1b[200~three\x1b[201~"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, the_terminal_sends_keys_and_mouse_as_the_agent_wants_them)
{
	start();
	fake_output(&fake, "\x1b[?1h\x1b=\x1b[?1002h\x1b[?1006h");
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1h"));
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1002h"));
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1006h"));
	fake_question(&fake, 1, text_of("/etc/passwd"));
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1002l"),
		"a question has plain keys");
	cr_assert(eye_await(&eye, KEYS_COUNT));
	fake_question_end(&fake, 1, QUESTION_WITHDRAWN);
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1002h"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, nothing_that_the_agent_writes_reaches_the_terminal_as_it_is)
{
	static const char *const hostile[] = {"\x1b]52;c;", "\x1b]0;", "\x1b[6n",
		"\x1b[21t", "\x1bP", "\x1b[5i", "\x1b]8;;", "\x1b[?2026h", "\x1b[>1u"};
	start();
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		fake_output(&fake, hostile[i]);
		fake_output(&fake, "x\x1b\\");
	}
	fake_output(&fake, "\r\nafter");
	cr_assert(eye_await(&eye, "after"));
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		cr_expect(not(fake_terminal_has_shown(&fake.terminal, hostile[i])),
			"%zu", i);
	}
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, what_the_agent_asks_its_terminal_is_answered)
{
	start();
	fake_output(&fake, "\x1b[5;7H\x1b[6n");
	cr_expect(fake_await_input(&fake, "\x1b[5;7R"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, a_title_is_shown_as_text)
{
	start();
	fake_output(&fake, "\x1b]2;my title of \\ words\x1b\\");
	cr_expect(eye_await(&eye, "my title of \\\\ words"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, lines_that_scrolled_off_can_be_looked_at_and_searched)
{
	start();
	for (int i = 0; i < 100; i++) {
		char line[32];
		(void)snprintf(line, sizeof(line), "line number %d\r\n", i);
		fake_output(&fake, line);
	}
	cr_assert(eye_await(&eye, "line number 99"));
	type_and_see("\x1d[", "lines up");
	type_and_see("g", "line number 0");
	type_and_see("q", "line number 99");
	type_and_see("\x1d[", "lines up");
	type_and_see("/", "search:");
	type_and_see("number 33", "search: number 33");
	type_and_see("\r", "line number 33");
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, a_flood_of_lines_leaves_what_reading_all_of_it_leaves)
{
	start();
	char *flood = xmalloc(400000);
	size_t length = 0;
	for (int i = 0; i < 20000; i++) {
		length += (size_t)sprintf(flood + length, "flood %d\r\n", i);
	}
	fake_output(&fake, flood);
	cr_expect(fake_await_shown(&fake, "19999"));
	cr_assert(eye_await(&eye, "flood 19999"));
	cr_expect(eye_sees(&eye, "flood 19978"));
	type_and_see("\x1d[", "lines up");
	type_and_see("g", "5000 of 5000");
	free(flood);
	fake_expect_clean_end(&fake);
	finish();
}

/* ---- Questions ---- */

Test(app, a_question_comes_over_the_picture_and_goes_without_a_wrong_cell)
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

Test(app, output_while_a_question_is_open_is_there_after_it)
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

Test(app, what_is_stored_is_what_is_shown)
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

Test(app, a_denial_can_be_kept_for_a_while)
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

Test(app, a_rule_can_be_edited_by_hand)
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

Test(app, a_denial_can_have_a_message)
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

Test(app, the_other_keys_do_what_they_say)
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

Test(app, the_next_question_comes_by_tab_and_by_itself)
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

Test(app, a_question_that_was_answered_elsewhere_goes)
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

Test(app, keys_before_the_question_was_visible_answer_nothing)
{
	start_on(ROWS, COLUMNS, "xterm-256color", NEVER_MS);
	fake_question(&fake, 1, text_of("/etc/passwd"));
	cr_assert(eye_await(&eye, "keys count in a moment"));
	type("aadd");
	type("AaDd");
	expect_no_answer();
	finish();
}

Test(app, neither_enter_nor_a_paste_nor_many_keys_at_once_answer)
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

Test(app, a_key_that_is_held_down_answers_one_question_at_most)
{
	start_on(ROWS, COLUMNS, "xterm-256color", ARMING_MS);
	ask(1, "/first");
	fake_question(&fake, 2, text_of("/second"));
	cr_assert(eye_await(&eye, "of 2"));
	type("a");
	cr_expect(is_answer("allow", "once"));
	fake_reply(&fake, 0, NULL);
	cr_assert(eye_await(&eye, "/second"));
	type("a");
	cr_expect(eye_await(&eye, KEYS_COUNT));
	type("a");
	type_and_see("s", "this project");
	expect_no_answer();
	finish();
}

/* ---- Hostile text ---- */

Test(app, hostile_names_are_made_visible)
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

Test(app, a_name_of_many_spaces_hides_nothing)
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

/* ---- Terminals ---- */

Test(app, a_question_fits_on_a_small_screen)
{
	start_on(12, 40, "xterm-256color", 0);
	fake_question(&fake, 1, text_of("/home/u/secret/key"));
	cr_assert(eye_await(&eye, "a allow"));
	eye_expect_screen(&eye, "small");
	type_and_see("A", "stores    allow read /home/u/secret/");
	eye_expect_screen(&eye, "small_keep");
	type("a");
	cr_expect(is_answer("allow", "session"));
	fake_reply(&fake, 1, NULL);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, a_question_survives_a_resize)
{
	start();
	ask(1, "/home/u/secret/key");
	fake_terminal_resize(&fake.terminal, 12, 40);
	eye_resize(&eye, 12, 40);
	cr_expect(fake_await(&fake, "window"));
	cr_expect(eq(i64, fake_number(&fake, "rows"), 11));
	cr_expect(eye_await(&eye, "a allow  d deny"));
	type("d");
	cr_expect(is_answer("deny", "once"));
	fake_reply(&fake, 0, NULL);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, it_works_without_colours)
{
	start_on(ROWS, COLUMNS, "vt100", 0);
	ask(1, "/home/u/secret/key");
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[3")));
	cr_expect(eye_sees(&eye, "DANGER"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, it_works_on_the_console)
{
	start_on(ROWS, COLUMNS, "linux", 0);
	fake_output(&fake, "\x1b[38;5;208morange");
	cr_expect(eye_await(&eye, "orange"));
	ask(1, "/home/u/secret/key");
	type("a");
	cr_expect(is_answer("allow", "once"));
	fake_reply(&fake, 0, NULL);
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, a_question_is_announced_when_the_terminal_has_no_focus)
{
	start();
	type("\x1b[O!");
	cr_expect(fake_await_input(&fake, "!"));
	fake_question(&fake, 1, text_of("/etc/passwd"));
	cr_expect(fake_terminal_await(
		&fake.terminal, "\x1b]9;Duenna: 1 question from agent\x1b\\"));
	cr_expect(eq(ptr, strstr(fake.sent_input, "\x1b[O"), NULL));
	cr_assert(eye_await(&eye, KEYS_COUNT));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, detaching_says_so_and_leaves)
{
	start();
	type("\x1d"
	     "d");
	cr_expect(fake_await(&fake, "detach"));
	cr_expect(eq(int, fake_terminal_await_exit(&fake.terminal), FAKE_DETACHED));
	cr_expect(fake_terminal_is_restored(&fake.terminal));
	finish();
}

Test(app, a_terminal_that_goes_away_is_a_detach)
{
	start();
	fake_terminal_hang_up(&fake.terminal);
	cr_expect(fake_await(&fake, "detach"));
	finish();
}

/* ---- Views ---- */

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

Test(app, processes_are_shown_as_a_tree_in_which_held_ones_stand_out)
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

Test(app, events_are_followed_filtered_and_searched)
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

Test(app, many_questions_can_be_answered_at_once_after_a_listing)
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
	type_and_see("\x1dq", "Open questions (1 of 50)");
	type_and_see("x", "Open questions (2 of 50)");
	type_and_see("x", "Open questions (3 of 50)");
	type_and_see("D", "One answer to all of these");
	cr_expect(eye_sees(&eye, "deny read /file/01"));
	cr_expect(eye_sees(&eye, "deny read /file/02"));
	cr_expect(not(eye_sees(&eye, "/file/03")));
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

Test(app, the_help_is_made_from_the_table_of_keys)
{
	start();
	type_and_see("\x1d?", "After the prefix key");
	cr_expect(eye_await(&eye, "detach: the session goes on without this terminal"));
	eye_expect_screen(&eye, "help");
	type_and_see("/In every view\r", "In every view");
	fake_expect_clean_end(&fake);
	finish();
}
