/* SPDX-License-Identifier: MIT */
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

enum { ALL_FACTS = FACT_CODE | FACT_MCP | FACT_LABELS };

struct qualifier_case {
	const char *rules;
	struct subject subject;
	enum verdict verdict;
	unsigned missing;
};

#define TEXT(string)                                                                   \
	{                                                                              \
		string, sizeof(string) - 1                                             \
	}

static const struct text git[] = {TEXT("/usr/bin/bash"), TEXT("/usr/bin/git")};
static const struct text one_call[] = {TEXT("fs/read_file")};
static const struct text two_calls[] = {TEXT("fs/read_file"), TEXT("web/fetch")};
static const struct text labels[] = {TEXT("inner"), TEXT("secret")};
static const struct text files[] = {
	TEXT("/usr/lib/python3/os.py"), TEXT("/home/u/src/p/a.py")};

/* clang-format off */
static const struct qualifier_case cases[] = {
	/* by: the program or the script that it interprets */
	{"allow read /a by /usr/bin/x", {.program = TEXT("/usr/bin/x")}, VERDICT_ALLOW, 0},
	{"allow read /a by /usr/bin/x", {.program = TEXT("/usr/bin/y")}, VERDICT_ASK, 0},
	{"allow read /a by /usr/bin/*", {.program = TEXT("/usr/bin/y")}, VERDICT_ALLOW, 0},
	{"allow read /a by ~/s.py", {.program = TEXT("/usr/bin/python3"), .script = TEXT("/home/u/s.py")}, VERDICT_ALLOW, 0},
	/* under: a proper ancestor; what one ran before is no reason to allow */
	{"allow read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .ancestors = git, .ancestor_count = 2}, VERDICT_ALLOW, 0},
	{"allow read /a under /usr/bin/git", {.program = TEXT("/usr/bin/git"), .ancestors = git, .ancestor_count = 1}, VERDICT_ASK, 0},
	{"allow read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .formers = git, .former_count = 2}, VERDICT_ASK, 0},
	{"allow read /a\ndeny read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .formers = git, .former_count = 2}, VERDICT_DENY, 0},
	{"allow read /a\nask read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .formers = git, .former_count = 1}, VERDICT_ALLOW, 0},
	{"allow read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .ancestors = git, .ancestor_count = 2, .are_ancestors_unknown = true}, VERDICT_ASK, 0},
	{"allow read /a\ndeny read /a under /usr/bin/git", {.program = TEXT("/usr/bin/x"), .are_ancestors_unknown = true}, VERDICT_DENY, 0},
	/* via: allow needs all calls in flight to match, deny and ask any */
	{"allow read /a via mcp:fs", {.facts_known = ALL_FACTS, .mcp_calls = one_call, .mcp_call_count = 1}, VERDICT_ALLOW, 0},
	{"allow read /a via mcp:fs/read_file", {.facts_known = ALL_FACTS, .mcp_calls = one_call, .mcp_call_count = 1}, VERDICT_ALLOW, 0},
	{"allow read /a via mcp:fs/write_file", {.facts_known = ALL_FACTS, .mcp_calls = one_call, .mcp_call_count = 1}, VERDICT_ASK, 0},
	{"allow read /a via mcp:fs", {.facts_known = ALL_FACTS, .mcp_calls = two_calls, .mcp_call_count = 2}, VERDICT_ASK, 0},
	{"allow read /a\ndeny read /a via mcp:web", {.facts_known = ALL_FACTS, .mcp_calls = two_calls, .mcp_call_count = 2}, VERDICT_DENY, 0},
	{"allow read /a via mcp:fs", {.facts_known = ALL_FACTS}, VERDICT_ASK, 0},
	/* what a server does after its last answer: no reason to allow, and suspect */
	{"allow read /a via mcp:fs", {.facts_known = ALL_FACTS, .mcp_calls = one_call, .mcp_call_count = 1, .are_mcp_calls_ended = true}, VERDICT_ASK, 0},
	{"allow read /a\ndeny read /a via mcp:fs/read_file", {.facts_known = ALL_FACTS, .mcp_calls = one_call, .mcp_call_count = 1, .are_mcp_calls_ended = true}, VERDICT_DENY, 0},
	/* code */
	{"allow read /a\ndeny read /a code generated", {.facts_known = ALL_FACTS, .code = CODE_GENERATED}, VERDICT_DENY, 0},
	{"allow read /a\ndeny read /a code generated", {.facts_known = ALL_FACTS, .code = CODE_FILES}, VERDICT_ALLOW, 0},
	{"allow read /a\ndeny read /a code generated", {.facts_known = ALL_FACTS, .code = CODE_NONE}, VERDICT_ALLOW, 0},
	{"allow read /a\ndeny read /a code generated", {.facts_known = ALL_FACTS, .code = CODE_UNKNOWN}, VERDICT_DENY, 0},
	{"allow read /a code generated", {.facts_known = ALL_FACTS, .code = CODE_UNKNOWN}, VERDICT_ASK, 0},
	{"allow read /a code {project}/a.py", {.facts_known = ALL_FACTS, .code = CODE_FILES, .code_files = files, .code_file_count = 2}, VERDICT_ALLOW, 0},
	{"allow read /a code {project}/b.py", {.facts_known = ALL_FACTS, .code = CODE_FILES, .code_files = files, .code_file_count = 2}, VERDICT_ASK, 0},
	{"allow read /a code {project}/a.py", {.facts_known = ALL_FACTS, .code = CODE_GENERATED, .code_files = files, .code_file_count = 2}, VERDICT_ASK, 0},
	{"allow read /a\nask read /a code {project}/a.py", {.facts_known = ALL_FACTS, .code = CODE_GENERATED, .code_files = files, .code_file_count = 2}, VERDICT_ASK, 0},
	/* after */
	{"allow read /a\nask read /a after secret", {.facts_known = ALL_FACTS, .labels = labels, .label_count = 2}, VERDICT_ASK, 0},
	{"allow read /a\nask read /a after secret", {.facts_known = ALL_FACTS, .labels = labels, .label_count = 1}, VERDICT_ALLOW, 0},
	/* several qualifiers all hold */
	{"allow read /a by /usr/bin/x after secret", {.program = TEXT("/usr/bin/x"), .facts_known = ALL_FACTS, .labels = labels, .label_count = 1}, VERDICT_ASK, 0},
	/* unknown facts: the strict case, and what would settle it */
	{"allow read /a\ndeny read /a code generated", {.facts_known = 0}, VERDICT_DENY, FACT_CODE},
	{"allow read /a code generated", {.facts_known = 0}, VERDICT_ASK, FACT_CODE},
	{"allow read /a\ndeny read /a after secret", {.facts_known = 0}, VERDICT_DENY, FACT_LABELS},
	{"ask read /a\ndeny read /a via mcp:fs after secret", {.facts_known = 0}, VERDICT_DENY, FACT_MCP | FACT_LABELS},
	{"ask read /a\ndeny read /a via mcp:fs after secret", {.facts_known = FACT_LABELS, .labels = labels, .label_count = 1}, VERDICT_ASK, 0},
	{"ask read /a\ndeny read /a via mcp:fs after secret", {.facts_known = FACT_LABELS, .labels = labels, .label_count = 2}, VERDICT_DENY, FACT_MCP},
	/* facts that could not change the verdict are not missing */
	{"deny read /a\ndeny read /a code generated", {.facts_known = 0}, VERDICT_DENY, 0},
	{"allow read /a\ndeny read /* code generated", {.facts_known = 0}, VERDICT_ALLOW, 0},
	{"allow read /a by /usr/bin/x\ndeny read /a code generated by /usr/bin/y", {.program = TEXT("/usr/bin/x")}, VERDICT_ALLOW, 0},
	{"forbid read /a\nallow read /a after secret", {.facts_known = 0}, VERDICT_FORBID, 0},
	{"allow write /a\ndeny write /a code generated", {.facts_known = 0}, VERDICT_ASK, 0},
	/* one that agrees stands before one that does not: both are needed */
	{"allow read /a\nallow read /a after x by /usr/bin/x\ndeny read /a code generated", {.program = TEXT("/usr/bin/x")}, VERDICT_DENY, FACT_LABELS | FACT_CODE},
	/* a weaker doubt does not hide a stricter certainty */
	{"deny read /a\nask read /a after secret", {.facts_known = 0}, VERDICT_DENY, FACT_LABELS},
};
/* clang-format on */

Test(qualifier, holds_or_stays_open)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct qualifier_case *c = &cases[i];
		struct rule_index *index = index_of(c->rules);
		struct judgement judgement =
			judge_as(index, "read /a", &c->subject, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->verdict), "%zu: %s",
			i, c->rules);
		cr_expect(eq(u32, judgement.facts_missing, c->missing), "%zu: %s", i,
			c->rules);
		rule_index_destroy(index);
	}
}

Test(qualifier, says_which_facts_any_rule_uses)
{
	struct rule_index *none = index_of("allow read /a by /x until 2100-01-01");
	struct rule_index *some =
		index_of("ask read /a code generated\nask read /b via mcp:x");

	cr_expect(eq(u32, rule_index_facts_used(none), 0));
	cr_expect(eq(u32, rule_index_facts_used(some), FACT_CODE | FACT_MCP));
	rule_index_destroy(none);
	rule_index_destroy(some);
}

struct scope_case {
	enum scope scope;
	int64_t pid;
	const char *program, *script;
	enum verdict verdict;
};

static const struct scope_case scope_cases[] = {
	{SCOPE_PROCESS, 10, NULL, NULL, VERDICT_ALLOW},
	{SCOPE_PROCESS, 11, NULL, NULL, VERDICT_ASK},
	{SCOPE_PROCESS, 12, NULL, NULL, VERDICT_ASK},
	{SCOPE_ONCE, 10, NULL, NULL, VERDICT_ALLOW},
	{SCOPE_ONCE, 12, NULL, NULL, VERDICT_ALLOW},
	{SCOPE_ONCE, 11, NULL, NULL, VERDICT_ASK},
	{SCOPE_SESSION, 0, NULL, NULL, VERDICT_ALLOW},
	{SCOPE_PROGRAM, 0, "/usr/bin/python3", NULL, VERDICT_ALLOW},
	{SCOPE_PROGRAM, 0, "/usr/bin/python3", "/home/u/s.py", VERDICT_ALLOW},
	{SCOPE_PROGRAM, 0, "/usr/bin/python3", "/home/u/t.py", VERDICT_ASK},
	{SCOPE_PROGRAM, 0, "/usr/bin/perl", NULL, VERDICT_ASK},
};

Test(qualifier, keeps_rules_to_their_process_and_program)
{
	struct subject subject = {.program = TEXT("/usr/bin/python3"),
		.script = TEXT("/home/u/s.py"),
		.pid = 10,
		.tid = 12};

	for (size_t i = 0; i < sizeof(scope_cases) / sizeof(scope_cases[0]); i++) {
		const struct scope_case *c = &scope_cases[i];
		struct rule_list list = {0};
		add_rules(&list, ORIGIN_PERSON, "allow read /a");
		list.rules[0].scope = c->scope;
		list.rules[0].pid = c->pid;
		list.rules[0].program =
			c->program ? text_copy(text_of(c->program)) : NULL;
		list.rules[0].script = c->script ? text_copy(text_of(c->script)) : NULL;
		struct rule_index *index = rule_index_create(&list, &test_variables);
		struct judgement judgement =
			judge_as(index, "read /a", &subject, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->verdict), "%zu", i);
		rule_index_destroy(index);
		rule_list_finish(&list);
	}
}
