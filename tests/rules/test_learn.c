/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "rules/learn.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS_MAX = 24, RULES_MAX = 8 };

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/*
 * Events: "SESSION WHAT ACTION", WHAT being approve or deny (a person), seen (allowed by
 * observation), refused (nobody was there) or barred (denied by a rule). A program other
 * than /usr/bin/agent stands before them: "/usr/bin/x: 1 approve …".
 */
struct learn_case {
	const char *name;
	const char *rules;
	const char *events[EVENTS_MAX];
	const char *learned[RULES_MAX];
};

/* clang-format off */
static const struct learn_case learn_cases[] = {
	{"one file stays one file", "", {
		"1 approve write /home/u/data/a.csv"},
		{"allow write ~/data/a.csv"}},
	{"two files of a kind are a kind", "", {
		"1 approve write /home/u/data/a.csv",
		"2 approve write /home/u/data/b.csv"},
		{"allow write ~/data/[!.]*.csv"}},
	{"the same file twice is no kind", "", {
		"1 approve write /home/u/data/a.csv",
		"2 approve write /home/u/data/a.csv"},
		{"allow write ~/data/a.csv"}},
	{"files of several kinds are a folder", "", {
		"1 approve read /home/u/data/a.csv",
		"1 approve read /home/u/data/b.txt",
		"2 approve read /home/u/data/Makefile"},
		{"allow read ~/data/[!.]*"}},
	{"verbs are joined", "", {
		"1 approve read /home/u/data/a.csv",
		"1 approve read /home/u/data/b.csv",
		"2 approve write /home/u/data/a.csv",
		"2 approve write /home/u/data/b.csv"},
		{"allow read,write ~/data/[!.]*.csv"}},
	{"files of a kind in several folders are a tree", "", {
		"1 approve write /home/u/data/a/1x.csv",
		"1 approve write /home/u/data/b/2x.csv",
		"1 approve write /home/u/data/c/3x.csv"},
		{"allow write ~/data/**/[!.]*.csv", "ask write ~/data/**/.*/**/[!.]*.csv"}},
	{"a single file in another folder makes no tree", "", {
		"1 approve write /home/u/data/a/a.csv",
		"1 approve write /home/u/data/a/b.csv",
		"1 approve write /home/u/data/a/c.csv",
		"1 approve write /home/u/data/b/d.csv"},
		{"allow write ~/data/a/[!.]*.csv", "allow write ~/data/b/d.csv"}},
	{"a tree takes over what was chosen deep in it", "", {
		"1 approve read /home/u/src/p/a/b/c/d/e/f/1.js",
		"1 approve read /home/u/src/p/a/b/c/d/e/f/2.js",
		"1 approve read /home/u/src/p/a/b/c/d/e/f/3.js",
		"1 approve read /home/u/src/p/a/b/c/d/e/f/4.js",
		"1 approve read /home/u/src/p/a/b/c/d/e/f/5.js",
		"1 approve read /home/u/src/p/x/1.c",
		"1 approve read /home/u/src/p/y/2.h",
		"1 approve read /home/u/src/p/z/3",
		"2 approve read /home/u/src/p/4"},
		{"allow read {project}/**", "ask read {project}/**/.*/**"}},
	{"also below a hidden folder", "", {
		"1 approve read /home/u/src/p/.v/lib/a/b/c/d/e/f/1.js",
		"1 approve read /home/u/src/p/.v/lib/a/b/c/d/e/f/2.js",
		"1 approve read /home/u/src/p/.v/lib/a/b/c/d/e/f/3.js",
		"1 approve read /home/u/src/p/.v/lib/a/b/c/d/e/f/4.js",
		"1 approve read /home/u/src/p/.v/lib/a/b/c/d/e/f/5.js",
		"1 approve read /home/u/src/p/.v/lib/x/1.c",
		"1 approve read /home/u/src/p/.v/lib/y/2.h",
		"1 approve read /home/u/src/p/.v/lib/z/3",
		"2 approve read /home/u/src/p/.v/lib/4"},
		{"allow read {project}/.v/lib/**", "ask read {project}/.v/lib/**/.*/**"}},
	{"a hidden file in a tree has a rule of its own", "", {
		"1 approve write /home/u/src/p/dist/a.js",
		"1 approve write /home/u/src/p/dist/b.css",
		"1 approve write /home/u/src/p/dist/x/c.js",
		"1 approve write /home/u/src/p/dist/y/d",
		"2 approve write /home/u/src/p/dist/.info"},
		{"allow write {project}/dist/**", "ask write {project}/dist/**/.*/**",
		"allow write {project}/dist/.info"}},
	{"hidden files of a kind are no kind", "", {
		"1 approve write /home/u/src/p/dist/.a.json",
		"1 approve write /home/u/src/p/dist/.b.json"},
		{"allow write {project}/dist/.a.json", "allow write {project}/dist/.b.json"}},
	{"but not what is hidden in it", "", {
		"1 approve read /home/u/src/p/.a/b/c/d/e/f/1.js",
		"1 approve read /home/u/src/p/.a/b/c/d/e/f/2.js",
		"1 approve read /home/u/src/p/x/1.c",
		"1 approve read /home/u/src/p/y/2.h",
		"1 approve read /home/u/src/p/z/3",
		"2 approve read /home/u/src/p/4"},
		{"allow read {project}/**", "ask read {project}/**/.*/**",
		"allow read {project}/.a/b/c/d/e/f/[0-9]*.js"}},
	{"home is no folder to open", "", {
		"1 approve write /home/u/a.csv",
		"1 approve write /home/u/b.csv",
		"1 approve write /home/u/c.csv"},
		{"allow write ~/a.csv", "allow write ~/b.csv", "allow write ~/c.csv"}},
	{"other projects are not opened together", "", {
		"1 approve write /home/u/src/q/a.c",
		"1 approve write /home/u/src/q/b.c"},
		{"allow write ~/src/q/a.c", "allow write ~/src/q/b.c"}},
	{"hidden folders are not opened together", "", {
		"1 approve read /home/u/.config/a.conf",
		"1 approve read /home/u/.config/b.conf"},
		{"allow read ~/.config/a.conf", "allow read ~/.config/b.conf"}},
	{"a denial keeps the kind closed", "", {
		"1 approve write /home/u/data/a.csv",
		"1 approve write /home/u/data/b.csv",
		"2 deny write /home/u/data/secret.csv"},
		{"allow write ~/data/a.csv", "allow write ~/data/b.csv"}},
	{"a denial by a rule counts as well", "", {
		"1 approve write /home/u/data/a.csv",
		"1 approve write /home/u/data/b.csv",
		"2 barred write /home/u/data/secret.csv"},
		{"allow write ~/data/a.csv", "allow write ~/data/b.csv"}},
	{"that nobody was there is no denial", "", {
		"1 approve write /home/u/data/a.csv",
		"1 approve write /home/u/data/b.csv",
		"2 refused write /home/u/data/c.csv"},
		{"allow write ~/data/[!.]*.csv"}},
	{"a denial of another verb does not count", "", {
		"1 approve write /home/u/data/a.csv",
		"1 approve write /home/u/data/b.csv",
		"2 deny delete /home/u/data/a.csv"},
		{"allow write ~/data/[!.]*.csv"}},
	{"what was allowed and denied is not learned", "", {
		"1 approve write /home/u/data/a.csv",
		"2 deny write /home/u/data/a.csv"},
		{NULL}},
	{"denied for another program: for this one", "", {
		"/usr/bin/x: 1 approve write /home/u/data/a.csv",
		"/usr/bin/x: 1 approve write /home/u/data/b.csv",
		"/usr/bin/y: 2 deny write /home/u/data/a.csv"},
		{"allow write ~/data/a.csv by /usr/bin/x", "allow write ~/data/b.csv"}},
	{"what a rule allows is not learned", "allow write ~/data/**", {
		"1 approve write /home/u/data/a.csv"},
		{NULL}},
	{"what a rule asks about stays a question", "ask write ~/data/*.key", {
		"1 approve write /home/u/data/a.key",
		"1 approve write /home/u/data/b.key"},
		{NULL}},
	{"a question about everything is there to be answered", "ask any *", {
		"1 approve write /home/u/data/a.csv"},
		{"allow write ~/data/a.csv"}},
	{"a rule that asks is not overruled", "ask write ~/**/*.pem.csv", {
		"1 approve write /home/u/data/a.csv",
		"1 approve write /home/u/data/b.csv"},
		{"allow write ~/data/a.csv", "allow write ~/data/b.csv"}},
	{"secrets stay a question", "", {
		"1 approve read /home/u/.ssh/id_ed25519",
		"1 approve read /home/u/src/p/.env",
		"1 approve write /home/u/.bashrc",
		"1 approve write /home/u/src/p/CLAUDE.md",
		"1 approve connect unix:/run/docker.sock",
		"1 approve system mount"},
		{NULL}},
	{"numbers in names", "", {
		"1 approve write /home/u/data/log-2026-01-01",
		"1 approve write /home/u/data/log-2026-01-02"},
		{"allow write ~/data/log-[0-9]*"}},
	{"temporary folders", "", {
		"1 approve write /tmp/build-x8f3k2/a.o",
		"2 approve write /tmp/build-z1q4w7/b.o"},
		{"allow write /tmp/build-*/[!.]*.o"}},
	{"what a compiler leaves", "", {
		"1 approve write /tmp/ccQwErTy.s", "2 approve write /tmp/ccAsDfGh.s"},
		{"allow write /tmp/cc*.s"}},
	{"a name that nobody chose", "", {
		"1 approve write /tmp/out-d41d8cd98f00b204e9800998ecf8427e"},
		{"allow write /tmp/out-????????????????*"}},
	{"hashes that are spread over folders", "", {
		"1 approve meta /home/u/data/objects/6e/8183b72e5ed9b26e9e2c64bb6bc849b23b0690"},
		{"allow meta ~/data/objects/[!.]?/[!.]???????????????*"}},
	{"numbered names in home are chosen", "", {
		"1 approve write /home/u/backup1",
		"1 approve write /home/u/backup2"},
		{"allow write ~/backup1", "allow write ~/backup2"}},
	{"arguments of one shape", "", {
		"1 approve exec /opt/x/cc -c a.c -o a.o",
		"2 approve exec /opt/x/cc -c b.c -o b.o"},
		{"allow exec /opt/x/cc -c [0-9A-Za-z_]*.c -o [0-9A-Za-z_]*.o"}},
	{"a subcommand", "", {
		"1 approve exec /opt/x/git commit -m one",
		"2 approve exec /opt/x/git commit --amend"},
		{"allow exec /opt/x/git commit **"}},
	{"a subcommand and its first argument", "", {
		"1 approve exec /opt/x/forge issue list main",
		"2 approve exec /opt/x/forge issue list next"},
		{"allow exec /opt/x/forge issue list **"}},
	{"any arguments after three ways", "", {
		"1 approve exec /opt/x/tool build",
		"1 approve exec /opt/x/tool test",
		"2 approve exec /opt/x/tool lint"},
		{"allow exec /opt/x/tool"}},
	{"shells and their like are never opened", "", {
		"1 approve exec /bin/sh -c a",
		"1 approve exec /bin/sh -c b",
		"1 approve exec /usr/bin/env A=1 x",
		"1 approve exec /usr/bin/find . -exec a",
		"1 approve exec /usr/bin/xargs a"},
		{"allow exec /bin/sh -c a", "allow exec /bin/sh -c b",
		"allow exec /usr/bin/env A=1 x", "allow exec /usr/bin/find . -exec a",
		"allow exec /usr/bin/xargs a"}},
	{"ssh stays a question", "", {
		"1 approve exec /usr/bin/ssh host"},
		{NULL}},
	{"hosts of a domain, by the only program", "", {
		"1 approve connect a.example.com:443",
		"2 approve connect b.example.com:443"},
		{"allow connect *.example.com:443 by /usr/bin/agent"}},
	{"hosts for several programs", "", {
		"/usr/bin/x: 1 approve connect a.example.com:443",
		"/usr/bin/y: 2 approve connect a.example.com:443"},
		{"allow connect a.example.com:443"}},
	{"public suffixes are not opened", "", {
		"1 approve connect a.github.io:443",
		"2 approve connect b.github.io:443"},
		{"allow connect a.github.io:443 by /usr/bin/agent",
		"allow connect b.github.io:443 by /usr/bin/agent"}},
	{"addresses stay addresses", "", {
		"1 approve connect 192.0.2.1:443",
		"2 approve connect 192.0.2.2:443"},
		{"allow connect 192.0.2.1:443 by /usr/bin/agent",
		"allow connect 192.0.2.2:443 by /usr/bin/agent"}},
	{"ports that the kernel chose", "", {
		"1 approve listen 127.0.0.1:40001",
		"2 approve listen 127.0.0.1:50002"},
		{"allow listen 127.0.0.1:32768-60999"}},
	{"ports that somebody chose", "", {
		"1 approve listen 127.0.0.1:8000",
		"2 approve listen 127.0.0.1:8001"},
		{"allow listen 127.0.0.1:8000", "allow listen 127.0.0.1:8001"}},
	{"sockets stay sockets", "", {
		"1 approve connect unix:/home/u/run/a.sock",
		"2 approve connect unix:/home/u/run/b.sock"},
		{"allow connect unix:~/run/a.sock by /usr/bin/agent",
		"allow connect unix:~/run/b.sock by /usr/bin/agent"}},
	{"tools stay tools", "", {
		"1 approve mcp fs/read_file",
		"2 approve mcp fs/list"},
		{"allow mcp fs/list", "allow mcp fs/read_file"}},
	{"what was only seen is not learned", "", {
		"1 seen write /home/u/data/a.csv"},
		{NULL}},
	{"other recordings are tested against, not learned from", "", {
		"1 approve write /home/u/data/a.csv",
		"9 approve write /home/u/data/b.csv",
		"9 deny write /home/u/data/c.csv"},
		{"allow write ~/data/a.csv"}},
};
/* clang-format on */

