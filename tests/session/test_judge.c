/* SPDX-License-Identifier: MIT */
#include "rules/parser.h"
#include "session/judge.h"
#include "session/protection.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

static struct places places = {.home = (char *)"/home/u"};
static struct process process = {.pid = 7, .program = (char *)"/usr/bin/mv"};

static void use_rules(struct judge *judge, const char *text)
{
	struct rule_list list = {0};
	struct rule_errors errors = {0};
	struct rule_variables variables = places_variables(&places);
	cr_assert(
		rule_parse_file_text(text_of(text), "x", ORIGIN_FILE, &list, &errors));
	*judge = (struct judge){
		.places = &places, .main = rule_set_create(&list, &variables)};
}

static enum verdict verdict_on(struct judge *judge, const struct request *request)
{
	struct judged *judged = judge_request(judge, request, 0);
	enum verdict verdict = judged->verdict;
	judge_release(judge, judged);
	return verdict;
}

static enum verdict judge_ends(
	struct judge *judge, const char *from, const char *to, bool is_folder)
{
	const struct request request = {.process = &process,
		.syscall_name = "rename",
		.actions = {{.verb = VERB_DELETE,
				    .object = text_of(from),
				    .is_folder = is_folder},
			{.verb = VERB_WRITE,
				.object = text_of(to),
				.is_folder = is_folder}},
		.action_count = 2};
	return verdict_on(judge, &request);
}

static enum verdict judge_move(struct judge *judge, const char *from, const char *to)
{
	return judge_ends(judge, from, to, true);
}

static enum verdict judge_rename(struct judge *judge, const char *from, const char *to)
{
	return judge_ends(judge, from, to, false);
}

