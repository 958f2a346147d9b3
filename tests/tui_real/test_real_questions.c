/* SPDX-License-Identifier: MIT */
/* Questions of real processes on the real binary's screen: who answers, and what not. */
#include "base/xalloc.h"
#include "tests/support/own_home.h"
#include "tests/tui_real/real_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(real_questions, .init = real_set_up, .fini = real_tear_down,
	.timeout = REAL_TIMEOUT);

#define TYPED "\x1d"
#define ALL_ALLOWED "allowed once: 50 questions"

/* Reads the secret as soon as the gate is open, and ends with what came of it. */
#define READS_ONCE                                                                     \
	"echo ready; read x <gate; cat secret >got 2>err; echo $? >status; read y"

static void run(struct real_screen *screen, const char *script)
{
	real_run(screen, REAL_ROWS, REAL_COLUMNS, script);
}

static void await_question(struct real_screen *screen)
{
	real_open_gate();
	cr_assert(real_await(screen, "/secret"));
	cr_assert(real_await(screen, REAL_KEYS_COUNT));
}

/* Back to the agent, with the questions left open. */
static void put_off(struct real_screen *screen)
{
	real_type(screen, "\x1b");
	cr_assert(real_await_gone(screen, REAL_KEYS_COUNT));
	cr_assert(real_await(screen, "Ctrl-] q"));
}

static void show_and_leave_details(struct real_screen *screen)
{
	real_type(screen, "v");
	cr_assert(real_await(screen, "The question ("));
	real_type(screen, "q");
	cr_assert(real_await_gone(screen, "The question ("));
	cr_assert(real_await(screen, REAL_KEYS_COUNT));
}

/* Types keys one after the other, each as soon as the one before has shown its words. */
static void answer_by(const char *const *steps, const char *file, const char *words)
{
	struct real_screen screen;

	run(&screen, READS_ONCE);
	await_question(&screen);
	for (size_t i = 0; steps[i] != NULL; i += 2) {
		real_type(&screen, steps[i]);
		cr_assert(steps[i + 1] == NULL || real_await(&screen, steps[i + 1]),
			"%s", steps[i]);
		if (steps[i + 1] == NULL) {
			break;
		}
	}
	cr_expect(real_await_file(file, words), "%s", eye_text(&screen.eye));
	real_close(&screen);
}

#define STEPS(...) ((const char *const[]){__VA_ARGS__, NULL, NULL})

Test(real_questions, a_allows_once)
{
	answer_by(STEPS("a"), "got", "the-content");
}

Test(real_questions, d_denies_once)
{
	answer_by(STEPS("d"), "err", "Permission denied");
}

Test(real_questions, m_denies_with_a_message_that_the_agent_sees)
{
	struct real_screen screen;

	enum { WIDE = 200 }; /* the line about the denial is not wrapped */

	real_run(&screen, REAL_ROWS, WIDE,
		"echo ready; read x <gate; cat secret; read y");
	await_question(&screen);
	real_type(&screen, "m");
	cr_assert(real_await(&screen, "Enter denies once"));
	real_type(&screen, "use the copy");
	cr_assert(real_await(&screen, "message use the copy"));
	real_type(&screen, "\r");
	cr_assert(real_await_gone(&screen, "Enter denies once"));
	cr_expect(real_await(&screen, "use the copy"));
	cr_expect(real_await(&screen, "Permission denied"));
	real_close(&screen);
}

Test(real_questions, the_ladder_is_climbed_and_the_rule_shown_is_stored)
{
	struct real_screen screen;

	/* No rule of the file that asks may beat the one that is stored here. */
	own_home_write(
		"rules", "allow any *\nask read /tmp/**\nallow read /tmp/**/gate\n");
	run(&screen, "echo ready; read x <gate; cat secret >got; cp secret secret2; "
		     "cat secret2 >got2; read y");
	await_question(&screen);
	real_type(&screen, "]");
	cr_assert(real_await(&screen, "/*"));
	real_type(&screen, "]");
	cr_assert(real_await(&screen, "/**"));
	real_type(&screen, "[");
	cr_assert(real_await(&screen, "(2 of 3)"));
	real_type(&screen, "s");
	cr_assert(real_await(&screen, "this project"));
	real_type(&screen, "A");
	cr_assert(real_await(&screen, "store and allow by this rule"));
	real_type(&screen, "a");
	cr_expect(real_await(&screen, "stored as rule"));
	cr_expect(real_await_file("got2", "the-content"), "it covers the other file");
	real_type(&screen, TYPED "r");
	cr_expect(real_await(&screen, "Kept answers"));
	cr_expect(real_await(&screen, "1 of 1"));
	real_close(&screen);
}

Test(real_questions, a_denial_for_longer_is_not_asked_again_and_can_be_undone)
{
	struct real_screen screen;

	run(&screen, "echo ready; read x <gate; cat secret 2>err; echo $? >one; cat "
		     "secret 2>err; echo $? >two; read x <gate; cat secret >got");
	await_question(&screen);
	real_type(&screen, "D");
	cr_assert(real_await(&screen, "store and deny by this rule"));
	real_type(&screen, "d");
	cr_expect(real_await_file("two", "1"));
	real_type(&screen, TYPED "u");
	cr_expect(real_await(&screen, "is undone"));
	await_question(&screen);
	real_type(&screen, "a");
	cr_expect(real_await_file("got", "the-content"));
	real_close(&screen);
}