/* Sessions from 9 on are no sources. */
enum { FIRST_OTHER_SESSION = 9 };

static void set_decision(struct recorded_action *recorded, const char *what)
{
	static const struct {
		const char *word;
		enum verdict verdict;
		enum recorded_by by;
	} words[] = {
		{"approve", VERDICT_ALLOW, RECORDED_BY_PERSON},
		{"deny", VERDICT_DENY, RECORDED_BY_PERSON},
		{"seen", VERDICT_ALLOW, RECORDED_BY_NOBODY},
		{"refused", VERDICT_DENY, RECORDED_BY_HEADLESS},
		{"barred", VERDICT_DENY, RECORDED_BY_RULE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, what) == 0) {
			recorded->verdict = words[i].verdict;
			recorded->by = words[i].by;
			recorded->is_persons = words[i].by == RECORDED_BY_PERSON;
			return;
		}
	}
	cr_assert(false, "%s", what);
}

/* Subjects must outlive the learner; there are few. */
static const struct subject *subject_of(const char *program)
{
	static struct subject subjects[4];
	static size_t count;

	for (size_t i = 0; i < count; i++) {
		if (text_equal_string(subjects[i].program, program)) {
			return &subjects[i];
		}
	}
	cr_assert(count < 4);
	subjects[count].program = text_of(xstrdup(program));
	return &subjects[count++];
}

