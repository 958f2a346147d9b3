/* SPDX-License-Identifier: MIT */
#include "rules/expectation.h"
#include "rules/profiles.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

/* Adds the shipped profile, with its name as the file of its rules. */
static void add_profile(struct rule_list *list, const char *name)
{
	struct rule_errors errors = {0};
	const char *text = profile_text(name);
	cr_assert(ne(ptr, (void *)text, NULL), "%s", name);

	bool is_valid = rule_parse_file_text(
		text_of(text), name, ORIGIN_PROFILE, list, &errors);
	for (size_t i = 0; i < errors.count; i++) {
		char *message = rule_error_format(&errors.errors[i]);
		cr_expect(is_valid, "%s", message);
		free(message);
	}
	rule_errors_finish(&errors);
	cr_assert(is_valid);
}

static void expect_all_met(const struct rule_variables *variables)
{
	struct rule_list list = {0};
	struct rule_errors errors = {0};

	for (size_t i = 0; i < profile_count; i++) {
		add_profile(&list, profiles[i].name);
	}
	bool are_met = rules_check_expectations(&list, variables, TEST_NOW, &errors);
	for (size_t i = 0; i < errors.count; i++) {
		char *message = rule_error_format(&errors.errors[i]);
		cr_expect(are_met, "%s", message);
		free(message);
	}
	cr_expect(are_met);
	rule_errors_finish(&errors);
	rule_list_finish(&list);
}

Test(profiles, meet_their_own_expectations_together)
{
	struct rule_variables plain = {"/home/u", "/home/u/src/p", "/tmp"};
	struct rule_variables own_folder = {
		"/home/u", "/home/u/src/p", "/tmp/duenna.x"};
	struct rule_variables root = {"/root", "/srv/p", "/tmp/duenna.x"};

	expect_all_met(&plain);
	expect_all_met(&own_folder);
	expect_all_met(&root);
}

Test(profiles, carry_expectations_each)
{
	for (size_t i = 0; i < profile_count; i++) {
		struct rule_list list = {0};
		size_t expectations = 0;
		add_profile(&list, profiles[i].name);
		for (size_t j = 0; j < list.count; j++) {
			expectations += list.rules[j].kind == RULE_EXPECT;
		}
		cr_expect(gt(sz, expectations, 5), "%s", profiles[i].name);
		rule_list_finish(&list);
	}
}

Test(profiles, are_not_found_under_other_names)
{
	cr_expect(eq(ptr, (void *)profile_text("nothing"), NULL));
}
