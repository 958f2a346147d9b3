/* SPDX-License-Identifier: MIT */
#include "base/escape.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

static void expect_escaped(const char *raw, size_t length, const char *want)
{
	char *safe = escape_copy((struct text){raw, length});

	cr_expect(eq(str, safe, (char *)want));
	free(safe);
}

#define EXPECT_ESCAPED(RAW, WANT) expect_escaped(RAW, sizeof(RAW) - 1, WANT)

Test(escape, leaves_plain_text_as_it_is)
{
	EXPECT_ESCAPED("/home/me/notes.txt", "/home/me/notes.txt");
	EXPECT_ESCAPED("Grüße, 世界 🙂", "Grüße, 世界 🙂");
	EXPECT_ESCAPED("", "");
}

Test(escape, shows_what_steers_a_terminal)
{
	EXPECT_ESCAPED("a\x1b[2Jb", "a\\x1b[2Jb");
	EXPECT_ESCAPED("\x1b]52;c;YQ==\x07", "\\x1b]52;c;YQ==\\x07");
	EXPECT_ESCAPED("\xc2\x9b"
		       "31m",
		"\\u{9b}31m"); /* CSI in one character */
	EXPECT_ESCAPED("line\nnext\rback\ttab", "line\\nnext\\rback\\ttab");
	EXPECT_ESCAPED("nul\0end", "nul\\x00end");
	EXPECT_ESCAPED("\x7f", "\\x7f");
}

Test(escape, shows_what_hides_or_reorders)
{
	EXPECT_ESCAPED("a\xe2\x80\xae"
		       "b",
		"a\\u{202e}b"); /* right-to-left override */
	EXPECT_ESCAPED("a\xe2\x80\x8b"
		       "b",
		"a\\u{200b}b"); /* zero-width space */
	EXPECT_ESCAPED("a\xc2\xa0"
		       "b",
		"a\\u{a0}b");				  /* no-break space */
	EXPECT_ESCAPED("\xf3\xa0\x81\xa1", "\\u{e0061}"); /* tag letter */
	EXPECT_ESCAPED("\xf0\x93\x90\xb0", "\\u{13430}"); /* joiner of hieroglyphs */
	EXPECT_ESCAPED("\xf0\x9d\x85\x99", "\\u{1d159}"); /* blank note */
}

Test(escape, shows_bytes_that_are_no_utf8)
{
	EXPECT_ESCAPED("\xff", "\\xff");
	EXPECT_ESCAPED("\xc0\xaf", "\\xc0\\xaf");	   /* overlong slash */
	EXPECT_ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	EXPECT_ESCAPED("\xe2\x82", "\\xe2\\x82");	   /* cut short */
	EXPECT_ESCAPED(
		"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond the last */
}

Test(escape, is_unambiguous)
{
	EXPECT_ESCAPED("\\x1b", "\\\\x1b");
	EXPECT_ESCAPED("\\", "\\\\");
}

Test(escape, quotes_what_would_be_misread)
{
	static const struct {
		const char *raw;
		const char *want;
	} cases[] = {
		{"plain", "plain"},
		{"", "\"\""},
		{"two words", "\"two words\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *quoted = escape_quoted(text_of(cases[i].raw));
		cr_expect(eq(str, quoted, (char *)cases[i].want));
		free(quoted);
	}
}

Test(escape, cuts_long_text_in_the_middle_and_says_so)
{
	char raw[5000];
	char safe[80];

	memset(raw, 'a', sizeof(raw));
	memcpy(raw, "first", 5);
	memcpy(raw + sizeof(raw) - 4, "last", 4);
	size_t length =
		escape_text((struct text){raw, sizeof(raw)}, safe, sizeof(safe));
	cr_expect(length < sizeof(safe));
	cr_expect(eq(sz, length, strlen(safe)));
	cr_expect(eq(int, strncmp(safe, "first", 5), 0));
	cr_expect(eq(str, safe + length - 4, "last"));
	cr_expect(strstr(safe, "bytes)…") != NULL);
}

Test(escape, never_writes_beyond_any_buffer)
{
	static const char raw[] = "ab\x1b\xe2\x80\xae世界\xff and so on, and on";

	for (size_t size = 8; size < 200; size++) {
		char *buffer = malloc(size);
		size_t length =
			escape_text((struct text){raw, sizeof(raw) - 1}, buffer, size);
		cr_expect(length < size);
		cr_expect(eq(sz, length, strlen(buffer)));
		free(buffer);
	}
}
