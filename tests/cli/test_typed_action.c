/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "cli/typed_action.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
	char *template = xstrdup("/tmp/duenna-typed-XXXXXX");

	cr_assert(mkdtemp(template) != NULL);
	folder = realpath(template, NULL);
	free(template);
	cr_assert(chdir(folder) == 0);
	cr_assert(mkdir("real", 0755) == 0 && symlink("real", "link") == 0);
}

static void tear_down(void)
{
	(void)unlink("link");
	(void)rmdir("real");
	(void)rmdir(folder);
	free(folder);
}

TestSuite(typed_action, .init = set_up, .fini = tear_down, .timeout = 30);

static struct typed_action typed;

static void type(const char *verb, const char *object, const char *argument)
{
	char *words[] = {(char *)verb, (char *)object, (char *)argument, NULL};
	struct error err = {0};

	cr_assert(typed_action_init(&typed, words, NULL, "/home/a", &err), "%s",
		err.text);
}

static void expect_object(const char *verb, const char *object, const char *want)
{
	type(verb, object, NULL);
	cr_expect(eq(str, typed.object, (char *)want));
	typed_action_finish(&typed);
}

Test(typed_action, paths_become_what_they_lead_to)
{
	char *want = xasprintf("%s/real/absent/file", folder);

	expect_object("read", "link/absent/file", want);
	expect_object("read", "/", "/");
	expect_object("read", "/no-such-folder//x", "/no-such-folder/x");
	expect_object("read", "~/x", "/home/a/x");
	type("write", "link", NULL);
	cr_expect(typed.action.is_folder);
	typed_action_finish(&typed);
	free(want);
}

Test(typed_action, programs_are_found_in_path)
{
	cr_assert(setenv("PATH", "/nowhere:/bin:/usr/bin", 1) == 0);
	char *shell = realpath("/bin/cat", NULL);

	type("exec", "cat", "file");
	cr_expect(eq(str, typed.object, shell));
	cr_expect(eq(sz, typed.action.argc, 2));
	cr_expect(text_equal_string(typed.action.argv[1], "file"));
	typed_action_finish(&typed);
	free(shell);
}

Test(typed_action, hosts_are_names_or_addresses)
{
	type("connect", "tcp/api.example.com:443", NULL);
	cr_assert(eq(sz, typed.action.endpoint.name_count, 1));
	cr_expect(text_equal_string(typed.action.endpoint.names[0], "api.example.com"));
	cr_expect(eq(int, typed.action.endpoint.port, 443));
	typed_action_finish(&typed);
	type("connect", "10.0.0.1:80", NULL);
	cr_expect(eq(sz, typed.action.endpoint.name_count, 0));
	cr_expect(typed.action.endpoint.family == ENDPOINT_IPV4);
	typed_action_finish(&typed);
}

Test(typed_action, what_is_none_is_refused)
{
	static char *const rows[][4] = {
		{"fly", "/x", NULL, NULL},
		{"read", "/x", "more", NULL},
		{"connect", "nonsense", NULL, NULL},
		{"exec", "no-such-program-anywhere", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {0};

		cr_expect(
			not(typed_action_init(&typed, rows[i], NULL, "/home/a", &err)),
			"row %zu", i);
		cr_expect(err.code != 0);
	}
}
