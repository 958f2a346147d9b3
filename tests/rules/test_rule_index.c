/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

struct match_case {
	const char *rule; /* allow … */
	const char *action;
	bool matches;
};

/* clang-format off */
static const struct match_case match_cases[] = {
	{"allow read /usr/**", "read /usr/lib/x", true},
	{"allow read /usr/**", "read /usr", true},
	{"allow read /usr/**", "read /usrx", false},
	{"allow read /usr/**", "write /usr/lib/x", false},
	{"allow read /usr/*", "read /usr/lib", true},
	{"allow read /usr/*", "read /usr/lib/x", false},
	{"allow read /usr/*", "read /usr", false},
	{"allow read /*", "read /", false},
	{"allow read /", "read /", true},
	{"allow read /**", "read /", true},
	{"allow read /a/**/z", "read /a/z", true},
	{"allow read /a/**/z", "read /a/b/c/z", true},
	{"allow read /a/**/z", "read /a/b/c/zz", false},
	{"allow read **/.env", "read /x/y/.env", true},
	{"allow read **/.env", "read /.env", true},
	{"allow read **/a/**/a/**/b", "read /a/a/a/a/a/a/c", false},
	{"allow read **/a/**/a/**/b", "read /a/a/a/a/a/a/b", true},
	{"allow read /x*y", "read /xy", true},
	{"allow read /x*y", "read /x/y", false},
	{"allow read /??", "read /\xc3\xa9z", true},
	{"allow read /?", "read /\xc3\xa9", true},
	{"allow read /?", "read /ab", false},
	{"allow read /[a-c]", "read /b", true},
	{"allow read /[!a-c]", "read /b", false},
	{"allow read /[!a-c]", "read /\xc3\xa9", true},
	{"allow read /[\\]-]", "read /-", true},
	{"allow read /[\\]-]", "read /]", true},
	{"allow read /[\\]-]", "read /a", false},
	{"allow read /\\*", "read /x", false},
	{"allow read /\\*", "read /*", true},
	{"allow read ~/x", "read /home/u/x", true},
	{"allow read {home}/x", "read /home/u/x", true},
	{"allow read {project}/**", "read /home/u/src/p/a", true},
	{"allow read {project}/**", "read /home/u/src/pa", false},
	{"allow read {tmp}/*", "read /tmp/duenna-1/x", true},
	{"allow any /a", "exec /a", true},
	{"allow any /a", "signal /a", true},
	{"allow any *", "connect 1.2.3.4:5", true},
	{"allow any *", "connect unix:@x", true},
	{"allow any *", "system mount", true},
	{"allow exec /bin/git", "exec /bin/git push", true},
	{"allow exec /bin/git push", "exec /bin/git push", true},
	{"allow exec /bin/git push", "exec /bin/git push -f", false},
	{"allow exec /bin/git push **", "exec /bin/git push", true},
	{"allow exec /bin/git push **", "exec /bin/git push a b", true},
	{"allow exec /bin/git push **", "exec /bin/git pull", false},
	{"allow exec /bin/git * origin", "exec /bin/git push origin", true},
	{"allow exec /bin/git p*h", "exec /bin/git pu/sh", true},
	{"allow exec /bin/git *", "exec /bin/git ", true},
	{"allow exec /bin/git *", "exec /bin/git", false},
	{"allow exec /bin/git ()", "exec /bin/git", true},
	{"allow exec /bin/git ()", "exec /bin/git x", false},
	{"allow exec /bin/* push", "exec /bin/git push", true},
	{"allow exec * push **", "exec /bin/git push x", true},
	{"allow exec * push **", "exec /bin/git pull x", false},
	{"allow exec /bin/x {project}/a", "exec /bin/x /home/u/src/p/a", true},
	{"allow connect example.com:443", "connect example.com:443", true},
	{"allow connect example.com:443", "connect EXAMPLE.com:443", true},
	{"allow connect example.com:443", "connect example.com:80", false},
	{"allow connect example.com:443", "connect a.example.com:443", false},
	{"allow connect *.example.com:*", "connect a.b.example.com:1", true},
	{"allow connect *.example.com:*", "connect example.com:1", false},
	{"allow connect *.example.com:*", "connect aexample.com:1", false},
	{"allow connect 10.0.0.0/8:80-90", "connect 10.9.9.9:85", true},
	{"allow connect 10.0.0.0/8:80-90", "connect 10.9.9.9:91", false},
	{"allow connect 10.0.0.0/8:80-90", "connect 11.0.0.0:85", false},
	{"allow connect 10.0.0.0/9:*", "connect 10.127.0.1:1", true},
	{"allow connect 10.0.0.0/9:*", "connect 10.128.0.1:1", false},
	{"allow connect 0.0.0.0/0:*", "connect 8.8.8.8:53", true},
	{"allow connect 0.0.0.0/0:*", "connect [::1]:53", false},
	{"allow connect [2001:db8::]/32:*", "connect [2001:db8:1::7]:1", true},
	{"allow connect [2001:db8::]/32:*", "connect [2001:db9::]:1", false},
	{"allow connect [::1]:80", "connect [::1]:80", true},
	{"allow connect 1.2.3.4:80", "connect [::ffff:1.2.3.4]:80", true},
	{"allow connect *:443", "connect example.com:443", true},
	{"allow connect *:443", "connect unix:/x", false},
	{"allow connect tcp/*:443", "connect 1.2.3.4:443", false},
	{"allow connect tcp/*:443", "connect tcp/1.2.3.4:443", true},
	{"allow connect udp/*:443", "connect tcp/1.2.3.4:443", false},
	{"allow connect localhost:3000", "connect 127.0.0.1:3000", true},
	{"allow connect localhost:3000", "connect [::1]:3000", true},
	{"allow connect localhost:3000", "connect localhost:3000", true},
	{"allow connect unix:/run/*.sock", "connect unix:/run/a.sock", true},
	{"allow connect unix:/run/*.sock", "connect unix:@/run/a.sock", false},
	{"allow connect unix:*", "connect unix:/a/b/c", true},
	{"allow connect unix:@*", "connect unix:@/a/b/c", true},
	{"allow connect unix:@*", "connect unix:/a", false},
	{"allow connect unix:@/tmp/.X11-unix/X*", "connect unix:@/tmp/.X11-unix/X0", true},
	{"allow listen netlink:route", "listen netlink:route", true},
	{"allow listen netlink:*", "listen netlink:audit", true},
	{"allow connect vsock:2:*", "connect vsock:2:1024", true},
	{"allow connect vsock:2:*", "connect vsock:3:1024", false},
	{"allow listen *:8080", "listen 0.0.0.0:8080", true},
	{"allow system mount", "system mount", true},
	{"allow system mount", "system umount", false},
	{"allow mcp fs/read_*", "mcp fs/read_file", true},
	{"allow mcp fs/*", "mcp fs/read_file", true},
	{"allow mcp fs/*", "mcp db/read_file", false},
	{"allow mcp *", "mcp db/x", true},
	{"allow signal /usr/bin/**", "signal /usr/bin/vim", true},
	{"allow inspect ~/x", "inspect /home/u/x", true},
};
/* clang-format on */

