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
	expect_asked(".git/config .git/config .git/config .git/config ");
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

Test(git_settings, odd_bytes_do_no_harm)
{
	write_file(
		".git/config", "[\n]=\n=\n[core\nhooksPath\n[core]hooksPath=\\\n\"\\");
	char *rules = git_settings_rules(root, NULL);
	cr_expect(ne(ptr, rules, NULL));
	free(rules);
}
