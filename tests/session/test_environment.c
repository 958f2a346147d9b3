/* SPDX-License-Identifier: MIT */
#include "session/environment.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static char *const own[] = {"PATH=/bin", "GITHUB_TOKEN=abc",
	"AWS_SECRET_ACCESS_KEY=def", "TMPDIR=/elsewhere", "TERM=dumb", "EDITOR=vi",
	NULL};

static const char *value_of(const struct environment *environment, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;
	for (size_t i = 0; i < environment->count; i++) {
		const char *entry = environment->entries[i];
		if (strncmp(entry, name, length) == 0 && entry[length] == '=') {
			cr_expect(eq(ptr, (void *)value, NULL), "%s twice", name);
			value = entry + length + 1;
		}
	}
	return value;
}

Test(environment, keeps_everything_and_names_what_looks_secret)
{
	struct environment environment;
	environment_build(&environment, own, NULL, "/tmp/own", NULL);
	cr_expect(eq(str, (char *)value_of(&environment, "PATH"), "/bin"));
	cr_expect(eq(str, (char *)value_of(&environment, "GITHUB_TOKEN"), "abc"));
	cr_expect(eq(str, (char *)value_of(&environment, "TMPDIR"), "/tmp/own"));
	cr_expect(eq(str, (char *)value_of(&environment, "TERM"), "dumb"));
	cr_expect(eq(
		str, environment.secret_names, "GITHUB_TOKEN, AWS_SECRET_ACCESS_KEY"));
	cr_expect(eq(ptr, (void *)environment.entries[environment.count], NULL));
	environment_finish(&environment);
}

Test(environment, clean_leaves_out_what_looks_secret)
{
	struct environment environment;
	environment_build(&environment, own, "clean", "/tmp/own", "xterm-256color");
	cr_expect(eq(ptr, (void *)value_of(&environment, "GITHUB_TOKEN"), NULL));
	cr_expect(
		eq(ptr, (void *)value_of(&environment, "AWS_SECRET_ACCESS_KEY"), NULL));
	cr_expect(eq(str, (char *)value_of(&environment, "EDITOR"), "vi"));
	cr_expect(eq(str, (char *)value_of(&environment, "TERM"), "xterm-256color"));
	cr_expect(eq(ptr, environment.secret_names, NULL));
	environment_finish(&environment);
}

Test(environment, names_are_passed_on_though_they_look_secret)
{
	struct environment environment;
	environment_build(&environment, own, "OTHER,GITHUB_TOKEN", "/tmp/own", NULL);
	cr_expect(eq(str, (char *)value_of(&environment, "GITHUB_TOKEN"), "abc"));
	cr_expect(
		eq(ptr, (void *)value_of(&environment, "AWS_SECRET_ACCESS_KEY"), NULL));
	cr_expect(eq(str, (char *)value_of(&environment, "PATH"), "/bin"));
	cr_expect(eq(str, environment.secret_names, "GITHUB_TOKEN"));
	environment_finish(&environment);
}