Test(rule_index, matches_what_the_pattern_says)
{
	for (size_t i = 0; i < sizeof(match_cases) / sizeof(match_cases[0]); i++) {
		const struct match_case *c = &match_cases[i];
		struct rule_index *index = index_of(c->rule);
		bool matches = judge_text(index, c->action) == VERDICT_ALLOW;
		bool is_right = matches == c->matches;
		cr_expect(is_right, "%s: %s", c->rule, c->action);
		rule_index_destroy(index);
	}
}

struct order_case {
	const char *better;
	const char *worse;
	const char *action;
	const char *reason;
};

/* Each pair in both orders: the place in the file never counts. */
/* clang-format off */
static const struct order_case order_cases[] = {
	{"forbid read /a/**", "allow read /a/b", "read /a/b", "forbid comes before everything else"},
	{"allow read /a/b", "deny read /a/*", "read /a/b", "its object is more specific: it has no wildcard"},
	{"allow read **/b.c", "deny read /a/x/*", "read /a/x/b.c", "its object is more specific: its last segment has literal text"},
	{"allow read /a/*.c", "deny read /a/*", "read /a/b.c", "its object is more specific: its last segment has literal text"},
	{"allow read /a/*", "deny read /a/**", "read /a/b", "its object is more specific: it ends in *, the other's in ** or less"},
	{"allow read /**", "deny read *", "read /a/b", "its object is more specific: the other's is * alone"},
	{"allow read /a/b/**", "deny read /a/**", "read /a/b/c", "its object is more specific: it has more literal segments before the first wildcard"},
	{"allow read {project}/**", "deny read ~/src/**", "read /home/u/src/p/x", "its object is more specific: it has more literal segments before the first wildcard"},
	{"allow read /*/bcd", "deny read /*/b*d", "read /a/bcd", "its object is more specific: it has more literal characters"},
	{"allow read /a/*/c/b", "deny read /a/**/c/b", "read /a/x/c/b", "its object is more specific: it has fewer **"},
	{"allow read /?b", "deny read /*b", "read /ab", "its object is more specific: it has fewer *"},
	{"allow read /[ab]b", "deny read /?*b", "read /ab", "its object is more specific: it has fewer *"},
	{"allow read /b*", "deny read /b?*", "read /bc", "its object is more specific: it has fewer ? and [ ]"},
	{"allow read /a by /usr/bin/agent", "deny read /a", "read /a", "the objects are equally specific, and it has more qualifiers (1 against 0)"},
	{"deny read /a", "allow read /a", "read /a", "all else is equal, and deny is stricter than allow"},
	{"deny read /a", "ask read /a", "read /a", "all else is equal, and deny is stricter than ask"},
	{"ask read /a", "allow read /a", "read /a", "all else is equal, and ask is stricter than allow"},
	{"allow connect a.example.com:*", "deny connect *.example.com:443", "connect a.example.com:443", "its object is more specific: one name before a suffix or network"},
	{"allow connect 10.1.1.1:*", "deny connect 10.0.0.0/8:443", "connect 10.1.1.1:443", "its object is more specific: one address before a suffix or network"},
	{"allow connect *.a.example.com:*", "deny connect *.example.com:443", "connect x.a.example.com:443", "its object is more specific: the suffix is longer"},
	{"allow connect 10.1.0.0/16:*", "deny connect 10.0.0.0/8:443", "connect 10.1.1.1:443", "its object is more specific: the network is smaller"},
	{"allow connect 10.0.0.0/8:*", "deny connect *:443", "connect 10.1.1.1:443", "its object is more specific: a network before any host"},
	{"allow connect *:443", "deny connect *:400-500", "connect 10.1.1.1:443", "its object is more specific: it has fewer ports"},
	{"allow connect *:440-450", "deny connect *:400-500", "connect 10.1.1.1:443", "its object is more specific: it has fewer ports"},
	{"allow connect *:400-500", "deny connect *:*", "connect 10.1.1.1:443", "its object is more specific: it has fewer ports"},
	{"allow connect *:*", "deny connect *", "connect 10.1.1.1:443", "its object is more specific: the other's is * alone"},
	{"allow connect tcp/*:443", "deny connect *:443", "connect tcp/10.1.1.1:443", "its object is more specific: it names the protocol"},
	{"allow connect unix:/a/*", "deny connect unix:/**", "connect unix:/a/b", "its object is more specific: it ends in *, the other's in ** or less"},
	{"allow exec /bin/git", "deny exec /bin/* push", "exec /bin/git push", "its object is more specific: it has no wildcard"},
	{"allow exec /bin/git push **", "deny exec /bin/git", "exec /bin/git push x", "its arguments are more specific: more literal ones before the first wildcard"},
	{"allow exec /bin/git push **", "deny exec /bin/git * origin", "exec /bin/git push origin", "its arguments are more specific: more literal ones before the first wildcard"},
	{"allow exec /bin/git * a b", "deny exec /bin/git * a *", "exec /bin/git x a b", "its arguments are more specific: more literal ones"},
	{"allow exec /bin/git push", "deny exec /bin/git push **", "exec /bin/git push", "its arguments are more specific: they do not end in **"},
	{"allow exec /bin/git push * **", "deny exec /bin/git push **", "exec /bin/git push x", "its arguments are more specific: there are more of them"},
	{"allow exec /bin/git p*", "deny exec /bin/git *", "exec /bin/git push", "its arguments are more specific: they have more literal characters"},
	{"allow mcp fs/read", "deny mcp fs/*", "mcp fs/read", "its object is more specific: it has no wildcard"},
};
/* clang-format on */

