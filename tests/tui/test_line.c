/* SPDX-License-Identifier: MIT */
/* The line prompt as a person sees it, against a session that the test plays. */
#include "tests/tui/fake_session.h"
#include "tui/line.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <sys/wait.h>

enum { NO_ARMING = 1, LONG_ARMING = 1500, TIMEOUT = 60 };

static void ask(struct fake_session *fake, int64_t id)
{
	fake_question(fake, id, text_of("/home/u/secret/key"));
	cr_assert(fake_terminal_await(&fake->terminal, "\n" FAKE_PROMPT),
		"a question is shown");
}

static void expect_answer(struct fake_session *fake, const char *verdict,
	const char *scope, const char *rule)
{
	cr_assert(fake_await(fake, "answer"), "an answer is sent");
	cr_expect(eq(str, (char *)fake_string(fake, "verdict"), (char *)verdict));
	cr_expect(eq(str, (char *)fake_string(fake, "scope"), (char *)scope));
	cr_expect(eq(str, (char *)fake_rule(fake), (char *)rule));
}

/* Types something that decides nothing, and waits for the next prompt. */
static void type_in_vain(struct fake_session *fake, const char *keys, const char *shown)
{
	fake_terminal_type(&fake->terminal, keys);
	cr_expect(fake_terminal_await(&fake->terminal, shown), "%s is answered by: %s",
		keys, shown);
	cr_expect(fake_terminal_await(&fake->terminal, "> "),
		"after %s there is a prompt", keys);
}

