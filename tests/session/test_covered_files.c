/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "rules/parser.h"
#include "session/clock.h"
#include "session/covered_files.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(covered_files, .timeout = 120);

static char folder[] = "/tmp/duenna-covered.XXXXXX";
static struct covered_files covered;
static atomic_bool is_unwanted;
static int64_t deadline = INT64_MAX;

static void file_make(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(ge(int, fd, 0));
	(void)close(fd);
}

static void folder_make(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert(zero(int, mkdir(path, 0700)));
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void end(void)
{
	char command[128];

	covered_files_finish(&covered);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert(zero(int, system(command)));
}

/* Rules without "allow", the folder in place of each @; NULL: no second. */
static void count(const char *first, const char *second, const char *asked)
{
	const struct rule_variables variables = {.home = "/home/nobody"};
	const struct text asked_text = text_of(asked);
	const struct covering covering = {.variables = &variables,
		.asked = &asked_text,
		.asked_count = 1,
		.deadline = deadline,
		.is_unwanted = &is_unwanted};
	const char *const texts[] = {first, second};
	struct rule_list rung = {0};

	for (size_t i = 0; i < 2 && texts[i] != NULL; i++) {
		const size_t at = strcspn(texts[i], "@");
		const bool is_here = texts[i][at] == '@';
		char *line = xasprintf("allow %.*s%s%s", (int)at, texts[i],
			is_here ? folder : "", texts[i] + at + is_here);
		struct error err = {0};
		struct rule rule;
		cr_assert(rule_parse_line(text_of(line), &rule, &err), "%s", err.text);
		rule_list_take(&rung, &rule);
		free(line);
	}
	covered_files_finish(&covered);
	covered_files_count(&covering, &rung, &covered);
	rule_list_finish(&rung);
}

Test(covered_files, counts_what_a_rung_would_also_cover, .init = begin, .fini = end)
{
	char asked[64];

	file_make("a.c");
	file_make("b.c");
	file_make("notes");
	folder_make("below");
	file_make("below/c.c");
	folder_make("below/deeper");
	file_make("below/deeper/d.c");
	(void)snprintf(asked, sizeof(asked), "%s/a.c", folder);
	count("read @/a.c", NULL, asked);
	cr_expect(eq(i64, covered.count, 0));
	count("read @/*.c", NULL, asked);
	cr_expect(eq(i64, covered.count, 1));
	count("read @/*", NULL, asked);
	cr_expect(eq(i64, covered.count, 2));
	count("read @/**", NULL, asked);
	cr_expect(eq(i64, covered.count, 4));
	cr_expect(not(covered.is_partial));
	cr_expect(eq(i64, covered.sensitive, 0));
}

Test(covered_files, counts_a_file_once_for_two_rules, .init = begin, .fini = end)
{
	file_make("a");
	file_make("b");
	folder_make("below");
	file_make("below/c");
	count("delete @/**", "write @/below/**", "/none");
	cr_expect(eq(i64, covered.count, 3));
	count("write @/below/**", "delete @/**", "/none");
	cr_expect(eq(i64, covered.count, 3));
}

Test(covered_files, names_what_is_sensitive, .init = begin, .fini = end)
{
	char name[64];

	file_make("plain");
	folder_make("below");
	file_make("below/.env");
	count("read @/**", NULL, "/none");
	cr_expect(eq(i64, covered.count, 2));
	cr_expect(eq(i64, covered.sensitive, 1));
	cr_assert(eq(sz, covered.name_count, 1));
	(void)snprintf(name, sizeof(name), "%s/below/.env", folder);
	cr_expect(eq(str, covered.names[0], name));
	/* What it would mean to run something there is another matter. */
	count("meta @/**", NULL, "/none");
	cr_expect(eq(i64, covered.sensitive, 0));
}

Test(covered_files, follows_no_links_and_counts_none, .init = begin, .fini = end)
{
	char path[64];

	file_make("a");
	(void)snprintf(path, sizeof(path), "%s/etc", folder);
	cr_assert(zero(int, symlink("/etc", path)));
	(void)snprintf(path, sizeof(path), "%s/loop", folder);
	cr_assert(zero(int, symlink(".", path)));
	count("read @/**", NULL, "/none");
	cr_expect(eq(i64, covered.count, 1));
	/* A folder that was exchanged for a link is not looked at. */
	count("read @/etc/**", NULL, "/none");
	cr_expect(eq(i64, covered.count, 0));
}

Test(covered_files, does_not_wait_for_a_pipe, .init = begin, .fini = end)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/pipe", folder);
	cr_assert(zero(int, mkfifo(path, 0600)));
	count("read @/*", NULL, "/none");
	cr_expect(eq(i64, covered.count, 1));
}

Test(covered_files, leaves_off_at_its_limits, .init = begin, .fini = end)
{
	char name[32];

	for (int i = 0; i <= COVERED_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		file_make(name);
	}
	count("read @/*", NULL, "/none");
	cr_expect(eq(i64, covered.count, COVERED_FILES_MAX));
	cr_expect(covered.is_partial);
	deadline = clock_monotonic();
	count("read @/*", NULL, "/none");
	cr_expect(covered.is_partial);
	cr_expect(eq(i64, covered.count, 0));
	deadline = INT64_MAX;
	atomic_store(&is_unwanted, true);
	count("read @/*", NULL, "/none");
	cr_expect(eq(i64, covered.count, 0));
}

Test(covered_files, counts_files_only, .init = begin, .fini = end)
{
	count("exec /usr/bin/git", NULL, "/none");
	cr_expect(eq(i64, covered.count, -1));
	count("connect example.com:443", NULL, "/none");
	cr_expect(eq(i64, covered.count, -1));
	/* Nobody's project is open: the rule matches nothing. */
	count("read {project}/**", NULL, "/none");
	cr_expect(eq(i64, covered.count, -1));
}
