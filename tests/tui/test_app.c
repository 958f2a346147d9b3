/* SPDX-License-Identifier: MIT */
/* The full-screen front end: the agent's screen, and kinds of terminals. */
#include "base/xalloc.h"
#include "tests/tui/app_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

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
	type("ls\r\x03\x1b[A\x1bOP\x1b[15~\xc3\xa4");
	cr_expect(fake_await_input(&fake, "ls\r\x03\x1b[A\x1bOP\x1b[15~\xc3\xa4"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, keys_of_other_terminals_come_as_those_of_the_agents)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "linux", 0);
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

Test(app, a_title_may_have_any_characters)
{
	start();
	fake_output(&fake, "\x1b]0;\xe2\x9c\xb3 at work \xe2\x80\xae\x07shown");
	cr_expect(eye_await(&eye, "\xe2\x9c\xb3 at work \\u{202e}"));
	cr_expect(eye_await(&eye, "shown"));
	eye_expect_screen(&eye, "title");
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
	start_on(STAGE_ROWS, STAGE_COLUMNS, "vt100", 0);
	ask(1, "/home/u/secret/key");
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[3")));
	cr_expect(eye_sees(&eye, "DANGER"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, it_works_on_the_console)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "linux", 0);
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

Test(app, a_terminal_of_another_size_is_drawn_as_far_as_it_goes)
{
	start();
	fake_send(&fake, json_pack("{s:s, s:i, s:i}", "type", "size", "rows", 40,
				 "columns", 100));
	fake_output(&fake, "\x1b[39;1Hbelow\x1b[2;90Hright\x1b[5;5Hseen");
	cr_expect(eye_await(&eye, "seen"));
	cr_expect(not(eye_sees(&eye, "below")));
	fake_send(&fake,
		json_pack("{s:s, s:i, s:i}", "type", "size", "rows", 5, "columns", 20));
	fake_output(&fake, "\x1b[5;1Hsmall");
	cr_expect(eye_await(&eye, "small"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, it_works_without_colours_of_its_own_where_none_are_wanted)
{
	fake_start_app(&fake, (struct fake_screen){STAGE_ROWS, STAGE_COLUMNS,
				      "xterm-256color", 0, true});
	eye_open(&eye, &fake.terminal, STAGE_ROWS, STAGE_COLUMNS);
	ask(1, "/home/u/secret/key");
	cr_expect(eye_sees(&eye, "DANGER"));
	/* No colour of text: 30 to 37 and 38;5;N; bold and reverse stay. */
	for (int colour = 0; colour < 8; colour++) {
		char sequence[16];
		(void)snprintf(sequence, sizeof(sequence), "\x1b[3%dm", colour);
		cr_expect(not(fake_terminal_has_shown(&fake.terminal, sequence)), "%d",
			colour);
	}
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[38;5;")));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app, it_works_on_a_monochrome_terminal)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "xterm-mono", 0);
	fake_output(&fake, "\x1b[31;44mcoloured\x1b[0m");
	cr_assert(eye_await(&eye, "coloured"));
	ask(1, "/home/u/secret/key");
	cr_expect(eye_sees(&eye, "DANGER"));
	type_and_see("A", "stores    allow read");
	type("a");
	cr_expect(is_answer("allow", "session"));
	fake_reply(&fake, 1, NULL);
	cr_expect(not(fake_terminal_has_shown(&fake.terminal, "\x1b[31m")));
	fake_expect_clean_end(&fake);
	finish();
}