Test(line, relays_bytes_both_ways_unchanged, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	fake_terminal_type(&fake.terminal, "a\x03\x1a\x04\x1b[A\r");
	cr_expect(fake_await_input(&fake, "a\x03\x1a\x04\x1b[A\r"));
	fake_output(&fake, "\x1b[31mred\x1b[0m");
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[31mred\x1b[0m"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, shows_all_that_a_decision_needs, .timeout = TIMEOUT)
{
	static const char *const shown[] = {"question 1, allow this?",
		"read      /home/u/secret/key", "danger    this is a key",
		"program   /usr/bin/sed (412)", "arguments sed -n \"1 p\"",
		"called by bash (400) < agent (100)", "folder    /home/u/project",
		"tool call files/read_file", "agent.py:12 main", "12> run(tool)",
		"2 threads", "asked before: once", "decided: 4 times"};
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		cr_expect(fake_terminal_has_shown(&fake.terminal, shown[i]),
			"shown: %s", shown[i]);
	}
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_allows_once, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "a\n");
	expect_answer(&fake, "allow", "once", "");
	cr_expect(eq(i64, fake_number(&fake, "question"), 1));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal,
		"allowed once: read /home/u/secret/key, for 2 threads."));
	fake_terminal_type(&fake.terminal, "x");
	cr_expect(fake_await_input(&fake, "x"), "the terminal is the tree's again");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, d_denies_once, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal,
		"denied once: read /home/u/secret/key, for 2 threads."));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, m_denies_with_a_message, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "m\n", "tell the agent what?");
	fake_terminal_type(&fake.terminal, "use the public one\n");
	expect_answer(&fake, "deny", "once", "");
	cr_expect(eq(str, (char *)fake_string(&fake, "message"), "use the public one"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, what_is_stored_is_what_is_shown, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "A\n", "allow how far?");
	type_in_vain(&fake, "5\n", "which rule shall be stored?");
	cr_expect(fake_terminal_has_shown(&fake.terminal,
		"2  this folder; covers 3 other recorded events and 1,204"));
	cr_expect(
		fake_terminal_has_shown(&fake.terminal, "allow read /home/u/secret/*"));
	fake_terminal_type(&fake.terminal, "2\n");
	expect_answer(&fake, "allow", "always", "read /home/u/secret/*");
	fake_reply(&fake, 12, NULL);
	cr_expect(fake_terminal_await(&fake.terminal,
		"always: allow read /home/u/secret/*, stored as rule 12; undo:"));
	cr_expect(fake_terminal_await(&fake.terminal, "duenna rules undo."));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

struct scope_case {
	const char *typed;
	const char *scope;
};

Test(line, every_scope_has_a_number_and_a_name, .timeout = TIMEOUT)
{
	static const struct scope_case cases[] = {{"1\n", "process"},
		{"2\n", "program"}, {"3\n", "session"}, {"4\n", "project"},
		{"5\n", "always"}, {"project\n", "project"}};
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(&fake, (int64_t)i + 1);
		type_in_vain(&fake, "D\n", "deny how far?");
		type_in_vain(&fake, cases[i].typed, "which rule");
		fake_terminal_type(&fake.terminal, "1\n");
		expect_answer(&fake, "deny", cases[i].scope, "read /home/u/secret/key");
		fake_reply(&fake, 0, NULL);
		cr_expect(fake_terminal_await(
			&fake.terminal, ": deny read /home/u/secret/key"));
	}
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, an_answer_can_expire, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "A\n", "allow how far?");
	type_in_vain(&fake, "3 soon\n", "30m, 1h, 2d, 1w");
	type_in_vain(&fake, "3 2001-01-01\n", "has passed");
	type_in_vain(&fake, "3 2099-12-31\n", "until 2099-12-31");
	fake_terminal_type(&fake.terminal, "1\n");
	expect_answer(&fake, "allow", "session", "read /home/u/secret/key");
	cr_expect(eq(i64, fake_number(&fake, "until"), 4102444800));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_rule_can_be_typed_and_is_checked, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "e\n", "type the rule");
	type_in_vain(&fake, "allow raed /x\n", "column 7");
	type_in_vain(&fake, "allow read /home/u/*/key\n", "how far?");
	fake_terminal_type(&fake.terminal, "3\n");
	expect_answer(&fake, "allow", "session", "read /home/u/*/key");
	fake_reply(&fake, 0, "rule 4 beats it");
	cr_expect(fake_terminal_await(&fake.terminal, "not done: rule 4 beats it."));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT),
		"the question is still open");
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_typed_rule_keeps_the_chosen_verdict, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "D\n", "deny how far?");
	type_in_vain(&fake, "3\n", "which rule");
	type_in_vain(&fake, "e\n", "type the rule");
	type_in_vain(&fake, "allow read /x\n", "begins with deny");
	type_in_vain(&fake, "raed /x\n", "column 1");
	fake_terminal_type(&fake.terminal, "read /home/**\n");
	expect_answer(&fake, "deny", "session", "read /home/**");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, enter_alone_and_other_input_decide_nothing, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "\n", "Enter alone decides nothing");
	type_in_vain(&fake, "yes\n", "none of the letters");
	type_in_vain(&fake, "aa\n", "none of the letters");
	type_in_vain(&fake, " a\n", "none of the letters");
	type_in_vain(&fake, "\x1b[0na\n", "control characters");
	type_in_vain(&fake, "A\n", "how far?");
	type_in_vain(&fake, "\n", "Nothing is decided yet");
	type_in_vain(&fake, "A\n", "how far?");
	type_in_vain(&fake, "9\n", "one of the numbers");
	type_in_vain(&fake, "5\n", "which rule");
	type_in_vain(&fake, "0\n", "one of the numbers");
	type_in_vain(&fake, "99999999999999999999999\n", "one of the numbers");
	type_in_vain(&fake, "\n", "Nothing is decided yet");
	type_in_vain(&fake, "n\n", "no other question");
	type_in_vain(&fake, "?\n", "kill the process");
	type_in_vain(&fake, "v\n", "everything known");
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	cr_expect(
		eq(i64, fake_number(&fake, "request"), 1), "it was the first request");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, typing_before_the_prompt_does_not_count, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, LONG_ARMING);
	fake_question(&fake, 1, text_of("/home/u/secret/key"));
	cr_assert(fake_terminal_await(&fake.terminal, "A/D longer"));
	fake_terminal_type(&fake.terminal, "a\n");
	cr_assert(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	cr_expect(eq(i64, fake_number(&fake, "request"), 1));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, k_kills_the_process_that_asks, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "k\n");
	cr_assert(fake_await(&fake, "kill"));
	cr_expect(eq(i64, fake_number(&fake, "pid"), 412));
	fake_question_end(&fake, 1, QUESTION_WITHDRAWN);
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "process 412 was killed."));
	fake_terminal_type(&fake.terminal, "x");
	cr_expect(fake_await_input(&fake, "x"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, p_pauses_and_resumes_the_tree, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "p\n");
	cr_assert(fake_await(&fake, "pause"));
	fake_state(&fake, "paused");
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "every process is paused."));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	fake_terminal_type(&fake.terminal, "a\n");
	expect_answer(&fake, "allow", "once", "");
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "the tree is paused."));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	type_in_vain(&fake, "a\n", "none of the letters");
	fake_terminal_type(&fake.terminal, "p\n");
	cr_assert(fake_await(&fake, "resume"));
	fake_reply(&fake, 0, NULL);
	fake_state(&fake, "running");
	cr_expect(fake_terminal_await(&fake.terminal, "every process goes on."));
	fake_terminal_type(&fake.terminal, "x");
	cr_expect(fake_await_input(&fake, "x"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, u_undoes_the_last_answer, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "u\n");
	cr_assert(fake_await(&fake, "undo"));
	fake_reply(&fake, 0, "there is no answer to undo");
	cr_expect(fake_terminal_await(
		&fake.terminal, "not done: there is no answer to undo."));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	fake_terminal_type(&fake.terminal, "u\n");
	cr_assert(fake_await(&fake, "undo"));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "the last answer is undone."));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, n_goes_round_the_questions, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_question(&fake, 2, text_of("/other"));
	fake_output(&fake, "held"); /* in order behind the question */
	type_in_vain(&fake, "\n", "decides nothing");
	fake_terminal_type(&fake.terminal, "n\n");
	cr_expect(
		fake_terminal_await(&fake.terminal, "question 2, 2 of 2, allow this?"));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_WORD " (2 open)> "));
	fake_terminal_type(&fake.terminal, "a\n");
	expect_answer(&fake, "allow", "once", "");
	cr_expect(eq(i64, fake_number(&fake, "question"), 2));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "question 1, allow this?"));
	cr_expect(fake_terminal_await(&fake.terminal, FAKE_PROMPT));
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "held")));
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	cr_expect(eq(i64, fake_number(&fake, "question"), 1));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal, "held"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_withdrawn_question_takes_half_typed_answers_with_it, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "a");
	cr_assert(fake_terminal_await(&fake.terminal, "a"));
	fake_question_end(&fake, 1, QUESTION_WITHDRAWN);
	cr_expect(fake_terminal_await(&fake.terminal, "question 1 was withdrawn"));
	fake_question(&fake, 2, text_of("/other"));
	cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
	type_in_vain(&fake, "\n", "Enter alone");
	fake_question_end(&fake, 2, QUESTION_ANSWERED);
	cr_expect(fake_terminal_await(
		&fake.terminal, "question 2 was allowed elsewhere"));
	fake_output(&fake, "on");
	cr_expect(fake_terminal_await(&fake.terminal, "on"));
	fake_terminal_type(&fake.terminal, "x");
	cr_expect(fake_await_input(&fake, "x"));
	cr_expect(eq(str, fake.sent_input, "x"), "nothing that was typed went astray");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_changed_question_is_asked_anew, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_change(&fake, 1, text_of("/home/u/secret/key")); /* counts only */
	type_in_vain(&fake, "A\n", "how far?");
	fake_change(&fake, 1, text_of("/etc/shadow"));
	cr_expect(fake_terminal_await(&fake.terminal, "question 1 has changed"));
	cr_expect(fake_terminal_await(&fake.terminal, "/etc/shadow"));
	cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, o_keeps_the_rule_that_was_learned, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	type_in_vain(&fake, "o\n", "none of the letters");
	fake_offer(&fake, 1, text_of("/home/u/secret/key"), "read /home/u/[!.]*.key");
	cr_expect(fake_terminal_await(&fake.terminal, "the like was asked 5 times"));
	cr_expect(fake_terminal_await(&fake.terminal, "allow read /home/u/[!.]*.key"));
	cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
	type_in_vain(&fake, "o\n", "allow how far?");
	fake_terminal_type(&fake.terminal, "always\n");
	expect_answer(&fake, "allow", "always", "read /home/u/[!.]*.key");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_full_screen_program_is_left_and_given_back, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	fake_output(&fake,
		"\x1b[?1049h\x1b[?2004h\x1b[?1002;1006h\x1b[?25l\x1b[5;5H\x1b[3");
	cr_assert(fake_terminal_await(&fake.terminal, "\x1b[5;5H\x1b[3"));
	fake_question(&fake, 1, text_of("/x"));
	cr_expect(fake_terminal_await(&fake.terminal, "\x18\x1b\\"),
		"the unfinished sequence is ended");
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1049l"));
	cr_expect(fake_terminal_await(&fake.terminal, "\r\n" FAKE_WORD));
	cr_expect(fake_terminal_has_shown(&fake.terminal, "\x1b[?2004l"));
	cr_expect(fake_terminal_has_shown(&fake.terminal, "\x1b[?1006l"));
	cr_expect(fake_terminal_has_shown(&fake.terminal, "\x1b[?25h"));
	cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
	fake_output(&fake, "1mBOLD");
	fake_terminal_type(&fake.terminal, "a\n");
	cr_assert(fake_await(&fake, "answer"));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_terminal_await(&fake.terminal,
		"\x1b[?1049h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[?2004h\x1b[31mBOLD"));
	cr_assert(fake_await(&fake, "window"));
	cr_expect(eq(i64, fake_number(&fake, "rows"), 23), "a change of size redraws");
	cr_assert(fake_await(&fake, "window"));
	cr_expect(eq(i64, fake_number(&fake, "rows"), 24));
	fake_expect_clean_end(&fake);
	cr_expect(fake_terminal_await(&fake.terminal, "\x1b[?1049l"),
		"nothing is left on at the end");
	fake_finish(&fake);
}

