/* SPDX-License-Identifier: MIT */
#include "tracer/python_starter.h"

#include "tracer/code_origin.h"

#include <ctype.h>
#include <string.h>

static const struct starter {
	const char *text;     /* up to the arguments */
	const char *function; /* that it calls */
	const char *file;     /* of the library, which has that */
} starters[] = {
	{"from multiprocessing.spawn import spawn_main; spawn_main(", "spawn_main",
		"/multiprocessing/spawn.py"},
	{"from multiprocessing.forkserver import main; main(", "main",
		"/multiprocessing/forkserver.py"},
	{"import sys; from multiprocessing.forkserver import main; main(", "main",
		"/multiprocessing/forkserver.py"},
	{"from multiprocessing.resource_tracker import main;main(", "main",
		"/multiprocessing/resource_tracker.py"},
};

/* The end of a literal in quotes, or NULL. */
static const char *literal_end(const char *at, const char *end)
{
	const char quote = *at++;

	while (at < end && *at != quote) {
		at += *at == '\\' ? 2 : 1;
	}
	return at < end ? at + 1 : NULL;
}

/* Numbers, names and plain literals: nothing that is called before the function is. */
static bool are_plain_arguments(struct text arguments)
{
	const char *at = arguments.bytes;
	const char *end = at + arguments.length;
	bool may_quote = true; /* no letter before it: it is no f-string */

	while (at != NULL && at < end) {
		if (*at == '\'' || *at == '"') {
			at = may_quote ? literal_end(at, end) : NULL;
			may_quote = false;
			continue;
		}
		if (!isalnum((unsigned char)*at) && !strchr("_=,:*{}[]. -", *at)) {
			return false;
		}
		may_quote = !isalnum((unsigned char)*at) && *at != '_';
		at++;
	}
	return at != NULL;
}

static const struct starter *starter_find(struct text line)
{
	for (size_t i = 0; i < sizeof(starters) / sizeof(starters[0]); i++) {
		const size_t length = strlen(starters[i].text);
		if (!text_starts_with(line, starters[i].text) ||
			line.bytes[line.length - 1] != ')') {
			continue;
		}
		struct text arguments = {line.bytes + length, line.length - length - 1};
		if (line.length > length && are_plain_arguments(arguments)) {
			return &starters[i];
		}
	}
	return NULL;
}

bool python_starter_is(struct text line)
{
	return starter_find(line) != NULL;
}

/* What follows -c, behind options of the interpreter's own. */
static struct text command_of(const struct text *argv, size_t argc)
{
	for (size_t i = 1; i + 1 < argc && argv[i].length > 0; i++) {
		if (argv[i].bytes[0] != '-') {
			break; /* a script, or what an option has with it */
		}
		if (text_equal_string(argv[i], "-c")) {
			return argv[i + 1];
		}
		i += text_equal_string(argv[i], "-X"); /* its value */
	}
	return (struct text){0};
}

void python_starter_mark(struct code_facts *facts, const struct text *argv, size_t argc)
{
	const struct starter *starter = starter_find(command_of(argv, argc));

	if (!starter || facts->frame_count < 2) {
		return;
	}
	struct code_frame *outermost = &facts->frames[facts->frame_count - 1];
	const struct code_frame *called = outermost - 1;
	outermost->is_starter =
		text_equal_string(outermost->file, "<string>") &&
		text_equal_string(outermost->function, "<module>") &&
		text_equal_string(called->function, starter->function) &&
		text_ends_with(called->file, starter->file) &&
		code_file_is_library(called->file);
}