static void expect_order(
	const struct order_case *c, const char *first, const char *second)
{
	char *text = xasprintf("%s\n%s\n", first, second);
	struct rule_index *index = index_of(text);
	struct subject subject = {.program = text_of("/usr/bin/agent"),
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS,
		.code = CODE_NONE};
	struct judgement judgement = judge_as(index, c->action, &subject, TEST_NOW);
	char reason[256] = "";

	enum verdict verdict;
	const char *space = strchr(c->better, ' ');
	cr_assert(verdict_from_name(
		(struct text){c->better, (size_t)(space - c->better)}, &verdict));
	bool is_better = judgement.verdict == verdict && judgement.facts_missing == 0;
	cr_expect(is_better, "%s | %s", c->better, c->worse);
	cr_assert(ne(ptr, (void *)judgement.rule, NULL));
	const struct rule *rules[2] = {NULL, NULL};
	size_t count = matches_as(index, c->action, &subject, rules, 2);
	cr_assert(eq(sz, count, 2), "%s | %s", c->better, c->worse);
	const struct rule *other = rules[1];
	rule_index_explain(index, judgement.rule, other, reason, sizeof(reason));
	cr_expect(eq(str, reason, (char *)c->reason), "%s | %s", c->better, c->worse);
	rule_index_destroy(index);
	free(text);
}