Test(real_questions, a_rule_edited_by_hand_is_what_is_stored)
{
	answer_by(STEPS("e", "Enter shows it",
			  "\x15"
			  "allow read ~/work/secret",
			  "rule    allow read ~/work/secret", "\r", "store and allow",
			  "a"),
		"got", "the-content");
}

Test(real_questions, an_answer_can_end)
{
	answer_by(STEPS("x", "for 10 min", "A", "store and allow", "a"), "got",
		"the-content");
}

Test(real_questions, k_kills_who_asks)
{
	answer_by(STEPS("k"), "status", "137");
}

Test(real_questions, p_pauses_everything_until_p)
{
	struct real_screen screen;

	run(&screen, "(while :; do date +%N >clock; sleep 0.05; done) & " READS_ONCE);
	await_question(&screen);
	real_type(&screen, "p");
	cr_assert(real_await(&screen, "The tree is paused"));
	(void)remove("clock");
	for (int i = 0; i < 10; i++) { /* a while */
		show_and_leave_details(&screen);
	}
	cr_expect(not(real_has_file("clock")), "nothing goes on");
	real_type(&screen, "p");
	cr_expect(real_await_gone(&screen, "The tree is paused"));
	cr_expect(real_await_file("clock", "\n"));
	real_close(&screen);
}

Test(real_questions, details_and_help_are_shown_over_a_question)
{
	struct real_screen screen;

	run(&screen, READS_ONCE);
	await_question(&screen);
	real_type(&screen, "v");
	cr_expect(real_await(&screen, "The question ("));
	cr_expect(real_await(&screen, "cat secret"));
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "q");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "?");
	cr_expect(real_await(&screen, "At a question"));
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "q");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	put_off(&screen);
	cr_expect(not(real_has_file("status")));
	real_close(&screen);
}

/* ---- Many ---- */

