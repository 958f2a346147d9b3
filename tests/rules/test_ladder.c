/* SPDX-License-Identifier: MIT */
#include "rules/ladder.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct ladder_case {
	const char *action;
	bool is_folder;
	const char *rungs[LADDER_MAX];
};

/* clang-format off */
static const struct ladder_case ladder_cases[] = {
	{"write /home/u/src/p/lib/x/a.c", false, {
		"allow write {project}/lib/x/a.c",
		"allow write {project}/lib/x/*.c",
		"allow write {project}/lib/x/*",
		"allow write {project}/lib/x/**",
		"allow write {project}/lib/**",
		"allow write {project}/**"}},
	{"write /home/u/src/p/a.c", false, {
		"allow write {project}/a.c",
		"allow write {project}/*.c",
		"allow write {project}/*",
		"allow write {project}/**"}},
	{"read /home/u/src/p/lib", true, {
		"allow read {project}/lib",
		"allow read {project}/lib/**",
		"allow read {project}/**"}},
	{"read /home/u/src/p", true, {
		"allow read {project}",
		"allow read {project}/**"}},
	{"read /home/u/src/p/Makefile", false, {
		"allow read {project}/Makefile",
		"allow read {project}/*",
		"allow read {project}/**"}},
	{"write /home/u/src/p/.git/hooks/pre-commit", false, {
		"allow write {project}/.git/hooks/pre-commit",
		"allow write {project}/.git/hooks/*",
		"allow write {project}/.git/hooks/**"}},
	{"write /home/u/src/p/.git/config", false, {"allow write {project}/.git/config"}},
	{"read /home/u/notes.txt", false, {"allow read ~/notes.txt"}},
	{"read /home/u", true, {"allow read ~"}},
	{"read /home", true, {"allow read /home"}},
	{"read /", true, {"allow read /"}},
	{"read /home/u/.bashrc", false, {"allow read ~/.bashrc"}},
	{"read /home/u/.ssh/id_rsa", false, {"allow read ~/.ssh/id_rsa"}},
	{"read /home/u/.config/gh/hosts.yml", false, {
		"allow read ~/.config/gh/hosts.yml",
		"allow read ~/.config/gh/*.yml",
		"allow read ~/.config/gh/*",
		"allow read ~/.config/gh/**"}},
	{"read /home/u/documents/a.txt", false, {
		"allow read ~/documents/a.txt",
		"allow read ~/documents/*.txt",
		"allow read ~/documents/*",
		"allow read ~/documents/**"}},
	{"read /home/u/src/a.txt", false, {"allow read ~/src/a.txt"}},
	{"read /home/u/src/other/a.txt", false, {"allow read ~/src/other/a.txt"}},
	{"read /home/u/src/other/lib/a.txt", false, {
		"allow read ~/src/other/lib/a.txt",
		"allow read ~/src/other/lib/*.txt",
		"allow read ~/src/other/lib/*",
		"allow read ~/src/other/lib/**"}},
	{"read /etc/passwd", false, {"allow read /etc/passwd"}},
	{"read /etc/nginx/nginx.conf", false, {
		"allow read /etc/nginx/nginx.conf",
		"allow read /etc/nginx/*.conf",
		"allow read /etc/nginx/*",
		"allow read /etc/nginx/**"}},
	{"write /tmp/x.c", false, {"allow write /tmp/x.c"}},
	{"write /tmp/duenna-1/x", false, {
		"allow write {tmp}/x",
		"allow write {tmp}/*",
		"allow write {tmp}/**"}},
	{"write /home/u/src/p/a*b?/c[d].c", false, {
		"allow write {project}/a\\*b\\?/c\\[d].c",
		"allow write {project}/a\\*b\\?/*.c",
		"allow write {project}/a\\*b\\?/*",
		"allow write {project}/a\\*b\\?/**",
		"allow write {project}/**"}},
	{"exec /usr/bin/git push origin main", false, {
		"allow exec /usr/bin/git push origin main",
		"allow exec /usr/bin/git push origin **",
		"allow exec /usr/bin/git push **",
		"allow exec /usr/bin/git"}},
	{"exec /usr/bin/git -C /x status", false, {
		"allow exec /usr/bin/git -C /x status",
		"allow exec /usr/bin/git"}},
	{"exec /usr/bin/true", false, {
		"allow exec /usr/bin/true ()",
		"allow exec /usr/bin/true"}},
	{"exec /usr/bin/bash -c ls", false, {"allow exec /usr/bin/bash -c ls"}},
	{"exec /usr/bin/python3.11 x.py", false, {"allow exec /usr/bin/python3.11 x.py"}},
	{"exec /usr/bin/env FOO=1 ls", false, {"allow exec /usr/bin/env FOO=1 ls"}},
	{"exec /usr/bin/xargs rm", false, {"allow exec /usr/bin/xargs rm"}},
	{"exec /usr/lib64/ld-linux-x86-64.so.2 /bin/ls", false, {"allow exec /usr/lib64/ld-linux-x86-64.so.2 /bin/ls"}},
	{"exec /home/u/src/p/build/test by note", false, {
		"allow exec {project}/build/test \"by\" \"note\"",
		"allow exec {project}/build/test \"by\" \"note\" **",
		"allow exec {project}/build/test \"by\" **",
		"allow exec {project}/build/test"}},
	{"connect api.example.com:443", false, {
		"allow connect api.example.com:443",
		"allow connect api.example.com:*",
		"allow connect *.example.com:443",
		"allow connect *.example.com:*"}},
	{"connect a.b.example.co.uk:443", false, {
		"allow connect a.b.example.co.uk:443",
		"allow connect a.b.example.co.uk:*",
		"allow connect *.b.example.co.uk:443",
		"allow connect *.example.co.uk:443",
		"allow connect *.example.co.uk:*"}},
	{"connect example.com:443", false, {
		"allow connect example.com:443",
		"allow connect example.com:*"}},
	{"connect me.github.io:443", false, {
		"allow connect me.github.io:443",
		"allow connect me.github.io:*"}},
	{"connect 192.0.2.1:80", false, {
		"allow connect 192.0.2.1:80",
		"allow connect 192.0.2.1:*"}},
	{"connect [2001:db8::1]:80", false, {
		"allow connect [2001:db8::1]:80",
		"allow connect [2001:db8::1]:*"}},
	{"connect 127.0.0.1:5432", false, {
		"allow connect 127.0.0.1:5432",
		"allow connect localhost:5432",
		"allow connect localhost:*"}},
	{"listen 0.0.0.0:80", false, {
		"allow listen 0.0.0.0:80",
		"allow listen 0.0.0.0:*"}},
	{"connect unix:/run/docker.sock", false, {"allow connect unix:/run/docker.sock"}},
	{"connect unix:/home/u/src/p/run/a.sock", false, {
		"allow connect unix:{project}/run/a.sock",
		"allow connect unix:{project}/run/*.sock",
		"allow connect unix:{project}/run/*",
		"allow connect unix:{project}/run/**",
		"allow connect unix:{project}/**"}},
	{"connect unix:@/tmp/x", false, {"allow connect unix:@/tmp/x"}},
	{"connect netlink:route", false, {"allow connect netlink:route"}},
	{"connect vsock:2:1024", false, {
		"allow connect vsock:2:1024",
		"allow connect vsock:2:*"}},
	{"signal /usr/bin/vim", false, {"allow signal /usr/bin/vim"}},
	{"system mount", false, {"allow system mount"}},
	{"mcp fs/read_file", false, {
		"allow mcp fs/read_file",
		"allow mcp fs/*"}},
};
/* clang-format on */