Test(rule_index, takes_the_rule_that_comes_first_in_either_order_of_writing)
{
	for (size_t i = 0; i < sizeof(order_cases) / sizeof(order_cases[0]); i++) {
		expect_order(
			&order_cases[i], order_cases[i].better, order_cases[i].worse);
		expect_order(
			&order_cases[i], order_cases[i].worse, order_cases[i].better);
	}
}

struct origin_case {
	enum rule_origin first_origin;
	const char *first;
	enum rule_origin second_origin;
	const char *second;
	enum verdict verdict;
};

static const struct origin_case origin_cases[] = {
	{ORIGIN_PERSON, "allow read /a", ORIGIN_FILE, "deny read /a", VERDICT_ALLOW},
	{ORIGIN_FILE, "allow read /a", ORIGIN_PROFILE, "deny read /a", VERDICT_ALLOW},
	{ORIGIN_PERSON, "allow read /a", ORIGIN_PROFILE, "ask read /a", VERDICT_ALLOW},
	{ORIGIN_PERSON, "deny read /a", ORIGIN_FILE, "allow read /a", VERDICT_DENY},
	{ORIGIN_PERSON, "deny read /a", ORIGIN_BUILT_IN, "allow read /a", VERDICT_DENY},
	{ORIGIN_PERSON, "deny read /a", ORIGIN_PERSON, "allow read /a", VERDICT_DENY},
	{ORIGIN_PERSON, "allow read /a", ORIGIN_BUILT_IN, "forbid read /**",
		VERDICT_FORBID},
	{ORIGIN_PERSON, "deny read /a/**", ORIGIN_FILE, "allow read /a/b",
		VERDICT_DENY},
	/* A repository only tightens. */
	{ORIGIN_FILE, "ask read /a", ORIGIN_REPOSITORY, "allow read /a", VERDICT_ASK},
	{ORIGIN_FILE, "allow read /a", ORIGIN_REPOSITORY, "deny read /**",
		VERDICT_DENY},
	{ORIGIN_FILE, "allow read /a", ORIGIN_REPOSITORY, "ask read *", VERDICT_ASK},
	{ORIGIN_FILE, "allow read /a", ORIGIN_REPOSITORY, "allow read *",
		VERDICT_ALLOW},
	{ORIGIN_FILE, "allow read /a", ORIGIN_REPOSITORY, "deny read /b",
		VERDICT_ALLOW},
	{ORIGIN_FILE, "deny read /a", ORIGIN_REPOSITORY, "allow read /a", VERDICT_DENY},
	{ORIGIN_FILE, "deny read /b", ORIGIN_REPOSITORY, "allow read /a", VERDICT_ASK},
};

