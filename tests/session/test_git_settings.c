/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "base/xalloc.h"
#include "session/git_settings.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[PATH_MAX];

static void begin(void)
{
	char made[] = "/tmp/git-settings.XXXXXX";
	char *git;

	cr_assert(mkdtemp(made) != NULL && realpath(made, root) != NULL);
	git = xasprintf("%s/.git", root);
	cr_assert(eq(int, mkdir(git, 0700), 0));
	free(git);
}

static void finish(void)
{
	char *command = xasprintf("rm -rf '%s'", root);

	cr_expect(eq(int, system(command), 0));
	free(command);
}

TestSuite(git_settings, .init = begin, .fini = finish);

static void write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", root, name);
	FILE *file = fopen(path, "we");

	cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
	free(path);
}

/* The objects of the rules below the project, each with a blank after it. */
static void expect_asked(const char *wanted)
{
	static const char head[] = "ask write,delete,meta \"";
	char *rules = git_settings_rules(root, "/home/nobody");
	char *all = xstrdup("");

	for (const char *at = rules; *at != '\0'; at = strchr(at, '\n') + 1) {
		cr_assert(eq(int, strncmp(at, head, strlen(head)), 0));
		const char *name = at + strlen(head) + strlen(root) + 1;
		char *longer =
			xasprintf("%s%.*s ", all, (int)strcspn(name, "\""), name);
		free(all);
		all = longer;
	}
	cr_expect(eq(str, all, (char *)(uintptr_t)wanted));
	free(all);
	free(rules);
}

Test(git_settings, without_any_nothing_is_asked)
{
	expect_asked("");
	write_file(
		".git/config", "[core]\n\tbare = false\n[remote \"o\"]\n\turl = x\n");
	expect_asked("");
}

Test(git_settings, hooks_are_asked_about_where_they_lie)
{
	write_file(
		".git/config", "[core]\n\tbare = false\n\thooksPath = tools/hooks\n");
	expect_asked("tools/hooks/** ");
	write_file(".git/config", "[CORE] HooksPath=\"a b\" ; comment\n");
	expect_asked("a b/** ");
	write_file(".git/config", "[core]\nhookspath = tools/\\\nhooks # comment\n");
	expect_asked("tools/hooks/** ");
}

Test(git_settings, what_lies_elsewhere_is_for_other_rules)
{
	write_file(".git/config",
		"[core]\n\thooksPath = /usr/share/hooks\n\thooksPath = ../x\n"
		"\thooksPath = ~/hooks\n\thooksPath = .\n[other]\n\thooksPath = y\n"
		"# hooksPath = z\n");
	expect_asked("");
}

Test(git_settings, included_settings_are_asked_about_and_read)
{
	write_file(".git/config", "[include]\n\tpath = ../.gitconfig.shared\n"
				  "[includeIf \"gitdir:x\"]\n\tpath = ../missing\n");
	write_file(".gitconfig.shared", "[core]\n\thooksPath = h\n");
	expect_asked(".gitconfig.shared h/** missing ");
}

Test(git_settings, settings_that_include_themselves_end)
{
	write_file(".git/config", "[include]\n\tpath = config\n");
	char *rules = git_settings_rules(root, NULL);
	size_t count = 0;

	for (const char *at = rules; (at = strstr(at, "/.git/config\"")) != NULL;
		at++) {
		count++;
	}
	cr_expect(eq(sz, count, 10));
	free(rules);
}

Test(git_settings, many_includes_take_no_time)
{
	char *text = xstrdup("[include]\n");

	for (int i = 0; i < 1000; i++) {
		char *longer = xasprintf("%spath = config\n", text);
		free(text);
		text = longer;
	}
	write_file(".git/config", text);
	char *rules = git_settings_rules(root, NULL);
	cr_expect(lt(sz, strlen(rules), 64 * (strlen(root) + 100)));
	free(rules);
	free(text);
}

Test(git_settings, what_is_too_much_asks_about_everything)
{
	char *text = xstrdup("[core]\n");

	for (int i = 0; i < 100; i++) {
		char *longer = xasprintf("%shooksPath = h%d\n", text, i);
		free(text);
		text = longer;
	}
	write_file(".git/config", text);
	char *rules = git_settings_rules(root, NULL);
	cr_expect(ne(ptr, strstr(rules, "/**\" note \"git's settings"), NULL));
	free(rules);
	free(text);

	text = xcalloc((1 << 20) + 2, 1);
	memset(text, '\n', (1 << 20) + 1);
	write_file(".git/config", text);
	expect_asked("** ");
	free(text);
}

Test(git_settings, lines_that_go_on_take_no_time)
{
	enum { LINES = 500000 };
	char *text = xcalloc(2 * LINES + 1, 1);

	for (int i = 0; i < LINES; i++) {
		memcpy(text + 2 * (size_t)i, "\\\n", 2);
	}
	write_file(".git/config", text);
	expect_asked("");
	free(text);
}

Test(git_settings, work_trees_have_those_of_their_repository)
{
	char *command =
		xasprintf("cd '%s' && rmdir .git && mkdir -p r/worktrees/w", root);

	cr_assert(eq(int, system(command), 0));
	free(command);
	write_file(".git", "gitdir: r/worktrees/w\n");
	write_file("r/worktrees/w/commondir", "../..\n");
	write_file("r/config", "[core]\n\thooksPath = h\n");
	write_file("r/worktrees/w/config.worktree", "[core]\n\thooksPath = own\n");
	expect_asked("h/** own/** ");
}

Test(git_settings, the_persons_own_settings_are_about_each_project)
{
	char *home = xasprintf("%s/home", root);

	(void)unsetenv("XDG_CONFIG_HOME");
	cr_assert(eq(int, mkdir(home, 0700), 0));
	write_file("home/.gitconfig", "[include]\n\tpath = more\n");
	write_file("home/more", "[core]\n\thooksPath = .hooks\n");
	char *rules = git_settings_rules(root, home);
	cr_expect(ne(ptr, strstr(rules, "/.hooks/**\""), NULL));
	free(rules);
	free(home);
}

Test(git_settings, odd_bytes_do_no_harm)
{
	write_file(
		".git/config", "[\n]=\n=\n[core\nhooksPath\n[core]hooksPath=\\\n\"\\");
	char *rules = git_settings_rules(root, NULL);
	cr_expect(ne(ptr, rules, NULL));
	free(rules);
}
