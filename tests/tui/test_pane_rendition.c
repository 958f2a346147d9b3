/* SPDX-License-Identifier: MIT */
#include "tui/pane_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

/* What libvterm gets for it. */
static void expect_written(const char *sequence, const char *wanted)
{
	struct pane_rendition rendition;
	char written[128] = "";

	pane_rendition_read(&rendition, text_of(sequence));
	(void)snprintf(written, sizeof(written), "%.*s%s",
		rendition.has_arguments ? (int)rendition.length : 0, rendition.bytes,
		rendition.font != NULL ? rendition.font : "");
	cr_expect(eq(str, written, (char *)wanted), "%s", sequence + 1);
}

Test(pane_rendition, what_is_known_stays)
{
	static const char *const known[] = {"\x1b[m", "\x1b[0m", "\x1b[1;31m",
		"\x1b[;1m", "\x1b[1;m", "\x1b[;;m", "\x1b[4:3;31m", "\x1b[38;5;2m",
		"\x1b[48;2;2;2;2m", "\x1b[38:2::2:2:2m", "\x1b[38;5;22;48;5;11;1m",
		"\x1b[38m", "\x1b[38;2;2m", "\x1b[21;107m", "\x1b[99999m"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		expect_written(known[i], known[i]);
	}
}

Test(pane_rendition, faint_is_a_font)
{
	expect_written("\x1b[2m", "\x1b[11m");
	expect_written("\x1b[2;36m", "\x1b[36m\x1b[11m");
	expect_written("\x1b[0;2;1m", "\x1b[0;1m\x1b[11m");
	expect_written("\x1b[22m", "\x1b[22m\x1b[10m");
	expect_written("\x1b[22;2m", "\x1b[22m\x1b[11m");
	expect_written("\x1b[2;0m", "\x1b[0m");
	expect_written("\x1b[2;m", "\x1b[m");
	expect_written("\x1b[38;5;2;2m", "\x1b[38;5;2m\x1b[11m");
}

Test(pane_rendition, fonts_and_colours_of_underlines_are_left_out)
{
	expect_written("\x1b[11m", "");
	expect_written("\x1b[1;19;3m", "\x1b[1;3m");
	expect_written("\x1b[58;2;7;7;7;1m", "\x1b[1m");
	expect_written("\x1b[58;5;7m", "");
	expect_written("\x1b[4:3;58:2::7:7:7m", "\x1b[4:3m");
	expect_written("\x1b[58m", "");
	expect_written("\x1b[58;2;7m", "");
}