Test(rule_index, weighs_origins_and_lets_repositories_only_tighten)
{
	for (size_t i = 0; i < sizeof(origin_cases) / sizeof(origin_cases[0]); i++) {
		const struct origin_case *c = &origin_cases[i];
		struct rule_list list = {0};
		add_rules(&list, c->first_origin, c->first);
		add_rules(&list, c->second_origin, c->second);
		struct rule_index *index = rule_index_create(&list, &test_variables);
		bool is_deep = strstr(c->second, "/a/b") != NULL;
		enum verdict verdict =
			judge_text(index, is_deep ? "read /a/c" : "read /a");
		cr_expect(eq(int, (int)verdict, (int)c->verdict), "%s | %s", c->first,
			c->second);
		rule_index_destroy(index);
		rule_list_finish(&list);
	}
}

Test(rule_index, judges_a_repository_alone)
{
	struct rule_list list = {0};

	/* Its specific allow beats its own general deny, but tells nothing of ours. */
	add_rules(&list, ORIGIN_FILE, "allow read /**");
	add_rules(&list, ORIGIN_REPOSITORY, "deny read /a/**\nallow read /a/b");
	struct rule_index *index = rule_index_create(&list, &test_variables);
	cr_expect(eq(int, (int)judge_text(index, "read /a/b"), (int)VERDICT_ALLOW));
	cr_expect(eq(int, (int)judge_text(index, "read /a/c"), (int)VERDICT_DENY));
	rule_index_destroy(index);
	rule_list_finish(&list);
}

Test(rule_index, asks_when_nothing_matches)
{
	struct rule_index *index = index_of("allow read /a");
	struct rule_index *empty = index_of("");

	cr_expect(eq(int, (int)judge_text(index, "read /b"), (int)VERDICT_ASK));
	cr_expect(eq(int, (int)judge_text(empty, "exec /b c"), (int)VERDICT_ASK));
	cr_expect(eq(sz, rule_index_count(empty), 0));
	rule_index_destroy(index);
	rule_index_destroy(empty);
}

Test(rule_index, ends_rules_at_their_time)
{
	struct rule_index *index = index_of("allow read /a until 2027-01-15");
	struct subject subject = {0};
	/* TEST_NOW is 08:00 of that day; it ends 16 hours later. */
	enum { REST = 16 * 3600 };

	struct judgement last =
		judge_as(index, "read /a", &subject, TEST_NOW + REST - 1);
	struct judgement gone = judge_as(index, "read /a", &subject, TEST_NOW + REST);
	cr_expect(eq(int, (int)last.verdict, (int)VERDICT_ALLOW));
	cr_expect(eq(int, (int)gone.verdict, (int)VERDICT_ASK));
	rule_index_destroy(index);
}

