/* SPDX-License-Identifier: MIT */
#include "rules/review.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

struct review_case {
	const char *rules; /* one a line; all with hits */
	const char *findings;
};

/* clang-format off */
static const struct review_case review_cases[] = {
	{"allow read /a/b\nallow read /a/c\n", ""},
	{"allow read /a/**\nallow read /a/b\n", "1 shadowed 0\n"},
	{"allow read /a/b\nallow read /a/b\n", "1 shadowed 0\n"},
	{"allow read /a/** by /bin/x\nallow read /a/b\n", ""},
	{"allow read /a/**\nallow read /a/b by /bin/x\n", "1 shadowed 0\n"},
	{"allow read /a/** until 2027-06-01\nallow read /a/b\n", ""},
	{"deny read /a/**\nallow read /a/b\n", ""},
	{"allow read /a/b\ndeny read /a/b\n", "0 contradicting 1\n"},
	{"allow read /a/b\ndeny write /a/b\n", ""},
	{"allow read /a until 2020-01-01\n", "0 over 0\n"},
	{"allow read /a until 2027-01-16\n", "0 expiring 0\n"},
	{"allow connect *.example.com:443\nallow connect a.example.com:443\n",
		"1 shadowed 0\n"},
	{"allow exec /bin/x\nallow exec /bin/x -a\n", "1 shadowed 0\n"},
};
/* clang-format on */

Test(review, finds_what_deserves_a_look)
{
	for (size_t i = 0; i < sizeof(review_cases) / sizeof(review_cases[0]); i++) {
		struct rule_list list = {0};
		struct reviewed_rule rules[4] = {0};
		struct finding *findings = NULL;
		char got[256] = "";
		size_t length = 0;

		add_rules(&list, ORIGIN_PERSON, review_cases[i].rules);
		for (size_t j = 0; j < list.count; j++) {
			rules[j] = (struct reviewed_rule){
				.rule = &list.rules[j], .hits = 1};
		}
		size_t count = rules_review(
			rules, list.count, &test_variables, TEST_NOW, &findings);
		for (size_t j = 0; j < count; j++) {
			length += (size_t)snprintf(got + length, sizeof(got) - length,
				"%zu %s %zu\n", findings[j].rule,
				finding_name(findings[j].kind), findings[j].other);
		}
		cr_expect(eq(str, got, (char *)review_cases[i].findings), "%s",
			review_cases[i].rules);
		free(findings);
		rule_list_finish(&list);
	}
}

Test(review, a_rule_has_some_sessions_to_decide_something)
{
	static const struct {
		int64_t hits;
		size_t sessions, findings;
	} cases[] = {{0, 0, 0}, {0, REVIEW_SESSIONS_MIN - 1, 0},
		{0, REVIEW_SESSIONS_MIN, 1}, {1, REVIEW_SESSIONS_MIN, 0}};
	struct rule_list list = {0};

	add_rules(&list, ORIGIN_PERSON, "allow read /a\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct reviewed_rule rule = {.rule = &list.rules[0],
			.hits = cases[i].hits,
			.sessions = cases[i].sessions};
		struct finding *findings = NULL;
		cr_expect(eq(sz,
			rules_review(&rule, 1, &test_variables, TEST_NOW, &findings),
			cases[i].findings));
		free(findings);
	}
	rule_list_finish(&list);
}