static void add_event(struct learner *learner, const char *text, int64_t number)
{
	char program[64] = "/usr/bin/agent";
	char what[16];
	int session;
	int used = 0;
	struct test_action test;
	struct recorded_action recorded = {
		.event = number, .question = number, .count = 1};

	if (text[0] == '/') {
		const char *colon = strchr(text, ':');

		(void)snprintf(
			program, sizeof(program), "%.*s", (int)(colon - text), text);
		text = colon + 2;
	}
	int read = sscanf(text, "%d %15s %n", &session, what, &used);
	cr_assert(eq(int, read, 2));
	set_action(&test, text + used);
	set_decision(&recorded, what);
	recorded.action = test.action;
	recorded.subject = subject_of(program);
	recorded.session = session;
	learner_add(learner, 0, &recorded, session < FIRST_OTHER_SESSION);
}

static struct learner *learner_of(const struct learn_case *c, struct rule_list *rules)
{
	struct learner *learner = learner_create(TEST_NOW);

	add_rules(rules, ORIGIN_FILE, c->rules);
	(void)learner_add_place(learner, &test_variables, rules);
	for (size_t i = 0; i < EVENTS_MAX && c->events[i]; i++) {
		add_event(learner, c->events[i], (int64_t)i + 1);
	}
	return learner;
}

