/* SPDX-License-Identifier: MIT */
#include "tui/rule_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

static const struct text none;
enum { NOW = 1700000000, HOUR = 3600, DAY = 24 * HOUR };

Test(rule_text, shows_the_whole_rule)
{
	char *shown = rule_text_show(VERDICT_ALLOW, text_of("read /x/*"), 0, none);

	cr_expect(eq(str, shown, "allow read /x/*"));
	free(shown);
	shown = rule_text_show(VERDICT_DENY, text_of("read /x/*"), 4102444800, none);
	cr_expect(eq(str, shown, "deny read /x/* until 2099-12-31"));
	free(shown);
	shown = rule_text_show(
		VERDICT_ALLOW, text_of("read /x/*"), 0, text_of("/usr/bin/sed"));
	cr_expect(eq(str, shown, "allow read /x/* by /usr/bin/sed"));
	free(shown);
}

Test(rule_text, shows_what_it_cannot_parse_as_it_came)
{
	char *shown = rule_text_show(VERDICT_ALLOW, text_of("newverb /x\x1b"), 0, none);

	cr_expect(eq(str, shown, "allow newverb /x\\x1b"));
	free(shown);
}

struct typed_case {
	const char *typed;
	bool has_wish;
	enum verdict wished;
	const char *rule; /* NULL: refused */
	enum verdict verdict;
	const char *error;
};

Test(rule_text, reads_what_a_person_types)
{
	static const struct typed_case cases[] = {
		{"allow read /x", false, 0, "read /x", VERDICT_ALLOW, ""},
		{"deny read,write /x/**", false, 0, "read,write /x/**", VERDICT_DENY,
			""},
		{"read /x", true, VERDICT_DENY, "read /x", VERDICT_DENY, ""},
		{"deny read /x", true, VERDICT_DENY, "read /x", VERDICT_DENY, ""},
		{"allow read /x", true, VERDICT_DENY, NULL, 0, "begins with deny"},
		{"ask read /x", false, 0, NULL, 0, "an allow rule or a deny rule"},
		{"forbid read /x", false, 0, NULL, 0, "an allow rule or a deny rule"},
		{"read /x", false, 0, NULL, 0, "column 1"},
		{"allow raed /x", false, 0, NULL, 0, "column 7"},
		{"  allow raed /x", false, 0, NULL, 0, "column 9"},
		{"raed /x", true, VERDICT_ALLOW, NULL, 0, "column 1"},
		{"label secret /x", false, 0, NULL, 0, "an allow rule or a deny rule"},
		{"", false, 0, NULL, 0, "column"},
		{"# nothing", false, 0, NULL, 0, "column"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_typed rule = {0};
		struct error err = {0};
		const bool is_read = rule_text_read(text_of(cases[i].typed),
			cases[i].has_wish ? &cases[i].wished : NULL, &rule, &err);
		cr_expect(eq(int, is_read, cases[i].rule != NULL), "case %zu: %s", i,
			err.text);
		if (is_read && cases[i].rule != NULL) {
			cr_expect(eq(str, rule.rule, (char *)cases[i].rule), "case %zu",
				i);
			cr_expect(eq(int, (int)rule.verdict, (int)cases[i].verdict));
		} else {
			cr_expect(strstr(err.text, cases[i].error) != NULL,
				"case %zu: %s", i, err.text);
		}
		free(rule.rule);
	}
}

Test(rule_text, takes_until_out_of_a_typed_rule)
{
	struct rule_typed rule = {0};
	struct error err = {0};

	cr_assert(rule_text_read(
		text_of("allow read /x until 2099-12-31"), NULL, &rule, &err));
	cr_expect(eq(str, rule.rule, "read /x"));
	cr_expect(eq(i64, rule.until, 4102444800));
	free(rule.rule);
}

struct until_case {
	const char *typed;
	int64_t until; /* 0: refused */
};

Test(rule_text, reads_how_long_an_answer_holds)
{
	static const struct until_case cases[] = {
		{"30m", NOW + 30 * 60},
		{"1h", NOW + HOUR},
		{"2d", NOW + 2 * DAY},
		{"1w", NOW + 7 * DAY},
		{"9999h", NOW + 9999LL * HOUR},
		{"2099-12-31", 4102444800},
		{"0h", 0},
		{"99999h", 0},
		{"-1h", 0},
		{"1x", 0},
		{"h", 0},
		{"2001-01-01", 0},
		{"2099-13-01", 0},
		{"", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {0};
		int64_t until = 0;
		const bool is_read =
			until_read(text_of(cases[i].typed), NOW, &until, &err);
		cr_expect(eq(int, is_read, cases[i].until != 0), "%s", cases[i].typed);
		cr_expect(eq(i64, until, cases[i].until), "%s", cases[i].typed);
	}
}
