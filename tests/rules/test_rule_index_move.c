/* SPDX-License-Identifier: MIT */
/* What the rules say of one end of a folder's move. */
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct move_case {
	const char *rules;
	const char *here, *there;
	enum verdict verdict; /* ALLOW: nothing is stricter here than there */
};

#define ALL "allow write /**\n"

static const struct move_case move_cases[] = {
	{ALL, "/p/a", "/p/b", VERDICT_ALLOW},
	/* What is asked for in any folder goes along. */
	{ALL "ask write **/.env", "/p/a", "/p/b", VERDICT_ALLOW},
	{ALL "ask write /p/**/x/*.key", "/p/a", "/p/b", VERDICT_ALLOW},
	/* What hangs on the folder's own name does not. */
	{ALL "deny write **/.git/hooks/**", "/p/.git", "/p/x", VERDICT_DENY},
	{ALL "deny write **/.git/hooks/**", "/p/x", "/p/.git", VERDICT_ALLOW},
	{ALL "deny write **/.git/hooks/**", "/p/.git", "/p/sub/.git", VERDICT_ALLOW},
	{ALL "deny write /p/a/y", "/p/a", "/p/b", VERDICT_DENY},
	{ALL "deny write /p/a/y", "/p/b", "/p/a", VERDICT_ALLOW},
	{ALL "deny write /p/*/y", "/p/a", "/p/b", VERDICT_ALLOW},
	{ALL "deny write /p/*/y", "/p/a", "/p/b/c", VERDICT_DENY},
	{ALL "deny write /p/a*/y", "/p/ab", "/p/ac", VERDICT_ALLOW},
	{ALL "deny write /p/a*/y", "/p/ab", "/p/b", VERDICT_DENY},
	{ALL "ask write /p/**", "/p/a", "/q/a", VERDICT_ASK},
	{ALL "ask write /p/**", "/p/a", "/p/b", VERDICT_ALLOW},
	/* One that goes along does not hide another that is as strict. */
	{ALL "ask write **/x\nask write /p/a/y", "/p/a", "/p/b", VERDICT_ASK},
	{ALL "ask write **/x\nask write /p/a/y", "/p/b", "/p/a", VERDICT_ALLOW},
	/* Nor is one along where something better allows the same. */
	{ALL "ask write **/x\nallow write /p/b/x", "/p/a", "/p/b", VERDICT_ASK},
	{ALL "ask write **/x\nallow write /p/b/**", "/p/a", "/p/b", VERDICT_ALLOW},
	{ALL "ask write /p/**\nallow write /p/b/**", "/p/a", "/p/b", VERDICT_ASK},
};

static struct judgement judge_move(const struct rule_index *index, const char *here,
	const char *there, bool ignores_case)
{
	const struct folder ends[2] = {
		{text_of(here), ignores_case}, {text_of(there), ignores_case}};
	const struct subject nobody = {0};

	return rule_index_judge_move(index, VERB_WRITE, ends, &nobody, TEST_NOW);
}

Test(rule_index_move, sees_what_a_folder_is_moved_away_from)
{
	for (size_t i = 0; i < sizeof(move_cases) / sizeof(move_cases[0]); i++) {
		const struct move_case *c = &move_cases[i];
		struct rule_index *index = index_of(c->rules);
		struct judgement judgement =
			judge_move(index, c->here, c->there, false);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->verdict),
			"%s: %s, moved to %s", c->rules, c->here, c->there);
		rule_index_destroy(index);
	}
}

Test(rule_index_move, takes_no_heed_of_case_where_the_file_system_takes_none)
{
	struct rule_index *index = index_of(ALL "deny write **/.git/hooks/**");

	cr_expect(eq(int, (int)judge_move(index, "/p/.GIT", "/p/x", false).verdict,
		(int)VERDICT_ALLOW));
	cr_expect(eq(int, (int)judge_move(index, "/p/.GIT", "/p/x", true).verdict,
		(int)VERDICT_DENY));
	rule_index_destroy(index);
}

Test(rule_index_move, has_labels_of_the_folders_own_name_go_along)
{
	struct rule_index *index =
		index_of("label secret **/.ssh/**\nlabel own **/.env");
	const struct folder plain = {text_of("/home/u/plain"), false};
	const char *labels[4];

	cr_expect(eq(sz,
		rule_index_labels_below(index,
			(struct folder){text_of("/home/u/.ssh"), false}, plain, labels,
			4),
		1));
	cr_expect(eq(str, (char *)labels[0], "secret"));
	cr_expect(eq(sz,
		rule_index_labels_below(index,
			(struct folder){text_of("/home/u/.SSH"), true}, plain, labels,
			4),
		1));
	cr_expect(eq(sz,
		rule_index_labels_below(index,
			(struct folder){text_of("/home/u/.SSH"), false}, plain, labels,
			4),
		0));
	rule_index_destroy(index);
}

/* A symbolic link at the folder's name. */
static const struct {
	const char *rules;
	const char *name;
	enum verdict verdict;
} alias_cases[] = {
	{ALL, "/p/a", VERDICT_ALLOW},
	{ALL "deny write /p/a/y", "/p/a", VERDICT_DENY},
	{ALL "deny write /p/a/y", "/p", VERDICT_DENY},
	{ALL "deny write /p/a/y", "/p/b", VERDICT_ALLOW},
	{ALL "deny write /p/a/y", "/p/a/y", VERDICT_ALLOW}, /* by the action itself */
	{ALL "deny write /p/a/**/y", "/p/a", VERDICT_DENY},
	{ALL "deny write /p/a/**/y", "/p/a/b", VERDICT_ALLOW},
	{ALL "ask write **/CLAUDE.md", "/p/a", VERDICT_ALLOW},
	{ALL "ask write **/.git/hooks/**", "/p/.git", VERDICT_ASK},
	{ALL "ask write **/.git/hooks/**", "/p/.git/hooks", VERDICT_ASK},
	{ALL "ask write **/.git/hooks/**", "/p/git", VERDICT_ALLOW},
	{ALL "deny read /p/a/y", "/p/a", VERDICT_ALLOW},
};

Test(rule_index_move, sees_what_a_new_name_of_a_folder_stands_for)
{
	const struct subject nobody = {0};

	for (size_t i = 0; i < sizeof(alias_cases) / sizeof(alias_cases[0]); i++) {
		struct rule_index *index = index_of(alias_cases[i].rules);
		const struct folder folder = {text_of(alias_cases[i].name), false};
		struct judgement judgement =
			rule_index_judge_alias(index, folder, &nobody, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)alias_cases[i].verdict),
			"%s: %s", alias_cases[i].rules, alias_cases[i].name);
		rule_index_destroy(index);
	}
}