Test(line, a_dumb_terminal_gets_no_escape_sequence, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	fake_output(&fake, "compiling... ");
	ask(&fake, 1);
	type_in_vain(&fake, "v\n", "everything known");
	fake_terminal_type(&fake.terminal, "a\n");
	expect_answer(&fake, "allow", "once", "");
	fake_reply(&fake, 0, NULL);
	fake_expect_clean_end(&fake);
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b")));
	cr_expect(fake_terminal_has_shown(
		&fake.terminal, "compiling... \r\n\r\n" FAKE_WORD));
	fake_finish(&fake);
}

Test(line, much_output_is_held_and_then_shown, .timeout = TIMEOUT)
{
	enum { CHUNKS = 3000, CHUNK = 4096 };
	struct fake_session fake;
	char chunk[CHUNK + 1];

	memset(chunk, 'x', CHUNK);
	chunk[CHUNK] = '\0';
	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	for (size_t i = 0; i < CHUNKS && !fake.stream.is_closed &&
			   protocol_stream_unsent(&fake.stream) < PROTOCOL_RAW_MAX;
		i++) {
		fake_output(&fake, chunk);
	}
	cr_expect(gt(sz, protocol_stream_unsent(&fake.stream), 0),
		"it stops reading rather than holding everything");
	fake_output(&fake, "the end");
	type_in_vain(&fake, "\n", "decides nothing");
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "xxxx")));
	fake_terminal_type(&fake.terminal, "a\n");
	cr_assert(fake_await(&fake, "answer"));
	fake_reply(&fake, 0, NULL);
	cr_expect(fake_await_shown(&fake, "the end"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, it_can_be_stopped_and_continued, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	cr_assert(eq(int, kill(fake.terminal.child, SIGTSTP), 0));
	int status;
	cr_assert(eq(int, waitpid(fake.terminal.child, &status, WUNTRACED),
		fake.terminal.child));
	cr_expect(eq(int, WIFSTOPPED(status) ? WSTOPSIG(status) : 0, SIGSTOP));
	cr_expect(fake_terminal_is_restored(&fake.terminal));
	cr_assert(eq(int, kill(fake.terminal.child, SIGCONT), 0));
	cr_assert(fake_await(&fake, "window"), "it goes on");
	fake_terminal_type(&fake.terminal, "d\n");
	expect_answer(&fake, "deny", "once", "");
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

struct hostile_case {
	const char *object;
	size_t length;
	const char *shown;
};

Test(line, hostile_text_is_shown_safely, .timeout = TIMEOUT)
{
	static const struct hostile_case cases[] = {
		{"/a\x1b[2J\x1b]0;t\x07z", 13, "\\x1b[2J\\x1b]0;t\\x07z"},
		{"/a\n" FAKE_WORD ": x", 19, "/a\\n" FAKE_WORD},
		{"/a\xe2\x80\xae txt", 9, "\\u{202e} txt"},
		{"/a\xff\xfe z", 6, "\\xff\\xfe z"},
		{"/a\rb\x9b"
		 "31m",
			8, "/a\\rb\\x9b31m"},
	};
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_question(&fake, (int64_t)i + 1,
			(struct text){cases[i].object, cases[i].length});
		cr_expect(fake_terminal_await(&fake.terminal, cases[i].shown),
			"case %zu: %s", i, cases[i].shown);
		cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
		fake_terminal_type(&fake.terminal, "d\n");
		cr_assert(fake_await(&fake, "answer"));
		fake_reply(&fake, 0, NULL);
	}
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[2J")));
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\xe2\x80\xae")));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, long_text_is_shortened_and_lines_fit, .timeout = TIMEOUT)
{
	enum { SPACES = 4096 };
	struct fake_session fake;
	char object[SPACES + 8];

	memset(object, ' ', sizeof(object));
	memcpy(object, "/a", 2);
	memcpy(object + SPACES, "/secret", 7);
	fake_start(&fake, NO_ARMING);
	fake_question(&fake, 1, (struct text){object, SPACES + 7});
	cr_expect(fake_terminal_await(&fake.terminal, "more)..."));
	cr_expect(fake_terminal_await(&fake.terminal, "/secret\""),
		"the end is shown as well");
	cr_expect(fake_terminal_await(&fake.terminal, "\n" FAKE_PROMPT));
	const char *line = fake.terminal.shown;
	for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		cr_expect(
			le(long, end - line, 81), "no line is longer than 80 columns");
	}
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, control_c_reaches_the_program, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_type(&fake.terminal, "half\x03");
	cr_expect(fake_await_input(&fake, "\x03"));
	cr_expect(fake_terminal_await(&fake.terminal, "Ctrl-C was passed on"));
	fake_question_end(&fake, 1, QUESTION_WITHDRAWN);
	cr_expect(fake_terminal_await(&fake.terminal, "question 1 was withdrawn"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, a_change_of_size_is_passed_on, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	fake_terminal_resize(&fake.terminal, 50, 132);
	cr_assert(fake_await(&fake, "window"));
	cr_expect(eq(i64, fake_number(&fake, "rows"), 50));
	cr_expect(eq(i64, fake_number(&fake, "columns"), 132));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, notices_are_shown_between_lines, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	fake_output(&fake, "half a line");
	cr_assert(fake_terminal_await(&fake.terminal, "half a line"));
	fake_notice(&fake, "rules were \x1b[31mloaded");
	cr_expect(fake_terminal_await(
		&fake.terminal, "\r\n" FAKE_WORD ": rules were \\x1b[31mloaded\r\n"));
	fake_expect_clean_end(&fake);
	fake_finish(&fake);
}

Test(line, the_end_of_the_session_ends_a_question, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_output(&fake, "last words");
	fake_expect_clean_end(&fake);
	cr_expect(fake_terminal_await(&fake.terminal, "last words"));
	fake_finish(&fake);
}

Test(line, a_session_that_dies_is_a_failure, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	protocol_stream_finish(&fake.stream);
	fake.stream.fd = -1;
	cr_expect(fake_terminal_await(
		&fake.terminal, "failed: the session ended without a word"));
	cr_expect(eq(int, fake_terminal_await_exit(&fake.terminal), 99));
	cr_expect(fake_terminal_is_restored(&fake.terminal));
	fake_finish(&fake);
}

Test(line, a_signal_restores_the_terminal, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	cr_assert(eq(int, kill(fake.terminal.child, SIGTERM), 0));
	cr_expect(eq(int, fake_terminal_await_exit(&fake.terminal), 128 + SIGTERM));
	cr_expect(fake_terminal_is_restored(&fake.terminal));
	fake_finish(&fake);
}

Test(line, a_terminal_that_goes_away_leaves_the_session, .timeout = TIMEOUT)
{
	struct fake_session fake;

	fake_start(&fake, NO_ARMING);
	ask(&fake, 1);
	fake_terminal_hang_up(&fake.terminal);
	cr_expect(not(fake_await(&fake, "answer")), "it leaves without an answer");
	cr_expect(fake.stream.is_closed);
	cr_expect(eq(int, fake_terminal_await_exit(&fake.terminal), 128 + SIGHUP));
	fake_finish(&fake);
}

Test(line, without_a_terminal_it_refuses)
{
	const struct line_options options = {
		.input = -1, .output = -1, .client = "line"};
	struct error err = {0};
	int status = 0;

	cr_expect(not(line_front_end_run(-1, &options, &status, &err)));
	cr_expect(eq(int, err.code, ERROR_REFUSED));
	cr_expect(strstr(err.text, "terminal") != NULL);
}
