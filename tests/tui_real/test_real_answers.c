/* SPDX-License-Identifier: MIT */
/* Answers of every kind on the real binary's screen, and hostile text in other places. */
#include "base/xalloc.h"
#include "tests/support/own_home.h"
#include "tests/tui_real/real_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(real_answers, .init = real_set_up, .fini = real_tear_down,
	.timeout = REAL_TIMEOUT);

#define TYPED "\x1d"

static void await_question(struct real_screen *screen, const char *name)
{
	real_open_gate();
	cr_assert(real_await(screen, name));
	cr_assert(real_await(screen, REAL_KEYS_COUNT));
}

/* ---- Scopes and rungs ---- */

/* Types s until the answer reaches so far. */
static void choose_scope(struct real_screen *screen, const char *scope)
{
	enum { SCOPES = 5 };
	char *shown = xasprintf("for       %s", scope);

	for (int i = 0; i < SCOPES && !eye_sees(&screen->eye, shown); i++) {
		char before[256];
		const char *at = strstr(eye_text(&screen->eye), "  for       ");
		cr_assert(ne(ptr, (void *)at, NULL));
		(void)snprintf(
			before, sizeof(before), "%.*s", (int)strcspn(at, ",\n"), at);
		real_type(screen, "s");
		cr_assert(real_await_gone(screen, before), "after %s", before);
	}
	cr_assert(real_await(screen, shown), "%s", scope);
	free(shown);
}

Test(real_answers, each_scope_can_be_chosen_and_is_what_is_stored)
{
	static const char *const scopes[] = {"this process", "this program",
		"this session", "this project", "always"};
	enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };
	struct real_screen screen;

	/* The line about what was stored is not shortened. */
	enum { WIDE = 200 };

	real_run(&screen, REAL_ROWS, WIDE,
		"for i in 0 1 2 3 4; do echo the-content >secret$i; done; for i in 0 1 "
		"2 "
		"3 4; do read x <gate; cat secret$i >got$i; done; read y");
	for (int i = 0; i < SCOPES; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "/secret%d", i);
		await_question(&screen, name);
		choose_scope(&screen, scopes[i]);
		real_type(&screen, "A");
		cr_assert(real_await(&screen, "store and allow by this rule"));
		real_type(&screen, "a");
		char *stored = xasprintf(", %s: allow read", scopes[i]);
		cr_expect(real_await(&screen, stored), "%s", scopes[i]);
		free(stored);
		(void)snprintf(name, sizeof(name), "got%d", i);
		cr_expect(real_await_file(name, "the-content"), "%s", scopes[i]);
	}
	real_close(&screen);
}

Test(real_answers, every_key_works_while_a_kept_answer_is_put_together)
{
	struct real_screen screen;

	own_home_write(
		"rules", "allow any *\nask read /tmp/**\nallow read /tmp/**/gate\n");
	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"read x <gate; cat secret >got 2>err; echo $? >status; read y");
	await_question(&screen, "/secret");
	real_type(&screen, "D");
	cr_assert(real_await(&screen, "store and deny by this rule"));
	real_type(&screen, "\x1b[C"); /* right */
	cr_assert(real_await(&screen, "(2 of 3)"));
	real_type(&screen, "]");
	cr_assert(real_await(&screen, "(3 of 3)"));
	real_type(&screen, "\x1b[D"); /* left */
	cr_assert(real_await(&screen, "(2 of 3)"));
	real_type(&screen, "[");
	cr_assert(real_await(&screen, "(1 of 3)"));
	choose_scope(&screen, "this program");
	real_type(&screen, "x");
	cr_assert(real_await(&screen, "for 10 min"));
	real_type(&screen, "\r"); /* never an answer */
	real_type(&screen, "\x1b");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	cr_expect(not(real_has_file("status")));
	real_type(&screen, "e");
	cr_assert(real_await(&screen, "Enter shows it"));
	real_type(&screen, "\x15"
			   "deny read ~/work/secret\r");
	cr_assert(real_await(&screen, "store and deny by this rule"));
	real_type(&screen, "d");
	cr_expect(real_await_file("err", "Permission denied"));
	real_close(&screen);
}

Test(real_answers, several_are_denied_at_once_after_a_listing)
{
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"for i in 1 2 3; do echo $i >secret$i; done; read x <gate; for i in 1 "
		"2 "
		"3; do (cat secret$i >got$i 2>err$i; echo $? >done$i) & done; wait; "
		"cat "
		"err* >all; read y");
	real_open_gate();
	cr_assert(real_await(&screen, "of 3"));
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "\x1b");
	cr_assert(real_await_gone(&screen, REAL_KEYS_COUNT));
	real_type(&screen, TYPED "q");
	cr_assert(real_await(&screen, "1 of 3"));
	real_type(&screen, "X");
	cr_assert(real_await(&screen, "* "));
	real_type(&screen, "D");
	cr_assert(real_await(&screen, "One answer to all of these"));
	/* It counts only once this has been shown for a while. */
	do {
		real_type(&screen, "j");
		real_type(&screen, "d");
	} while (!real_sees_soon(&screen, "denied once: 3 questions"));
	cr_expect(real_await_file("all", "Permission denied"));
	real_close(&screen);
}

/* ---- Hostile text ---- */

static bool file_has(const char *name, const char *bytes)
{
	char *command =
		xasprintf("LC_ALL=C grep -qaF \"$(printf '%s')\" %s", bytes, name);
	const bool has = system(command) == 0;

	free(command);
	return has;
}

Test(real_answers, four_thousand_spaces_hide_neither_the_name_nor_the_keys)
{
	struct real_screen screen;

	own_home_write("rules", "allow any *\nask read /tmp/**/deep\n");
	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"p=; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do p=\"$p$(printf "
		"'%249s' x)/\"; done; mkdir -p \"$p\"; echo the-content >\"${p}deep\"; "
		"read "
		"x <gate; cat \"${p}deep\" >got; read y");
	await_question(&screen, "x/deep");
	cr_expect(eye_sees(&screen.eye, "more)..."));
	cr_expect(eye_sees(&screen.eye, "Allow this?"));
	real_type(&screen, "v");
	cr_assert(real_await(&screen, "The question ("));
	real_type(&screen, "q");
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	real_type(&screen, "a");
	cr_expect(real_await_file("got", "the-content"));
	real_close(&screen);
}

Test(real_answers, hostile_names_do_no_harm_in_what_commands_print)
{
	static const char *const harmful[] = {
		"\\033", "\\007", "\\342\\200\\256", "\\342\\200\\213", "\\377"};
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"n=$(printf 'secret\\033]2;owned\\007\\nb\\342\\200\\256\\342\\200\\213"
		"\\377'); echo the-content >\"$n\"; read x <gate; cat \"$n\" >got; "
		"read y");
	await_question(&screen, "secret\\x1b]2;owned");
	cr_expect(eq(int, system("\"$DUENNA\" questions >printed"), 0));
	real_type(&screen, "A");
	cr_assert(real_await(&screen, "store and allow by this rule"));
	real_type(&screen, "a");
	cr_assert(real_await_file("got", "the-content"));
	real_type(&screen, "\r");
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 0));
	cr_expect(eq(int,
		system("exec >>printed 2>&1; \"$DUENNA\" log; \"$DUENNA\" sessions "
		       "show "
		       "--all; \"$DUENNA\" sessions list; \"$DUENNA\" rules list; "
		       "\"$DUENNA\" learn --print; true"),
		0));
	cr_expect(file_has("printed", "owned"));
	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++) {
		cr_expect(not(file_has("printed", harmful[i])), "%s", harmful[i]);
	}
	real_close(&screen);
}
