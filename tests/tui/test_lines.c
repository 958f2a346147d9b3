/* SPDX-License-Identifier: MIT */
#include "tui/lines.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

Test(lines, short_text_stays_as_it_is)
{
	char *same = lines_shorten("/etc/passwd", 11);

	cr_expect(eq(str, same, "/etc/passwd"));
	free(same);
}

Test(lines, long_text_keeps_both_ends_and_counts_the_rest)
{
	char *brief =
		lines_shorten("aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbcccccccccc", 30);

	cr_expect(eq(str, brief, "aaaaaaaaaaaa..26..bbcccccccccc"));
	free(brief);
	brief = lines_shorten("aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbcccccccccc", 40);
	cr_expect(eq(str, brief, "aaaaaaaaaaaaa...(25 more)...bbcccccccccc"));
	free(brief);
}

Test(lines, where_the_mark_leaves_no_room_the_beginning_is_kept)
{
	char *brief = lines_shorten("allow read /srv/alpha/file", 15);
	char *briefest = lines_shorten("allow read /srv/alpha/file", 2);

	cr_expect(eq(str, brief, "allow read /..."));
	cr_expect(eq(str, briefest, ".."));
	free(briefest);
	free(brief);
}

Test(lines, no_character_is_cut_in_two)
{
	for (size_t columns = 0; columns < 60; columns++) {
		char *brief = lines_shorten(
			"ääääääääääääääääääääääääääääääääääääääääääääääääääääääää",
			columns);
		cr_expect(le(sz, lines_width(brief), columns), "%zu columns", columns);
		cr_expect(ne(int, brief[0] & 0xc0, 0x80));
		const char *tail = strrchr(brief, '.');
		cr_expect(tail == NULL || (tail[1] & 0xc0) != 0x80);
		free(brief);
	}
}

Test(lines, values_wrap_under_themselves)
{
	struct lines lines = {.columns = 32};

	lines_field(&lines, "read", "/0123456789012345678901234567890123456789", 0);
	cr_expect(eq(str, lines.bytes,
		"  read      /0123456789012345678\n"
		"            90123456789012345678\n"
		"            9\n"));
	lines_finish(&lines);
}

Test(lines, values_are_shortened_to_the_lines_they_may_take)
{
	struct lines lines = {.columns = 52};

	lines_field(&lines, "read",
		"/01234567890123456789012345678901234567890123456789", 1);
	cr_expect(eq(str, lines.bytes,
		"  read      /012345678901...(26 more)...890123456789\n"));
	lines_finish(&lines);
}

Test(lines, paragraphs_break_between_words)
{
	struct lines lines = {.columns = 30};

	lines_add(&lines, "one two three four five six seven eight nine");
	cr_expect(eq(
		str, lines.bytes, "one two three four five six\n  seven eight nine\n"));
	lines_finish(&lines);
}

Test(lines, marks_that_combine_count_as_columns)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	cr_expect(eq(sz, lines_width("e\xcc\x81\xcc\x81\xcc\x81"), 4));
}
