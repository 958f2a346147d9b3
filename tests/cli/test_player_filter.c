/* SPDX-License-Identifier: MIT */
#include "cli/player_filter.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

/* What goes through, fed in pieces of that many bytes. */
static char *filtered(const char *bytes, size_t length, size_t piece)
{
	struct player_filter filter = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	for (size_t at = 0; at < length; at += piece) {
		size_t left = length - at;
		player_filter_write(
			&filter, out, bytes + at, left < piece ? left : piece);
	}
	cr_assert(fclose(out) == 0);
	return text;
}

static void expect(const char *bytes, size_t length, const char *want)
{
	for (size_t piece = 1; piece <= length; piece++) {
		char *got = filtered(bytes, length, piece);
		cr_expect(eq(str, got, (char *)want));
		free(got);
	}
}

#define EXPECT(bytes, want) expect(bytes, sizeof(bytes) - 1, want)

Test(player_filter, text_colours_and_movement_go_through)
{
	EXPECT("a\tb\r\n\bc", "a\tb\r\n\bc");
	EXPECT("\033[31;1mred\033[0m\033[2;3H\033[K\033[2J",
		"\033[31;1mred\033[0m\033[2;3H"
		"\033[K\033[2J");
	EXPECT("\033[38:2:1:2:3mx\033[?1049h\033[?25l\033(0q\033(B",
		"\033[38:2:1:2:3mx"
		"\033[?1049h\033[?"
		"25l\033(0q\033(B");
	EXPECT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98"
		"\x80");
}

Test(player_filter, what_could_harm_a_terminal_does_not)
{
	EXPECT("a\033]52;c;AAAA\007b\033]0;title\033\\c", "abc");
	EXPECT("a\033P+q544e\033\\b\033_x\033\\c\033^y\033\\d\033Xz\033\\e", "abcde");
	EXPECT("a\033[6nb\033[cc\033[>cd\033[14te\033[?2004hf\033[3Jg", "abcdefg");
	EXPECT("a\033[?1000hb\033[5ic\033[>4;1md\033[!pe\033[1$rf\033#8g", "abcdefg");
	EXPECT("a\007b\016c\177d\000e", "abcde");
	EXPECT("a\xc2\x9b"
	       "6nb",
		"a6nb");
}

Test(player_filter, what_is_broken_does_not_swallow_what_follows)
{
	EXPECT("\xff"
	       "a\xc3"
	       "b",
		"\xef\xbf\xbd"
		"a\xef\xbf\xbd"
		"b");
	EXPECT("\033[12\033[31mx\033\033[32my\033(\033[33mz",
		"\033[31mx\033[32my[33mz");
	EXPECT("\033[111111111111111111111111111111111111111111111111111111mx", "x");
	EXPECT("\xe2\x82\033[31mx", "\xef\xbf\xbd\033[31mx");
}
