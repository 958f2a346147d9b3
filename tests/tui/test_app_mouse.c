/* SPDX-License-Identifier: MIT */
#include "tests/tui/app_stage.h"
#include "tui/keys.h"
#include "tui/mouse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(app_mouse, .timeout = 300);

enum { LEFT = 0, RIGHT = 2, WHEEL_UP = 64, WHEEL_DOWN = 65, EVENTS = 40 };

#define REPORTS_ON "\x1b[?1000h\x1b[?1006h"
#define REPORTS_OFF "\x1b[?1000l\x1b[?1006l"

/* Row and column from 0, as the eye counts them. */
static void press(int button, int row, int column)
{
	char bytes[64];

	(void)snprintf(bytes, sizeof(bytes), "\x1b[<%d;%d;%dM\x1b[<%d;%d;%dm", button,
		column + 1, row + 1, button, column + 1, row + 1);
	type(bytes);
}

Test(app_mouse, only_what_means_something_is_read)
{
	static const struct {
		const char *bytes;
		bool is_read;
		struct mouse mouse;
	} cases[] = {
		{"\x1b[<0;3;2M", true, {MOUSE_CLICK, 1, 2}},
		{"\x1b[<4;1;1M", true, {MOUSE_CLICK, 0, 0}}, /* with shift */
		{"\x1b[<64;10;20M", true, {MOUSE_WHEEL_UP, 19, 9}},
		{"\x1b[<65;10;20M", true, {MOUSE_WHEEL_DOWN, 19, 9}},
		{"\x1b[<0;3;2m", false, {0}},  /* let go */
		{"\x1b[<32;3;2M", false, {0}}, /* moved */
		{"\x1b[<2;3;2M", false, {0}},
		{"\x1b[<0;0;2M", false, {0}},
		{"\x1b[<0;3M", false, {0}},
		{"\x1b[<0;3;2;9M", false, {0}},
		{"\x1b[<0;3;99999999999999999999M", false, {0}},
		{"\x1b[<-1;3;2M", false, {0}},
		{"\x1b[<M", false, {0}},
		{"\x1b[A", false, {0}},
		{"", false, {0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mouse mouse = {0};
		cr_expect(eq(int, mouse_read(text_of(cases[i].bytes), &mouse),
				  cases[i].is_read),
			"%s", cases[i].bytes + 1);
		cr_expect(eq(int, mouse.deed, cases[i].mouse.deed));
		cr_expect(eq(int, mouse.row, cases[i].mouse.row));
		cr_expect(eq(int, mouse.column, cases[i].mouse.column));
	}
}

Test(app_mouse, a_place_in_a_line_of_hints_is_about_one_key)
{
	const char *words = "  {allow} allow   {deny} deny  {keep-allow}/{keep-deny}";
	char *line = key_hints(CONTEXT_QUESTION, words);

	cr_expect(eq(str, line, "  a allow   d deny  A/D"));
	free(line);
	static const struct {
		int column;
		uint32_t key;
	} cases[] = {{0, KEY_NONE}, {1, KEY_NONE}, {2, 'a'}, {8, 'a'}, {9, KEY_NONE},
		{11, KEY_NONE}, {12, 'd'}, {17, 'd'}, {18, KEY_NONE}, {20, 'A'},
		{21, 'A'}, {22, 'D'}, {23, KEY_NONE}, {500, KEY_NONE}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(u32, key_hint_at(CONTEXT_QUESTION, words, cases[i].column),
				  cases[i].key),
			"%d", cases[i].column);
	}
}

static void send_events(void)
{
	cr_assert(fake_await(&fake, "subscribe"));
	for (int64_t seq = 1; seq <= EVENTS; seq++) {
		const struct protocol_event event = {
			.seq = seq,
			.pid = 412,
			.program = text_of("/usr/bin/sed"),
			.verb = VERB_READ,
			.object = text_of("/x"),
			.syscall = text_of("openat"),
			.verdict = VERDICT_ALLOW,
			.by = text_of("default"),
		};
		fake_send(&fake, protocol_event_write(&event));
	}
	cr_assert(eye_await(&eye, "Events (40 of 40)"));
}

Test(app_mouse, in_a_view_the_wheel_moves_and_a_click_selects_opens_and_sorts)
{
	start();
	type("\x1d"
	     "e");
	send_events();
	cr_expect(fake_terminal_has_shown(&fake.terminal, REPORTS_ON));
	press(WHEEL_UP, 5, 5);
	cr_expect(eye_await(&eye, "Events (37 of 40)"));
	press(WHEEL_DOWN, 5, 5);
	cr_expect(eye_await(&eye, "Events (40 of 40)"));
	press(LEFT, 2, 10); /* the first line that is shown: 20 of them are */
	cr_expect(eye_await(&eye, "Events (21 of 40)"));
	press(RIGHT, 3, 10);
	press(LEFT, 0, 10);
	press(LEFT, 22, 10);
	press(LEFT, 400, 10);
	press(LEFT, 1, 10); /* the heading: the newest come first, the line stays */
	cr_expect(eye_await(&eye, "Events (20 of 40)"));
	type_and_see("g", "Events (1 of 40)");
	press(LEFT, 2, 10);
	cr_expect(eye_await(&eye, "The event (0 lines)"));
	type_and_see("q", "Events (1 of 40)");
	/* While something is asked, a click answers nothing. */
	type_and_see("/", "search:");
	press(LEFT, 4, 10);
	type("\x1b");
	cr_expect(eye_await_gone(&eye, "search:"));
	type("q");
	cr_expect(fake_await_shown(&fake, REPORTS_OFF));
	fake_expect_clean_end(&fake);
	finish();
}

/* The keys stand in the third line from below. */
enum { KEYS_ROW = STAGE_ROWS - 3, ALLOW = 4, DENY = 18, KEEP_ALLOW = 31 };

Test(app_mouse, a_click_on_a_key_of_a_question_does_what_the_key_does)
{
	start();
	ask(1, "/home/u/secret/key");
	press(LEFT, KEYS_ROW - 2, ALLOW); /* no key */
	press(LEFT, KEYS_ROW, 15);	  /* between two */
	press(LEFT, KEYS_ROW, DENY);
	cr_assert(is_answer("deny", "once"));
	fake_question_end(&fake, 1, QUESTION_ANSWERED);
	fake_reply(&fake, 0, NULL);
	cr_expect(eye_await(&eye, "denied once"));
	ask(2, "/home/u/secret/key");
	press(LEFT, KEYS_ROW, KEEP_ALLOW);
	cr_expect(eye_await(&eye, "store and allow by this rule"));
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_mouse, a_click_counts_no_sooner_than_a_key)
{
	enum { ARMING_MS = 3000 };

	start_on(STAGE_ROWS, STAGE_COLUMNS, "xterm-256color", ARMING_MS);
	fake_question(&fake, 1, text_of("/home/u/secret/key"));
	cr_assert(eye_await(&eye, "keys count in a moment"));
	press(LEFT, KEYS_ROW, ALLOW);
	press(LEFT, KEYS_ROW, ALLOW);
	cr_assert(eye_await(&eye, KEYS_COUNT));
	press(LEFT, KEYS_ROW, DENY);
	cr_expect(is_answer("deny", "once")); /* the first answer of all */
	fake_expect_clean_end(&fake);
	finish();
}

Test(app_mouse, the_agent_has_the_mouse_when_it_wants_it_and_no_box_is_open)
{
	start();
	press(LEFT, 3, 3); /* it never asked for it */
	fake_output(&fake, "\x1b[?1002h\x1b[?1006hmouse wanted\r\n");
	cr_assert(fake_await_shown(&fake, "\x1b[?1002h"));
	cr_assert(eye_await(&eye, "mouse wanted"));
	press(LEFT, 3, 3);
	cr_expect(fake_await_input(&fake, "\x1b[<0;4;4M\x1b[<0;4;4m"));
	cr_expect(eq(sz, fake.input_length, strlen("\x1b[<0;4;4M\x1b[<0;4;4m")));
	ask(1, "/home/u/secret/key");
	cr_expect(fake_await_shown(&fake, "\x1b[?1002l"));
	press(LEFT, KEYS_ROW, DENY);
	cr_assert(is_answer("deny", "once"));
	cr_expect(eq(sz, fake.input_length, strlen("\x1b[<0;4;4M\x1b[<0;4;4m")));
	fake_expect_clean_end(&fake);
	finish();
}