Test(rule_index, takes_the_strictest_of_several_names)
{
	struct rule_index *index = index_of(
		"allow connect good.example.com:443\ndeny connect bad.example.com:443");
	struct text names[] = {text_of("good.example.com"), text_of("bad.example.com"),
		text_of("other.example.com")};
	struct subject subject = {0};
	struct action action = {.verb = VERB_CONNECT,
		.object = text_of("192.0.2.1:443"),
		.endpoint = {.family = ENDPOINT_IPV4,
			.address = {192, 0, 2, 1},
			.port = 443,
			.names = names,
			.name_count = 1}};

	struct judgement one = rule_index_judge(index, &action, &subject, TEST_NOW);
	action.endpoint.name_count = 2;
	struct judgement two = rule_index_judge(index, &action, &subject, TEST_NOW);
	names[1] = names[2];
	struct judgement unknown = rule_index_judge(index, &action, &subject, TEST_NOW);
	cr_expect(eq(int, (int)one.verdict, (int)VERDICT_ALLOW));
	cr_expect(eq(int, (int)two.verdict, (int)VERDICT_DENY));
	cr_expect(eq(int, (int)unknown.verdict, (int)VERDICT_ASK));
	rule_index_destroy(index);
}

struct below_case {
	const char *rules;
	const char *folder;
	enum verdict verdict;
};

static const struct below_case below_cases[] = {
	{"allow write /p/**", "/p/a", VERDICT_ALLOW},
	{"allow write /p/**\ndeny write /p/a/.git/**", "/p/a", VERDICT_DENY},
	{"allow write /p/**\ndeny write /p/b/.git/**", "/p/a", VERDICT_ALLOW},
	{"allow write /p/**\nask write **/.env", "/p/a", VERDICT_ASK},
	{"allow write /p/**\nask read **/.env", "/p/a", VERDICT_ALLOW},
	{"deny write /p/**\nallow write /p/a/**", "/p/a", VERDICT_ALLOW},
	{"allow write /p/a", "/p/a", VERDICT_ASK},
	{"allow write /p/*", "/p/a", VERDICT_ASK},
	{"allow write /p/**\ndeny write /p/a", "/p/a", VERDICT_DENY},
	{"allow write /p/**\ndeny write /p/*/x", "/p/a", VERDICT_DENY},
	{"allow write /p/**\ndeny write /p/[ab]/x", "/p/c", VERDICT_ALLOW},
	{"allow write /p/**\ndeny write /p/[ab]/x", "/p/b", VERDICT_DENY},
	{"allow write /p/**\ndeny write *", "/p/b", VERDICT_ALLOW},
	{"allow write *\nforbid write /p/b/c/d/e/f", "/p/b", VERDICT_FORBID},
	{"allow write /**\ndeny write /a", "/", VERDICT_DENY},
};

static struct folder plain_folder(const char *name)
{
	return (struct folder){text_of(name), false};
}

Test(rule_index, sees_stricter_rules_below_a_moved_folder)
{
	struct subject subject = {0};

	for (size_t i = 0; i < sizeof(below_cases) / sizeof(below_cases[0]); i++) {
		const struct below_case *c = &below_cases[i];
		struct rule_index *index = index_of(c->rules);
		struct judgement judgement = rule_index_judge_below(
			index, VERB_WRITE, plain_folder(c->folder), &subject, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->verdict), "%s: %s",
			c->rules, c->folder);
		rule_index_destroy(index);
	}
}

static const struct below_case named_below_cases[] = {
	{"allow write /p/**\nask write **/x", "/p/a", VERDICT_ALLOW},
	{"allow write /p/**\nask write **/x\nask write /p/a/y", "/p/a", VERDICT_ASK},
	{"allow write /p/**\nask write /p/a/y\nask write **/x", "/p/a", VERDICT_ASK},
	{"allow write /p/**\nask write **/x\nask write /p/a/y", "/p/b", VERDICT_ALLOW},
	{"allow write /p/**\ndeny write **/x", "/p/a", VERDICT_DENY},
	{"ask write **/x", "/p/a", VERDICT_ASK},
};

