/* SPDX-License-Identifier: MIT */
#include "tests/support/own_home.h"

#include "base/xalloc.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *folder;

const char *own_home_open(const char *words)
{
	const char *binary = getenv("DUENNA");

	if (binary == NULL || access(binary, X_OK) != 0) {
		cr_skip_test("the binary is not built, or DUENNA does not name it");
	}
	folder = xasprintf("/tmp/duenna-%s.XXXXXX", words);
	cr_assert(ne(ptr, mkdtemp(folder), NULL), "/tmp can be written to");
	cr_assert(eq(int, setenv("HOME", folder, 1), 0));
	cr_assert(eq(int, setenv("XDG_RUNTIME_DIR", folder, 1), 0));
	cr_assert(eq(int, setenv("TERM", "xterm-256color", 1), 0));
	cr_assert(eq(int, setenv("LC_ALL", "C.UTF-8", 1), 0));
	cr_assert(eq(int, setenv("PS1", "$ ", 1), 0));
	cr_assert(eq(int, unsetenv("XDG_DATA_HOME"), 0));
	cr_assert(eq(int, unsetenv("XDG_CONFIG_HOME"), 0));
	cr_assert(eq(int, unsetenv("NO_COLOR"), 0));
	cr_assert(eq(int, unsetenv("COLORTERM"), 0));
	cr_assert(eq(int, chdir(folder), 0));
	return folder;
}

void own_home_close(void)
{
	if (folder == NULL) {
		return;
	}
	char *command = xasprintf("cd / && rm -rf '%s'", folder);
	cr_expect(eq(int, system(command), 0));
	free(command);
	free(folder);
	folder = NULL;
}

void own_home_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	cr_assert(ne(ptr, file, NULL), "%s", path);
	(void)fputs(text, file);
	cr_assert(eq(int, fclose(file), 0), "%s", path);
}