static char *join_expected(const struct learn_case *c)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < RULES_MAX && c->learned[i]; i++) {
		char *longer = xasprintf("%s%s\n", all, c->learned[i]);

		free(all);
		all = longer;
	}
	return all;
}

Test(learn, makes_few_rules_that_nothing_speaks_against)
{
	for (size_t i = 0; i < sizeof(learn_cases) / sizeof(learn_cases[0]); i++) {
		const struct learn_case *c = &learn_cases[i];
		struct rule_list rules = {0};
		struct learned learned;
		struct learner *learner = learner_of(c, &rules);

		learner_run(learner, false, &learned);
		char *got = learned_text(&learned);
		char *want = join_expected(c);
		cr_expect(eq(str, got, want), "%s", c->name);
		free(got);
		free(want);
		learned_finish(&learned);
		learner_destroy(learner);
		rule_list_finish(&rules);
	}
}

/* ---- Changes by a person: of the first proposal ---- */

struct change_case {
	struct learn_case learn;
	enum proposal_change change;
	const char *refusal; /* part of the sentence; NULL: it is done */
};

#define WRITTEN_A "1 approve write /home/u/data/x/a.csv"
#define WRITTEN_B "1 approve write /home/u/data/x/b.csv"
#define WRITTEN_C "2 approve write /home/u/data/x/c.csv"

