/* SPDX-License-Identifier: MIT */
#include "rules/name_fold.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

struct same_case {
	const char *one, *other;
	bool are_same;
};

/* clang-format off */
static const struct same_case same_cases[] = {
	{"/mnt/Secret.TXT", "/mnt/sECRET.txt", true},
	{"/mnt/secret", "/mnt/secrets", false},
	{"/mnt/a/b", "/mnt/ab", false},
	{"/mnt/\xc3\x89t\xc3\xa9", "/mnt/\xc3\xa9T\xc3\x89", true},		/* É é */
	{"/mnt/\xc3\xa9", "/mnt/e\xcc\x81", true},				/* composed or not */
	{"/mnt/.git/hoo\xe2\x84\xaas", "/mnt/.GIT/hooks", true},		/* the Kelvin sign */
	{"/mnt/\xc5\xbf" "ecret", "/mnt/secret", true},			/* a long s */
	{"/mnt/o\xef\xac\x83" "ce", "/mnt/office", true},			/* one character for ffi */
	{"/mnt/.g\xe2\x80\x8cit", "/mnt/.git", true},				/* a joiner that is not seen */
	{"/mnt/secret.", "/mnt/secret", true},
	{"/mnt/secret. ./x", "/mnt/secret/x", true},
	{"/mnt/secret::$DATA", "/mnt/secret", true},
	{"/mnt/dir:$I30:$INDEX_ALLOCATION/x", "/mnt/dir/x", true},
	{"/mnt/at 10:30", "/mnt/at 10:31", false},
	{"/mnt/\xff\xfe", "/mnt/\xff\xfe", true},				/* no UTF-8 */
	{"/mnt/\xff" "A", "/mnt/\xff" "a", true},
	{"/mnt/...", "/mnt/x", false},
};
/* clang-format on */

Test(name_fold, makes_one_text_of_names_for_one_file)
{
	char one[NAME_FOLDED_SIZE];
	char other[NAME_FOLDED_SIZE];
	struct text a;
	struct text b;

	for (size_t i = 0; i < sizeof(same_cases) / sizeof(same_cases[0]); i++) {
		const struct same_case *c = &same_cases[i];
		cr_assert(name_fold(text_of(c->one), one, &a));
		cr_assert(name_fold(text_of(c->other), other, &b));
		cr_expect(
			text_equal(a, b) == c->are_same, "%s and %s", c->one, c->other);
	}
}

Test(name_fold, refuses_what_is_too_long)
{
	static char longest[NAME_FOLDED_SIZE + 1];
	char buffer[NAME_FOLDED_SIZE];
	struct text folded;

	memset(longest, 'A', sizeof(longest));
	cr_expect(name_fold((struct text){longest, NAME_FOLDED_SIZE}, buffer, &folded));
	cr_expect(not(name_fold(
		(struct text){longest, NAME_FOLDED_SIZE + 1}, buffer, &folded)));
}

Test(name_fold, knows_short_names)
{
	static const char *const shorts[] = {
		"/mnt/SECRET~1.TXT", "/mnt/PROGRA~1/x", "/mnt/a~2", "/mnt/ABCDE~12.C"};
	static const char *const plain[] = {"/mnt/secret.txt", "/mnt/x~",
		"/mnt/longername~1", "/mnt/a~1.html", "/mnt/a~b"};

	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
		cr_expect(name_may_be_short(text_of(shorts[i])), "%s", shorts[i]);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		cr_expect(not(name_may_be_short(text_of(plain[i]))), "%s", plain[i]);
	}
}

struct folded_case {
	const char *rules, *action;
	enum verdict exact, folded;
};

/* clang-format off */
static const struct folded_case folded_cases[] = {
	{"allow read /m/**\ndeny read /m/**/secret", "read /m/a/SECRET", VERDICT_ALLOW, VERDICT_DENY},
	{"allow read /m/**\ndeny read /m/Secret", "read /m/sECRET", VERDICT_ALLOW, VERDICT_DENY},
	{"allow read /m/**\ndeny read /m/[A-C]x", "read /m/bX", VERDICT_ALLOW, VERDICT_DENY},
	{"allow read /m/**\nask read /m/*.KEY", "read /m/a.key", VERDICT_ALLOW, VERDICT_ASK},
	{"allow read /m/**\nforbid read /m/x/**", "read /M/X/y", VERDICT_ASK, VERDICT_FORBID},
	{"allow read /m/Readme", "read /m/README", VERDICT_ASK, VERDICT_ASK},
	{"allow read /m/**", "read /m/README", VERDICT_ALLOW, VERDICT_ALLOW},
	{"deny read /m/**\nallow read /m/ok", "read /m/ok", VERDICT_ALLOW, VERDICT_ALLOW},
	{"deny read /m/**\nallow read /m/ok", "read /m/OK", VERDICT_DENY, VERDICT_DENY},
	{"allow read /m/**", "read /m/LONGNA~1.TXT", VERDICT_ALLOW, VERDICT_ASK},
	{"allow read /m/**\nallow read /m/a~1", "read /m/a~1", VERDICT_ALLOW, VERDICT_ALLOW},
	{"allow exec /m/**\ndeny exec /m/tool", "exec /m/TOOL", VERDICT_ALLOW, VERDICT_DENY},
};
/* clang-format on */

Test(name_fold, has_rules_hold_for_every_spelling)
{
	const struct subject nobody = {0};

	for (size_t i = 0; i < sizeof(folded_cases) / sizeof(folded_cases[0]); i++) {
		const struct folded_case *c = &folded_cases[i];
		struct rule_index *index = index_of(c->rules);
		struct test_action test;
		set_action(&test, c->action);
		cr_expect(eq(int, (int)judge_text(index, c->action), (int)c->exact),
			"%s: %s", c->rules, c->action);
		test.action.ignores_case = true;
		struct judgement judgement =
			rule_index_judge(index, &test.action, &nobody, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->folded),
			"%s: %s, ignoring case", c->rules, c->action);
		rule_index_destroy(index);
	}
}

Test(name_fold, tells_which_rules_match_and_which_labels_are_given)
{
	struct rule_index *index =
		index_of("deny read /m/secret\nlabel private /m/diary");
	struct action action = {.verb = VERB_READ,
		.object = text_of("/m/SECRET"),
		.ignores_case = true};
	const struct subject nobody = {0};
	const struct rule *rules[2];
	const char *labels[2];

	cr_expect(eq(sz,
		rule_index_matches(index, &action, &nobody, TEST_NOW, rules, 2), 1));
	action.object = text_of("/m/Diary");
	cr_expect(eq(sz, rule_index_labels(index, &action, labels, 2), 1));
	action.ignores_case = false;
	cr_expect(eq(sz, rule_index_labels(index, &action, labels, 2), 0));
	rule_index_destroy(index);
}
