/* SPDX-License-Identifier: MIT */
#include "cli/event_json.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

TestSuite(event_json, .timeout = 30);

/* The event's field as JSON text; freed at exit of the test's process. */
static char *field(const struct event *event, const char *name)
{
	json_t *object = event_json(event);
	json_t *value = json_object_get(object, name);

	cr_assert(value != NULL, "%s is missing", name);
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	json_decref(object);
	return text;
}

static void expect_field(const struct event *event, const char *name, const char *want)
{
	char *got = field(event, name);

	cr_expect(eq(str, got, (char *)want), "%s", name);
	free(got);
}

Test(event_json, has_every_promised_field)
{
	static const char *const names[] = {"session", "seq", "time", "pid", "tid",
		"program", "argv", "verb", "object", "asked_as", "syscall", "verdict",
		"by", "scope", "waited_ms", "errno", "python", "native",
		"generated_code", "mcp"};
	struct event event = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		free(field(&event, names[i]));
	}
}

Test(event_json, says_who_decided)
{
	struct event event = {.by = BY_RULE, .rule = 12};

	expect_field(&event, "by", "\"rule:12\"");
	event.by = BY_PERSON;
	expect_field(&event, "by", "\"person\"");
	event.by = BY_HEADLESS;
	expect_field(&event, "by", "\"headless\"");
	event.by = BY_DEFAULT;
	expect_field(&event, "by", "\"default\"");
	expect_field(&event, "scope", "null");
	event.has_scope = true;
	event.scope = SCOPE_ALWAYS;
	expect_field(&event, "scope", "\"always\"");
}

Test(event_json, keeps_bytes_that_are_no_text)
{
	struct event event = {.object = {"/a\xff", 3}};

	expect_field(&event, "object", "{\"b64\":\"L2H/\"}");
	event.object = text_of("/ä\n");
	expect_field(&event, "object", "\"/ä\\n\"");
}

Test(event_json, argv_is_that_of_the_program_to_be_run)
{
	struct text own[] = {text_of("sh")},
		    other[] = {text_of("git"), text_of("push")};
	struct event event = {.verb = VERB_READ,
		.argv = other,
		.argc = 0,
		.process_argv = own,
		.process_argc = 1};

	expect_field(&event, "argv", "[\"sh\"]");
	event.verb = VERB_EXEC;
	event.argc = 2;
	expect_field(&event, "argv", "[\"git\",\"push\"]");
	expect_field(&event, "process_argv", "[\"sh\"]");
}

Test(event_json, facts_that_were_not_taken_are_null)
{
	struct event event = {.flags = EVENT_CODE_UNTAKEN | EVENT_ARGV_MASKED};

	expect_field(&event, "python", "null");
	expect_field(&event, "generated_code", "null");
	expect_field(&event, "flags", "[\"code_untaken\",\"argv_masked\"]");
	event.python = text_of("[\"a.py:1\"]");
	event.code = CODE_GENERATED;
	event.labels = text_of("secret,mail");
	expect_field(&event, "python", "[\"a.py:1\"]");
	expect_field(&event, "generated_code", "true");
	expect_field(&event, "labels", "[\"secret\",\"mail\"]");
}

Test(event_json, times_and_errors_are_exact)
{
	struct event event = {.time = 1769846656000000001, .error = EACCES};

	expect_field(&event, "time", "\"2026-01-31T08:04:16.000000001Z\"");
	expect_field(&event, "errno", "13");
	expect_field(&event, "errno_name", "\"EACCES\"");
}
