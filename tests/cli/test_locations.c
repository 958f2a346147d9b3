/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "cli/locations.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test has a process of its own, so the environment may be changed. */
static char *base;

static void make_folder(const char *path)
{
	char *full = xasprintf("%s/%s", base, path);

	cr_assert(mkdir(full, 0755) == 0, "%s", full);
	free(full);
}

static void write_file(const char *path, const char *text)
{
	char *full = xasprintf("%s/%s", base, path);
	FILE *file = fopen(full, "w");

	cr_assert(file != NULL);
	cr_assert(fputs(text, file) >= 0 && fclose(file) == 0);
	free(full);
}

static void enter(const char *path)
{
	char *full = xasprintf("%s/%s", base, path);

	cr_assert(chdir(full) == 0);
	free(full);
}

static void set_up(void)
{
	const char *temporary = getenv("TMPDIR");
	char *template = xasprintf("%s/duenna-XXXXXX", temporary ? temporary : "/tmp");

	cr_assert(mkdtemp(template) != NULL);
	base = realpath(template, NULL);
	free(template);
	make_folder("home");
	char *home = xasprintf("%s/home", base);
	cr_assert(setenv("HOME", home, 1) == 0);
	free(home);
	cr_assert(unsetenv("XDG_DATA_HOME") == 0 && unsetenv("XDG_CONFIG_HOME") == 0);
	enter(".");
}

static void tear_down(void)
{
	char *command = xasprintf("rm -rf '%s'", base);

	cr_assert(chdir("/") == 0);
	cr_assert(system(command) == 0);
	free(command);
	free(base);
}

TestSuite(locations, .init = set_up, .fini = tear_down);

/* Checks that got is base/expected, and frees it. */
static void expect_below_base(char *got, const char *expected)
{
	char *want = xasprintf("%s/%s", base, expected);

	cr_expect_str_eq(got, want);
	free(want);
	free(got);
}

Test(locations, database_lies_in_the_data_folder_which_is_created)
{
	struct stat status;
	struct error err = {0};
	char *path = location_database(NULL, &err);

	expect_below_base(path, "home/.local/share/duenna/duenna.db");
	cr_assert(stat("home/.local/share/duenna", &status) == 0);
	cr_expect(eq(int, (int)(status.st_mode & 07777), 0700));
}

Test(locations, xdg_folders_count_if_they_are_absolute)
{
	struct error err = {0};
	char *data = xasprintf("%s/data", base);

	cr_assert(setenv("XDG_DATA_HOME", data, 1) == 0);
	expect_below_base(location_data_folder(&err), "data/duenna");
	cr_assert(setenv("XDG_DATA_HOME", "data", 1) == 0);
	expect_below_base(location_data_folder(&err), "home/.local/share/duenna");
	expect_below_base(location_config_folder(&err), "home/.config/duenna");
	free(data);
}

Test(locations, wished_database_becomes_absolute)
{
	struct error err = {0};

	enter("home");
	expect_below_base(location_database("x.db", &err), "home/x.db");
}

Test(locations, a_file_in_the_way_of_the_data_folder_is_reported)
{
	struct error err = {0};
	char *data = xasprintf("%s/file", base);

	write_file("file", "");
	cr_assert(setenv("XDG_DATA_HOME", data, 1) == 0);
	cr_expect_null(location_database(NULL, &err));
	cr_expect(strstr(err.text, "cannot create folder") != NULL, "%s", err.text);
	free(data);
}

Test(locations, home_without_a_variable_comes_from_the_password_file)
{
	struct error err = {0};

	cr_assert(unsetenv("HOME") == 0);
	char *home = location_home(&err);
	cr_expect(home == NULL ? err.code == ERROR_NOT_FOUND : home[0] == '/');
	free(home);
}

static char *project_of(const char *folder, const char *wish)
{
	struct error err = {0};
	char *project = NULL;

	enter(folder);
	cr_expect(location_project(wish, &project, &err), "%s", err.text);
	return project;
}

Test(locations, project_is_the_git_top_level)
{
	make_folder("work");
	make_folder("work/.git");
	write_file("work/.git/HEAD", "ref: refs/heads/main\n");
	make_folder("work/deep");
	make_folder("work/deep/er");
	expect_below_base(project_of("work/deep/er", NULL), "work");
	expect_below_base(project_of("work", NULL), "work");
}

Test(locations, project_may_be_a_git_worktree)
{
	make_folder("tree");
	write_file("tree/.git", "gitdir: /somewhere/.git/worktrees/tree\n");
	make_folder("tree/deep");
	expect_below_base(project_of("tree/deep", NULL), "tree");
}

Test(locations, a_thing_named_git_makes_no_project)
{
	make_folder("tree");
	make_folder("tree/.git");
	make_folder("tree/deep");
	expect_below_base(project_of("tree/deep", NULL), "tree/deep");
}

Test(locations, home_and_what_contains_it_is_no_project)
{
	make_folder("home/.git");
	write_file("home/.git/HEAD", "ref: refs/heads/main\n");
	make_folder("home/notes");
	cr_expect_null(project_of("home", NULL));
	cr_expect_null(project_of(".", NULL));
	expect_below_base(project_of("home/notes", NULL), "home/notes");
}

Test(locations, wished_project_is_canonical)
{
	make_folder("work");
	cr_assert(symlink("work", "link") == 0);
	expect_below_base(project_of(".", "link/"), "work");
}

Test(locations, too_wide_or_missing_projects_are_refused)
{
	static const char *const wishes[] = {"/", "home", ".", "nothing", "file"};

	write_file("file", "");
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct error err = {0};
		char *project = NULL;
		cr_expect_not(
			location_project(wishes[i], &project, &err), "%s", wishes[i]);
		cr_expect(err.code != 0);
		cr_expect_null(project);
	}
}
