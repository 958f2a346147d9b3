/* SPDX-License-Identifier: MIT */
#include "cli/event_match.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

static void set_up(void)
{
	cr_assert(setenv("HOME", "/home/a", 1) == 0);
}

TestSuite(event_match, .init = set_up, .timeout = 30);

static bool matches(
	const char *pattern, enum verb verb, const char *object, const char *asked_as)
{
	struct session_record session = {.project = text_of("/home/a/project")};
	struct text argv[] = {text_of("git"), text_of("push")};
	struct event event = {.verb = verb,
		.object = text_of(object),
		.asked_as = text_of(asked_as),
		.argv = argv,
		.argc = verb == VERB_EXEC ? 2 : 0};
	struct error err = {0};
	struct event_match *match = event_match_create(pattern, &session, &err);

	cr_assert(match != NULL, "%s: %s", pattern, err.text);
	bool result = event_match(match, &event);
	event_match_destroy(match);
	return result;
}

Test(event_match, patterns_mean_what_they_mean_in_rules)
{
	static const struct {
		const char *pattern;
		enum verb verb;
		const char *object, *asked_as;
		bool want;
	} rows[] = {
		{"/usr/**", VERB_READ, "/usr/lib/a", NULL, true},
		{"/usr/*", VERB_READ, "/usr/lib/a", NULL, false},
		{"~/**", VERB_WRITE, "/home/a/b", NULL, true},
		{"{project}/**", VERB_WRITE, "/home/a/project/b", NULL, true},
		{"{project}/**", VERB_WRITE, "/home/a/b", NULL, false},
		{"/usr/bin/git push", VERB_EXEC, "/usr/bin/git", NULL, true},
		{"/usr/bin/git pull", VERB_EXEC, "/usr/bin/git", NULL, false},
		{"10.0.0.0/8:*", VERB_CONNECT, "10.1.2.3:80", NULL, true},
		{"10.0.0.0/8:443", VERB_CONNECT, "10.1.2.3:80", NULL, false},
		{"example.com:443", VERB_CONNECT, "1.2.3.4:443", "example.com:443",
			true},
		{"*.example.com:443", VERB_CONNECT, "1.2.3.4:443", "a.example.com:443",
			true},
		{"*", VERB_SYSTEM, "mount", NULL, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool got = matches(rows[i].pattern, rows[i].verb, rows[i].object,
			rows[i].asked_as);

		cr_expect(got == rows[i].want, "%s on %s", rows[i].pattern,
			rows[i].object);
	}
}

Test(event_match, a_pattern_that_is_none_is_refused_in_words)
{
	struct session_record session = {0};
	struct error err = {0};

	cr_expect(event_match_create("/a/[b", &session, &err) == NULL);
	cr_expect(eq(int, err.code, ERROR_USAGE));
	cr_expect(strstr(err.text, "--match /a/[b: ") == err.text, "%s", err.text);
	cr_expect(strstr(err.text, "column") == NULL, "%s", err.text);
}