Test(real_questions, fifty_are_answered_at_once_after_a_listing)
{
	struct real_screen screen;

	run(&screen,
		"for i in $(seq 50); do echo $i >secret$i; done; read x <gate; for i "
		"in "
		"$(seq 50); do (cat secret$i >got$i 2>/dev/null; echo $? >done$i) & "
		"done; wait; cat got* | sort -n | tail -n 1 >all; read y");
	real_open_gate();
	cr_assert(real_await(&screen, "of 50"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	put_off(&screen);
	real_type(&screen, TYPED "q");
	cr_assert(real_await(&screen, "1 of 50"));
	real_type(&screen, "X");
	cr_assert(real_await(&screen, "* "));
	real_type(&screen, "A");
	cr_assert(real_await(&screen, "One answer to all of these"));
	cr_assert(real_await(&screen, "1 of 50"));
	/* It counts only once this has been shown for a while, and not as a repetition. */
	for (int at = 2; at <= 50 && !real_sees_soon(&screen, ALL_ALLOWED); at++) {
		char place[16];
		(void)snprintf(place, sizeof(place), "%d of 50", at);
		real_type(&screen, "j");
		cr_assert(real_await_either(&screen, place, ALL_ALLOWED));
		real_type(&screen, "a");
	}
	cr_expect(real_await(&screen, ALL_ALLOWED));
	cr_expect(real_await_file("all", "50"));
	real_close(&screen);
}

Test(real_questions, others_are_answered_in_any_order)
{
	struct real_screen screen;

	run(&screen,
		"for i in 1 2 3; do echo $i >secret$i; done; read x <gate; for i in 1 "
		"2 3; do (cat secret$i >got$i 2>/dev/null; echo $? >done$i) & done; "
		"wait; read y");
	real_open_gate();
	cr_assert(real_await(&screen, "of 3"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "\t");
	cr_assert(real_await(&screen, "Question 2 of 3"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "\t");
	cr_assert(real_await(&screen, "Question 3 of 3"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "a");
	cr_expect(real_await(&screen, "of 2"));
	cr_expect(real_has_file("done1") + real_has_file("done2") +
			  real_has_file("done3") <=
		  1);
	real_close(&screen);
}

/* ---- Several terminals ---- */

Test(real_questions, the_first_answer_wins_and_the_other_terminal_sees_it)
{
	struct real_screen screen;
	struct real_screen second;

	run(&screen, READS_ONCE);
	cr_assert(real_await(&screen, "ready"));
	real_attach(&second, REAL_ROWS, REAL_COLUMNS);
	cr_assert(real_await(&second, "ready"));
	await_question(&screen);
	cr_assert(real_await(&second, REAL_KEYS_COUNT));
	real_type(&second, "a");
	cr_expect(real_await(&screen, "allowed elsewhere"));
	cr_expect(real_await_gone(&screen, REAL_KEYS_COUNT));
	cr_expect(real_await_file("got", "the-content"));
	real_close(&second);
	real_close(&screen);
}

Test(real_questions, a_front_end_that_is_killed_leaves_its_question_open)
{
	struct real_screen screen;
	struct real_screen second;

	run(&screen, READS_ONCE);
	await_question(&screen);
	cr_assert(eq(int, kill(screen.terminal.child, SIGKILL), 0));
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 128 + SIGKILL));
	real_close(&screen);
	real_attach(&second, REAL_ROWS, REAL_COLUMNS);
	cr_assert(real_await(&second, REAL_KEYS_COUNT));
	cr_expect(not(real_has_file("status")));
	real_type(&second, "a");
	cr_expect(real_await_file("got", "the-content"));
	real_close(&second);
}

Test(real_questions, a_front_end_that_hangs_holds_nobody_up)
{
	struct real_screen screen;
	struct real_screen second;

	run(&screen, "echo ready; read x <gate; seq 100000; cat secret >got; read y");
	cr_assert(real_await(&screen, "ready"));
	cr_assert(eq(int, kill(screen.terminal.child, SIGSTOP), 0));
	real_attach(&second, REAL_ROWS, REAL_COLUMNS);
	await_question(&second);
	real_type(&second, "a");
	cr_expect(real_await_file("got", "the-content"));
	cr_assert(eq(int, kill(screen.terminal.child, SIGCONT), 0));
	cr_expect(real_await(&screen, "100000"));
	real_close(&second);
	real_close(&screen);
}

/* ---- What does not count ---- */

Test(real_questions, keys_typed_before_the_question_was_visible_answer_nothing)
{
	struct real_screen screen;

	run(&screen,
		"stty -echo; echo ready; read x <gate; cat secret >got 2>err; echo $? "
		">status; read y");
	cr_assert(real_await(&screen, "ready"));
	real_open_gate();
	do {
		real_type(&screen, "ad");
	} while (!real_sees_soon(&screen, "Allow this?"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	show_and_leave_details(&screen);
	cr_expect(not(real_has_file("status")));
	cr_expect(eye_sees(&screen.eye, "Allow this?"));
	real_close(&screen);
}

/* ---- Hostile text ---- */

/* Nothing of these may get to the terminal as it is. */
static void expect_harmless(const struct real_screen *screen)
{
	static const char *const harmful[] = {"\x1b]2;owned", "\x1b]52;", "\x1b[6n",
		"\xe2\x80\xae", "\xe2\x80\x8b", "\xff"};

	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++) {
		cr_expect(not(fake_terminal_has_shown(&screen->terminal, harmful[i])),
			"%zu", i);
	}
}

Test(real_questions, hostile_names_are_visible_wherever_text_is_shown)
{
	static const struct {
		const char *keys, *words;
	} views[] = {{"p", "Processes"}, {"e", "Events"}, {"q", "Open questions"},
		{"r", "Kept answers"}, {"s", "Summary"}};
	struct real_screen screen;

	run(&screen,
		"n=$(printf 'secret\\033]2;owned\\007\\033]52;c;eA==\\007\\033[6n\\nb"
		"\\342\\200\\256\\342\\200\\213\\377'); s=$(printf '%4000s' x); "
		"echo the-content >\"$n\"; mkdir bin; cp /bin/cat \"bin/$n\"; echo "
		"ready; "
		"read x <gate; exec \"bin/$n\" \"$n\" - \"$s\" >got 2>&1");
	cr_assert(real_await(&screen, "ready"));
	real_open_gate();
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	cr_expect(eye_sees(&screen.eye, "\\x1b]2;owned\\x07"));
	cr_expect(eye_sees(&screen.eye, "Allow this?"));
	real_type(&screen, "v");
	cr_assert(real_await(&screen, "The question ("));
	cr_assert(real_await(&screen, "\\x1b]2;owned"));
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "q");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "A");
	cr_assert(real_await(&screen, "store and allow"));
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "\x1b");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "e");
	cr_assert(real_await(&screen, "Enter shows it"));
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "\x1b");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	put_off(&screen);
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		real_type(&screen, TYPED);
		real_type(&screen, views[i].keys);
		cr_assert(real_await(&screen, views[i].words), "%s", views[i].words);
		real_type(&screen, "q");
		cr_assert(real_await(&screen, "Ctrl-] q"));
	}
	expect_harmless(&screen);
	real_close(&screen);
}

Test(real_questions, hostile_output_and_titles_do_no_harm)
{
	struct real_screen screen;

	run(&screen, "printf '\\033]52;c;eA==\\007\\033]2;owned \\342\\200\\256x\\007"
		     "\\342\\200\\213ready'; read y");
	cr_assert(real_await(&screen, "owned \\u{202e}x"));
	cr_assert(real_await(&screen, "ready"));
	cr_expect(not(fake_terminal_has_shown(&screen.terminal, "\x1b]52;")));
	cr_expect(not(fake_terminal_has_shown(&screen.terminal, "\x1b]2;owned")));
	real_close(&screen);
}