static void expect_ladder(const struct ladder_case *c)
{
	struct ladder ladder;
	struct test_action test;

	set_action(&test, c->action);
	test.action.is_folder = c->is_folder;
	ladder_build(&ladder, &test.action, VERDICT_ALLOW, &test_variables);
	for (size_t i = 0; i < LADDER_MAX; i++) {
		char *printed =
			i < ladder.count ? rule_print(&ladder.rungs[i].rule) : NULL;
		const char *expected = c->rungs[i] ? c->rungs[i] : "(none)";
		cr_expect(eq(str, printed ? printed : "(none)", (char *)expected), "%s",
			c->action);
		free(printed);
	}
	ladder_finish(&ladder);
}

Test(ladder, climbs_to_the_next_guard)
{
	for (size_t i = 0; i < sizeof(ladder_cases) / sizeof(ladder_cases[0]); i++) {
		expect_ladder(&ladder_cases[i]);
	}
}

/* A rung must take effect, and be a rule that can be stored as text. */
static void expect_rungs_work(const struct ladder_case *c)
{
	struct ladder ladder;
	struct test_action test;
	struct subject subject = {0};

	set_action(&test, c->action);
	test.action.is_folder = c->is_folder;
	ladder_build(&ladder, &test.action, VERDICT_ALLOW, &test_variables);
	for (size_t i = 0; i < ladder.count; i++) {
		char *printed = rule_print(&ladder.rungs[i].rule);
		struct rule rule;
		struct error err = {0};
		bool is_rule = rule_parse_line(text_of(printed), &rule, &err);
		cr_assert(is_rule, "%s: %s", printed, err.text);
		bool is_equal = rule_equal(&rule, &ladder.rungs[i].rule);
		cr_expect(is_equal, "%s", printed);
		struct rule_list list = {0};
		rule_list_take(&list, &rule);
		struct rule_index *index = rule_index_create(&list, &test_variables);
		struct judgement judgement =
			rule_index_judge(index, &test.action, &subject, TEST_NOW);
		bool is_allowed = judgement.verdict == VERDICT_ALLOW;
		cr_expect(is_allowed, "%s: %s", c->action, printed);
		rule_index_destroy(index);
		rule_list_finish(&list);
		free(printed);
	}
	ladder_finish(&ladder);
}