/* clang-format off */
static const struct change_case change_cases[] = {
	{{"one file to its kind", "", {WRITTEN_A},
		{"allow write ~/data/x/[!.]*.csv"}}, PROPOSAL_WIDEN, NULL},
	{{"a kind to the folder", "", {WRITTEN_A, WRITTEN_B},
		{"allow write ~/data/x/[!.]*"}}, PROPOSAL_WIDEN, NULL},
	{{"not to what was denied", "", {
		WRITTEN_A, WRITTEN_B, "2 deny write /home/u/data/x/c.txt"},
		{"allow write ~/data/x/[!.]*.csv"}},
		PROPOSAL_WIDEN, "allow what was denied: write /home/u/data/x/c.txt"},
	{{"not over a rule that asks", "ask write ~/**/q*", {WRITTEN_A},
		{"allow write ~/data/x/a.csv"}},
		PROPOSAL_WIDEN, "another rule asks or denies"},
	{{"not beyond a guard folder", "", {"1 approve write /home/u/a.csv"},
		{"allow write ~/a.csv"}}, PROPOSAL_WIDEN, "no wider rule"},
	{{"a secret's folder stays shut", "", {
		WRITTEN_A, "1 approve read /home/u/.ssh/config"},
		{"allow write ~/data/x/[!.]*.csv"}}, PROPOSAL_WIDEN, NULL},
	{{"one action has nothing below it", "", {WRITTEN_A},
		{"allow write ~/data/x/a.csv"}}, PROPOSAL_NARROW, "no narrower rule"},
	{{"a kind into its files", "", {WRITTEN_A, WRITTEN_B},
		{"allow write ~/data/x/a.csv", "allow write ~/data/x/b.csv"}},
		PROPOSAL_SPLIT, NULL},
	{{"a folder into kinds", "", {
		WRITTEN_A, WRITTEN_B, "1 approve write /home/u/data/x/a.txt",
		"1 approve write /home/u/data/x/b.txt",
		"1 approve write /home/u/data/x/Makefile"},
		{"allow write ~/data/x/Makefile", "allow write ~/data/x/[!.]*.csv",
		"allow write ~/data/x/[!.]*.txt"}}, PROPOSAL_SPLIT, NULL},
	{{"one action cannot be split", "", {WRITTEN_A},
		{"allow write ~/data/x/a.csv"}}, PROPOSAL_SPLIT, "drop it"},
	{{"dropped", "", {WRITTEN_A, WRITTEN_B, "1 approve write /home/u/data/y/z"},
		{"allow write ~/data/y/z"}}, PROPOSAL_DROP, NULL},
	{{"both verbs together", "", {
		WRITTEN_A, WRITTEN_B, "1 approve read /home/u/data/x/a.csv",
		"1 approve read /home/u/data/x/b.csv"},
		{"allow read,write ~/data/x/[!.]*"}}, PROPOSAL_WIDEN, NULL},
};
/* clang-format on */

