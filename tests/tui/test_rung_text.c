/* SPDX-License-Identifier: MIT */
#include "tui/rung_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

Test(rung_text, says_what_was_counted_and_nothing_else)
{
	static const struct {
		int64_t events, files;
		bool has_more;
		const char *words, *brief;
	} cases[] = {
		{-1, -1, false, "", ""},
		{0, -1, false, "covers no other recorded event",
			"covers no event more"},
		{-1, 0, false, "covers no other file", "covers no file more"},
		{0, 0, false, "covers no other recorded event or file",
			"covers nothing else"},
		{0, 0, true, "covers no other recorded event", "covers no event more"},
		{-1, 0, true, "", ""},
		{1, -1, false, "covers 1 other recorded event", "covers 1 event more"},
		{-1, 1, false, "covers 1 other file", "covers 1 file more"},
		{3, 1204, false, "covers 3 other recorded events and 1,204 other files",
			"covers 3 events, 1,204 files more"},
		{0, 999, true, "covers at least 999 other files",
			"covers at least 999 files more"},
		{1234567, 10000, true,
			"covers 1,234,567 other recorded events and more than 10,000 "
			"other files",
			"covers 1,234,567 events, more than 10,000 files more"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct protocol_rung rung = {.events = cases[i].events,
			.files = cases[i].files,
			.has_more_files = cases[i].has_more};
		char *words = rung_text_covers(&rung);
		char *brief = rung_text_covers_briefly(&rung);
		cr_expect(eq(str, words, (char *)cases[i].words));
		cr_expect(eq(str, brief, (char *)cases[i].brief));
		free(brief);
		free(words);
	}
}

Test(rung_text, names_what_is_sensitive_safely)
{
	struct text names[] = {text_of("/p/.env"), text_of("/p/\x1b[2Jid_rsa")};
	const struct protocol_rung none = {.sensitive = 0};
	const struct protocol_rung rung = {
		.sensitive = 1002, .sensitive_names = names, .sensitive_name_count = 2};
	char *words = rung_text_sensitive(&rung, text_of("/p/q"));

	cr_expect(eq(str, words,
		"covers 1,002 sensitive files: /p/.env, \"/p/\\x1b[2Jid_rsa\" and "
		"1,000 "
		"more"));
	free(words);
	words = rung_text_sensitive(&rung, text_of("/p"));
	cr_expect(eq(str, words,
		"covers 1,002 sensitive files: .env, \"\\x1b[2Jid_rsa\" and 1,000 "
		"more"));
	free(words);
	cr_expect(eq(ptr, rung_text_sensitive(&none, text_of("/p")), NULL));
}
