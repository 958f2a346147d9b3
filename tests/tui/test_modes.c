/* SPDX-License-Identifier: MIT */
#include "tui/modes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct modes follow(const char *bytes)
{
	struct modes modes;

	modes_init(&modes);
	modes_follow(&modes, bytes, strlen(bytes));
	return modes;
}

static const char *leave(struct modes *modes)
{
	static char buffer[MODES_SEQUENCE_MAX + 1];

	buffer[modes_leave(modes, buffer)] = '\0';
	return buffer;
}

static const char *enter(const struct modes *modes)
{
	static char buffer[MODES_SEQUENCE_MAX + 1];

	buffer[modes_enter(modes, buffer)] = '\0';
	return buffer;
}

Test(modes, plain_lines_need_no_sequence)
{
	struct modes modes = follow("one\r\ntwo\r\n\tgr\xc3\xbc\xc3\x9f\x65\r\n");

	cr_expect(eq(str, (char *)leave(&modes), ""));
	cr_expect(eq(str, (char *)enter(&modes), ""));
	cr_expect(not(modes_are_left_on(&modes)));
}

Test(modes, an_unfinished_line_is_ended)
{
	struct modes modes = follow("$ ");

	cr_expect(eq(str, (char *)leave(&modes), "\r\n"));
	cr_expect(eq(str, (char *)leave(&modes), ""), "and only once");
}

Test(modes, colours_at_the_start_of_a_line_leave_it_empty)
{
	struct modes modes = follow("one\r\n\x1b[0m\x1b[K");
	const char *sequence = leave(&modes);

	cr_expect(ne(str, (char *)sequence, ""));
	cr_expect(strstr(sequence, "\n") == NULL);
}

Test(modes, colours_do_not_move_the_question)
{
	struct modes modes = follow("\x1b[1;31mred\x1b[0m\r\n\x1b[K");

	cr_expect(not(modes.is_moved));
	cr_expect(strstr(leave(&modes), "\x1b[999B") == NULL);
	cr_expect(not(modes_are_left_on(&modes)));
}

Test(modes, whatever_may_move_the_cursor_sends_the_question_to_the_last_line)
{
	static const char *const moving[] = {"\x1b[5;5H", "\x1b[2J", "\x1b[A",
		"\x1b[3d", "\x1bM",
		"\x1b"
		"8",
		"\x1b"
		"c",
		"\xc2\x9b"
		"2J",
		"\x9b"
		"2J",
		"\x1b[2T", "\x1b[?6h", "\x1b[?3l", "\x1b[1;5r", "\x1b[u"};

	for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++) {
		struct modes modes = follow(moving[i]);
		cr_expect(strstr(leave(&modes),
				  "\x1b[?6l\x1b[?69l\x1b[r\x1b[999B\r\n") != NULL,
			"case %zu", i);
	}
}

struct mode_case {
	const char *output, *given_back;
};

Test(modes, what_was_set_is_given_back)
{
	static const struct mode_case cases[] = {
		{"\x1b[?1049h", "\x1b[?1049h"},
		{"\x1b[?47h", "\x1b[?1049h"},
		{"\x1b[?1049h\x1b[?1049l", ""},
		{"\x1b[?2004h", "\x1b[?2004h"},
		{"\x1b[?2004h\x1b[?2004l", ""},
		{"\x1b[?1000;1006h", "\x1b[?1000h\x1b[?1006h"},
		{"\x1b[?25l\x1b[?7l", "\x1b[?7l\x1b[?25l"},
		{"\x1b[?1h\x1b=", "\x1b[?1h\x1b="},
		{"\x1b[3;20r", "\0337\x1b[3;20r\0338"},
		{"\x1b[3;20r\x1b[r", ""},
		{"\x1b[>4;2m", "\x1b[>4;2m"},
		{"\x1b[>4m", ""},
		{"\x1b[>5u", "\x1b[=5;1u"},
		{"\x1b[>5u\x1b[<u", ""},
		{"\x1b[?2004h\x1b"
		 "c",
			""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct modes modes = follow(cases[i].output);
		(void)leave(&modes);
		cr_expect(eq(str, (char *)enter(&modes), (char *)cases[i].given_back),
			"case %zu", i);
		cr_expect(eq(int, modes_are_left_on(&modes),
				  *cases[i].given_back != '\0'),
			"case %zu", i);
	}
}

struct colour_case {
	const char *output;
	bool is_reset;
};

Test(modes, only_colours_that_the_tree_set_are_reset)
{
	static const struct colour_case cases[] = {
		{"\x1b]10;#000000\x07", true},
		{"\x1b]4;1;rgb:00/00/00\x1b\\", true},
		{"\x1b]P0000000", true},
		{"\xc2\x9d"
		 "11;#000000\x07",
			true},
		{"\x1b]11;?\x07", false},
		{"\x1b]4;7;?\x1b\\", false},
		{"\x1b]0;title\x07", false},
		{"\x1b]133;A\x07", false},
		{"\x1b]8;;http://x\x1b\\", false},
		{"\x1b[31mred\x1b[0m", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct modes modes = follow(cases[i].output);
		const bool is_reset = strstr(leave(&modes), "\x1b]110\x1b\\") != NULL;
		cr_expect(eq(int, is_reset, cases[i].is_reset), "case %zu", i);
	}
}

Test(modes, an_unfinished_sequence_is_taken_up_again)
{
	static const char *const unfinished[] = {
		"\x1b", "\x1b[", "\x1b[?20", "\x1b(", "\xe2\x80", "\x1b]0;title"};

	for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++) {
		struct modes modes = follow(unfinished[i]);
		(void)leave(&modes);
		cr_expect(eq(str, (char *)enter(&modes), (char *)unfinished[i]),
			"case %zu", i);
	}
}

Test(modes, a_long_unfinished_string_is_given_up)
{
	char string[1000];
	struct modes modes;

	memset(string, 'x', sizeof(string));
	memcpy(string, "\x1bP", 2);
	modes_init(&modes);
	modes_follow(&modes, string, sizeof(string));
	cr_expect(strstr(leave(&modes), "\x18\x1b\\") != NULL, "it is ended");
	cr_expect(eq(str, (char *)enter(&modes), ""));
	modes_follow(&modes, "\x1b[H", 3);
	cr_expect(modes.is_moved, "what follows is read as the terminal reads it");
}

Test(modes, strings_hold_no_sequences)
{
	struct modes modes = follow("\x1b]0;[?1049h\x07\x1bP[?2004h\x1b\\\r\n");

	cr_expect(eq(int, (int)modes.state, (int)MODES_TEXT));
	cr_expect(not(modes_are_left_on(&modes)));
}

Test(modes, endless_arguments_are_harmless)
{
	struct modes modes =
		follow("\x1b[?99999999999999999999;1;2;3;4;5;6;7;8;9;10;11;12;"
		       "13;14;15;16;17;18;19;20;2004h");

	cr_expect(eq(int, (int)modes.state, (int)MODES_TEXT));
	cr_expect(le(sz, modes.argument_count, (size_t)MODES_ARGUMENTS_MAX));
}