Test(learn, a_person_changes_proposals_within_what_speaks_against_them)
{
	for (size_t i = 0; i < sizeof(change_cases) / sizeof(change_cases[0]); i++) {
		const struct change_case *c = &change_cases[i];
		struct rule_list rules = {0};
		struct learned learned;
		struct error err = {0};
		size_t at = 0;
		struct learner *learner = learner_of(&c->learn, &rules);

		learner_run(learner, false, &learned);
		bool is_done = learned_change(learner, &learned, c->change, &at, &err);
		char *got = learned_text(&learned);
		char *want = join_expected(&c->learn);
		cr_expect(eq(int, is_done, c->refusal == NULL), "%s: %s", c->learn.name,
			err.text);
		bool is_worded =
			c->refusal == NULL || strstr(err.text, c->refusal) != NULL;
		cr_expect(is_worded, "%s: %s", c->learn.name, err.text);
		cr_expect(eq(str, got, want), "%s", c->learn.name);
		free(got);
		free(want);
		learned_finish(&learned);
		learner_destroy(learner);
		rule_list_finish(&rules);
	}
}

Test(learn, what_a_changed_proposal_saves_is_counted_anew)
{
	const struct learn_case c = {"", "", {WRITTEN_A, WRITTEN_B, WRITTEN_C}, {NULL}};
	struct rule_list rules = {0};
	struct learned learned;
	size_t at = 0;
	struct learner *learner = learner_of(&c, &rules);

	learner_run(learner, false, &learned);
	cr_expect(eq(i64, learned.totals.questions_saved, 3));
	cr_expect(learned_change(learner, &learned, PROPOSAL_SPLIT, &at, NULL));
	cr_expect(eq(sz, learned.count, 3));
	cr_expect(learned_change(learner, &learned, PROPOSAL_DROP, &at, NULL));
	cr_expect(eq(i64, learned.totals.questions_saved, 2));
	learned_finish(&learned);
	learner_destroy(learner);
	rule_list_finish(&rules);
}

Test(learn, changes_are_taken_back_in_turn)
{
	static const struct learn_case c = {"a kind", "",
		{WRITTEN_A, WRITTEN_B, "1 approve write /home/u/data/y/z"},
		{"allow write ~/data/x/[!.]*.csv", "allow write ~/data/y/z"}};
	static const enum proposal_change changes[] = {
		PROPOSAL_WIDEN, PROPOSAL_SPLIT, PROPOSAL_DROP};
	struct rule_list rules = {0};
	struct learned learned;
	struct error err = {0};
	struct learner *learner = learner_of(&c, &rules);
	char *seen[COUNT(changes)];

	learner_run(learner, false, &learned);
	char *first = learned_text(&learned);
	char *want = join_expected(&c);
	cr_expect(eq(str, first, want));
	for (size_t i = 0; i < COUNT(changes); i++) {
		size_t at = 0;
		seen[i] = learned_text(&learned);
		cr_assert(learned_change(learner, &learned, changes[i], &at, &err));
	}
	for (size_t i = COUNT(changes); i-- > 0;) {
		size_t at = 9;
		cr_assert(learned_undo(learner, &learned, &at, &err));
		char *now = learned_text(&learned);
		cr_expect(eq(str, now, seen[i]), "after %zu", i);
		cr_expect(at < learned.count);
		free(now);
		free(seen[i]);
	}
	size_t at = 0;
	cr_expect(not(learned_undo(learner, &learned, &at, &err)));
	free(first);
	free(want);
	learned_finish(&learned);
	learner_destroy(learner);
	rule_list_finish(&rules);
}