Test(ladder, offers_only_rules_that_parse_and_match)
{
	for (size_t i = 0; i < sizeof(ladder_cases) / sizeof(ladder_cases[0]); i++) {
		expect_rungs_work(&ladder_cases[i]);
	}
}

Test(ladder, stays_at_the_address_when_several_names_were_answered)
{
	struct text names[] = {text_of("a.example.com"), text_of("b.example.com")};
	struct action action = {.verb = VERB_CONNECT,
		.object = text_of("192.0.2.1:443"),
		.endpoint = {.family = ENDPOINT_IPV4,
			.address = {192, 0, 2, 1},
			.port = 443,
			.names = names,
			.name_count = 2}};
	struct ladder ladder;

	ladder_build(&ladder, &action, VERDICT_DENY, &test_variables);
	char *printed = rule_print(&ladder.rungs[0].rule);
	cr_expect(eq(str, printed, "deny connect 192.0.2.1:443"));
	free(printed);
	ladder_finish(&ladder);
}

Test(ladder, keeps_every_byte_of_arguments)
{
	struct text argv[] = {text_of("/bin/x"), text_of("a b*\n\xff\"#"), text_of(""),
		text_of("()")};
	struct action action = {.verb = VERB_EXEC,
		.object = text_of("/bin/x"),
		.argv = argv,
		.argc = 4};
	struct ladder ladder;

	ladder_build(&ladder, &action, VERDICT_ALLOW, &test_variables);
	char *printed = rule_print(&ladder.rungs[0].rule);
	cr_expect(eq(str, printed,
		"allow exec /bin/x \"a b\\*\\x0a\\xff\\\"#\" \"\" \"()\""));
	free(printed);
	ladder_finish(&ladder);
}