Test(rule_index, sees_named_rules_below_a_folder)
{
	struct subject subject = {0};

	for (size_t i = 0; i < sizeof(named_below_cases) / sizeof(named_below_cases[0]);
		i++) {
		const struct below_case *c = &named_below_cases[i];
		struct rule_index *index = index_of(c->rules);
		struct judgement judgement = rule_index_judge_named_below(
			index, VERB_WRITE, plain_folder(c->folder), &subject, TEST_NOW);
		cr_expect(eq(int, (int)judgement.verdict, (int)c->verdict), "%s: %s",
			c->rules, c->folder);
		rule_index_destroy(index);
	}
}

Test(rule_index, lists_all_matches_best_first)
{
	struct rule_index *index =
		index_of("deny read *\nallow read /a/b\nask read /a/*\nallow read /c");
	struct subject subject = {0};
	struct action action = {.verb = VERB_READ, .object = text_of("/a/b")};
	const struct rule *rules[8];

	size_t count = rule_index_matches(index, &action, &subject, TEST_NOW, rules, 8);
	cr_assert(eq(sz, count, 3));
	cr_expect(eq(str, rules[0]->pattern, "/a/b"));
	cr_expect(eq(str, rules[1]->pattern, "/a/*"));
	cr_expect(eq(str, rules[2]->pattern, "*"));
	cr_expect(eq(sz,
		rule_index_matches(index, &action, &subject, TEST_NOW, rules, 1), 1));
	rule_index_destroy(index);
}

Test(rule_index, gives_the_labels_of_an_object)
{
	struct rule_index *index = index_of("label secret ~/.ssh/**\n"
					    "label secret ~/.ssh/id*\n"
					    "label inner *.corp.example:*\n");
	struct action key = {
		.verb = VERB_READ, .object = text_of("/home/u/.ssh/id_rsa")};
	struct action other = {.verb = VERB_READ, .object = text_of("/etc/passwd")};
	const char *labels[4];

	cr_assert(eq(sz, rule_index_labels(index, &key, labels, 4), 1));
	cr_expect(eq(str, (char *)labels[0], "secret"));
	cr_expect(eq(sz, rule_index_labels(index, &other, labels, 4), 0));
	cr_expect(eq(sz, rule_index_count(index), 0));
	rule_index_destroy(index);
}

Test(rule_index, gives_the_labels_that_a_moved_folder_takes_along)
{
	struct rule_index *index = index_of("label secret ~/.ssh/id*\n"
					    "label settings **/.env\n");
	const char *labels[4];

	cr_assert(eq(sz,
		rule_index_labels_below(index, plain_folder("/home/u/.ssh"),
			plain_folder("/home/u/plain"), labels, 4),
		1));
	cr_expect(eq(str, (char *)labels[0], "secret"));
	cr_expect(eq(sz,
		rule_index_labels_below(index, plain_folder("/home/u/src"),
			plain_folder("/home/u/[a]*"), labels, 4),
		0));
	rule_index_destroy(index);
}

Test(rule_index, leaves_out_rules_whose_variable_has_no_value)
{
	struct rule_list list = {0};
	struct rule_variables no_tmp = {"/home/u", "/p", NULL};

	add_rules(&list, ORIGIN_FILE, "allow read {tmp}/**\nallow read /b by {tmp}/x");
	struct rule_index *index = rule_index_create(&list, &no_tmp);
	cr_expect(eq(sz, rule_index_count(index), 0));
	rule_index_destroy(index);
	rule_list_finish(&list);
}