Test(judge, a_moved_folder_is_judged_by_what_may_lie_in_it)
{
	struct judge judge;
	use_rules(&judge, "allow any /w/**\nallow any /free/**\ndeny read /w/a/secret\n"
			  "deny write /free/kept/**\nask read **/.env\n");
	cr_expect(eq(int, judge_move(&judge, "/w/b", "/w/c"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_move(&judge, "/w/a", "/free/x"), VERDICT_DENY));
	cr_expect(eq(int, judge_move(&judge, "/free/x", "/w/a"), VERDICT_DENY));
	cr_expect(eq(int, judge_move(&judge, "/free", "/w/x"), VERDICT_DENY));
	judge_finish(&judge);
}

Test(judge, a_moved_folder_is_not_where_more_of_it_may_be_read)
{
	struct judge judge;
	use_rules(&judge, "allow write,delete /**\nallow read /w/*\n"
			  "allow read /data/**\nallow read **/*.md\n");
	cr_expect(eq(int, judge_move(&judge, "/drop/a", "/w"), VERDICT_ASK));
	cr_expect(eq(int, judge_move(&judge, "/drop/a", "/w/a"), VERDICT_ASK));
	cr_expect(eq(int, judge_move(&judge, "/drop/a", "/w/a/b"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_move(&judge, "/drop/a", "/data/a"), VERDICT_ASK));
	cr_expect(eq(int, judge_move(&judge, "/drop/a", "/drop/b"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_move(&judge, "/w", "/drop/a"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_move(&judge, "/data/a", "/w"), VERDICT_ALLOW));
	judge_finish(&judge);
}

Test(judge, a_moved_file_is_judged_by_who_may_read_and_run_it)
{
	struct judge judge;
	use_rules(&judge, "allow any /w/**\ndeny read /w/secret\nask read **/.env\n"
			  "deny exec /w/tool\nallow write,delete /drop/**\n"
			  "allow read,write,delete /data/**\n");
	cr_expect(eq(int, judge_rename(&judge, "/w/a", "/w/b"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_rename(&judge, "/w/secret", "/w/b"), VERDICT_DENY));
	cr_expect(eq(int, judge_rename(&judge, "/w/b", "/w/secret"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_rename(&judge, "/w/.env", "/w/b"), VERDICT_ASK));
	cr_expect(eq(int, judge_rename(&judge, "/w/.env", "/w/b/.env"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_rename(&judge, "/w/tool", "/w/b"), VERDICT_DENY));
	cr_expect(eq(int, judge_rename(&judge, "/drop/a", "/w/a"), VERDICT_ASK));
	cr_expect(eq(int, judge_rename(&judge, "/data/a", "/w/a"), VERDICT_ALLOW));
	judge_finish(&judge);
}

Test(judge, a_new_folder_is_not_judged_by_what_may_lie_in_it)
{
	struct judge judge;
	use_rules(&judge, "allow any /w/**\ndeny write /w/a/secret\n");
	const struct request request = {.process = &process,
		.syscall_name = "mkdir",
		.actions = {{.verb = VERB_WRITE,
			.object = text_of("/w/a"),
			.is_folder = true}},
		.action_count = 1};
	struct judged *judged = judge_request(&judge, &request, 0);
	cr_expect(eq(int, judged->verdict, VERDICT_ALLOW));
	judge_release(&judge, judged);
	judge_finish(&judge);
}

Test(judge, paths_of_proc_tell_their_process)
{
	static const struct {
		const char *path;
		pid_t owner;
	} cases[] = {{"/proc/12", 12}, {"/proc/12/mem", 12}, {"/proc/self/mem", 0},
		{"/proc/", 0}, {"/proc/12x/mem", 0}, {"/procs/12", 0},
		{"/proc/99999999999999/mem", 0}, {"/x/proc/12", 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, protection_proc_owner(text_of(cases[i].path)),
				  cases[i].owner),
			"%s", cases[i].path);
	}
}

static enum verdict judge_read(struct judge *judge, const char *path)
{
	static struct process script = {.pid = 8,
		.program = (char *)"/usr/bin/bash",
		.script = (char *)"/w/script"};
	const struct request request = {.process = &script,
		.syscall_name = "openat",
		.actions = {{.verb = VERB_READ, .object = text_of(path)}},
		.action_count = 1};
	return verdict_on(judge, &request);
}

Test(judge, who_may_run_a_script_may_read_it)
{
	struct judge judge;
	use_rules(&judge, "allow exec *\n");
	cr_expect(eq(int, judge_read(&judge, "/w/script"), VERDICT_ALLOW));
	cr_expect(eq(int, judge_read(&judge, "/w/other"), VERDICT_ASK));
	judge_finish(&judge);
	use_rules(&judge, "allow exec *\ndeny read /w/**\n");
	cr_expect(eq(int, judge_read(&judge, "/w/script"), VERDICT_DENY));
	judge_finish(&judge);
}

static enum verdict judge_exec(struct judge *judge, const char *program,
	const char *asked_as, const char *name, size_t argc)
{
	struct text argv[] = {text_of(name), text_of("status")};
	const struct request request = {.process = &process,
		.syscall_name = "execve",
		.actions = {{.verb = VERB_EXEC,
			.object = text_of(program),
			.asked_as = text_of(asked_as),
			.argv = argv,
			.argc = argc}},
		.action_count = 1};
	return verdict_on(judge, &request);
}

Test(judge, arguments_are_allowed_to_a_program_by_its_own_name)
{
	static const char git[] = "/usr/bin/git", shell[] = "/usr/bin/dash";
	static const char python[] = "/usr/bin/python3.11";
	struct judge judge;
	use_rules(&judge, "allow exec /usr/bin/git status\nallow exec /usr/bin/git ()\n"
			  "allow exec /usr/bin/dash status\nallow exec /bin/any\n"
			  "allow exec /usr/bin/python3.11 status\n");
	cr_expect(eq(int, judge_exec(&judge, git, "", "git", 2), VERDICT_ALLOW));
	cr_expect(eq(int, judge_exec(&judge, git, "", git, 2), VERDICT_ALLOW));
	cr_expect(eq(int, judge_exec(&judge, git, "", "git-init", 2), VERDICT_ASK));
	cr_expect(eq(int, judge_exec(&judge, git, "", "git-init", 1), VERDICT_ASK));
	cr_expect(eq(int, judge_exec(&judge, git, "", "", 0), VERDICT_ALLOW));
	cr_expect(
		eq(int, judge_exec(&judge, shell, "/bin/sh", "sh", 2), VERDICT_ALLOW));
	cr_expect(
		eq(int, judge_exec(&judge, shell, "/bin/sh", "-sh", 2), VERDICT_ALLOW));
	cr_expect(eq(int, judge_exec(&judge, shell, "/bin/sh", "ksh", 2), VERDICT_ASK));
	cr_expect(eq(int, judge_exec(&judge, shell, "/w/ksh", "ksh", 2), VERDICT_ASK));
	cr_expect(eq(int, judge_exec(&judge, python, "/w/python", "python", 2),
		VERDICT_ALLOW));
	cr_expect(eq(int, judge_exec(&judge, python, "", "pyth", 2), VERDICT_ASK));
	cr_expect(eq(int, judge_exec(&judge, "/bin/any", "", "x", 2), VERDICT_ALLOW));
	judge_finish(&judge);
}