Test(rule_index, puts_the_root_folder_into_patterns)
{
	struct rule_list list = {0};
	struct rule_variables root = {"/", "/", "/tmp"};

	add_rules(&list, ORIGIN_FILE, "allow read ~/x\nallow read {project}\n");
	struct rule_index *index = rule_index_create(&list, &root);
	cr_expect(eq(int, (int)judge_text(index, "read /x"), (int)VERDICT_ALLOW));
	cr_expect(eq(int, (int)judge_text(index, "read /"), (int)VERDICT_ALLOW));
	rule_index_destroy(index);
	rule_list_finish(&list);
}

/* A small generator: the same numbers in every run. */
static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16;
}

/* Few different segments, so that patterns and paths meet often. */
static void random_path(unsigned *state, bool is_pattern, char *path, size_t size)
{
	static const char *const plain[] = {"a", "b", "ab", "c"};
	static const char *const wild[] = {"*", "**", "a*", "?", "[ab]", "*b"};
	unsigned segments = 1 + next_random(state) % 5;
	size_t used = 0;

	for (unsigned i = 0; i < segments; i++) {
		const char *segment = is_pattern && next_random(state) % 2
					      ? wild[next_random(state) % 6]
					      : plain[next_random(state) % 4];
		used += (size_t)snprintf(path + used, size - used, "/%s", segment);
	}
}

static enum verdict slow_verdict(const struct rule_index *index,
	const struct rule_list *list, const struct action *action)
{
	const struct rule *rules[256];
	struct subject subject = {0};
	size_t count = rule_index_matches(
		index, action, &subject, TEST_NOW, rules, list->count);

	return count > 0 ? rules[0]->verdict : VERDICT_ASK;
}

Test(rule_index, agrees_with_looking_at_every_rule, .timeout = 120)
{
	unsigned state = 7;

	for (int round = 0; round < 300; round++) {
		struct rule_list list = {0};
		for (int i = 0; i < 100; i++) {
			static const char *const verdicts[] = {"allow", "ask", "deny"};
			char pattern[64];
			char line[96];
			random_path(&state, true, pattern, sizeof(pattern));
			(void)snprintf(line, sizeof(line), "%s read %s",
				verdicts[next_random(&state) % 3], pattern);
			add_rules(&list, ORIGIN_FILE, line);
		}
		struct rule_index *index = rule_index_create(&list, &test_variables);
		for (int i = 0; i < 100; i++) {
			char path[64];
			char line[96];
			random_path(&state, false, path, sizeof(path));
			(void)snprintf(line, sizeof(line), "read %s", path);
			struct action action = {
				.verb = VERB_READ, .object = text_of(path)};
			enum verdict expected = slow_verdict(index, &list, &action);
			cr_assert(eq(int, (int)judge_text(index, line), (int)expected),
				"%s", path);
		}
		rule_index_destroy(index);
		rule_list_finish(&list);
	}
}

Test(rule_index, looks_at_every_rule_when_patterns_need_too_many_places)
{
	struct rule_list list = {0};
	char line[160];

	/* Every one of these stays possible all along the path. */
	for (int i = 0; i < 300; i++) {
		(void)snprintf(line, sizeof(line), "deny read /**/a*/**/*%d", i);
		add_rules(&list, ORIGIN_FILE, line);
		(void)snprintf(line, sizeof(line), "deny read /**/[a-%c]*/**/*x%d",
			'b' + i % 20, i);
		add_rules(&list, ORIGIN_FILE, line);
	}
	add_rules(&list, ORIGIN_FILE, "allow read /a/a/a/a/a/z");
	struct rule_index *index = rule_index_create(&list, &test_variables);
	cr_expect(eq(
		int, (int)judge_text(index, "read /a/a/a/a/a/z"), (int)VERDICT_ALLOW));
	cr_expect(eq(
		int, (int)judge_text(index, "read /a/a/a/a/a/299"), (int)VERDICT_DENY));
	cr_expect(
		eq(int, (int)judge_text(index, "read /a/a/a/a/a/b"), (int)VERDICT_ASK));
	rule_index_destroy(index);
	rule_list_finish(&list);
}
