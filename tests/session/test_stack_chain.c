/* SPDX-License-Identifier: MIT */
/* The short form of a code stack that questions begin with. */
#include "session/stack_chain.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_lines(
	struct code_frame *frames, size_t count, const char *const *wanted, size_t most)
{
	const struct code_facts code = {.frames = frames, .frame_count = count};
	size_t got;
	struct text *lines = stack_chain_lines(&code, &got);

	cr_assert(eq(sz, got, most));
	for (size_t i = 0; i < got; i++) {
		cr_expect(text_equal_string(lines[i], wanted[i]), "got %.*s\nwant %s",
			(int)lines[i].length, lines[i].bytes, wanted[i]);
		free((char *)(uintptr_t)lines[i].bytes);
	}
	free(lines);
}

static void expect_chain(struct code_frame *frames, size_t count, const char *wanted)
{
	expect_lines(frames, count, &wanted, 1);
}

static struct code_frame frame(const char *file, int line, const char *function)
{
	return (struct code_frame){.file = text_of(file),
		.line = line,
		.function = text_of(function),
		.code = (uint64_t)line};
}

static struct code_frame text_frame(int line, const char *function, const char *source)
{
	struct code_frame made = frame("<string>", line, function);

	made.is_generated = true;
	made.source = text_of(source);
	return made;
}

Test(stack_chain, outermost_is_first_and_source_ends_with_what_runs)
{
	static const char *const wanted[] = {
		("agent.py:20 → agent.py:5 run_tool → tools.py:2 run → "
		 "<generated code>:5 send"),
		"1: import socket", "2: ", "5> s.connect()"};
	struct code_frame frames[] = {
		text_frame(5, "send", "1: import socket\n2: \n5> s.connect()\n6: x"),
		frame("/w/tools.py", 2, "run"), frame("/w/agent.py", 5, "run_tool"),
		frame("/w/agent.py", 20, "<module>")};

	expect_lines(frames, 4, wanted, 4);
}

Test(stack_chain, file_line_is_shown_where_nothing_is_generated)
{
	static const char *const wanted[] = {"a.py:7 main", "7> open(name)"};
	struct code_frame frames[] = {frame("/w/a.py", 7, "main")};

	frames[0].source = text_of("open(name)");
	expect_lines(frames, 1, wanted, 2);
}

Test(stack_chain, insides_of_libraries_are_left_out)
{
	struct code_frame frames[] = {frame("/usr/lib/python3.11/socket.py", 9, "deep"),
		frame("/usr/lib/python3.11/http/client.py", 8, "get"),
		frame("/w/a.py", 7, "fetch"),
		frame("/usr/lib/python3.11/asyncio/events.py", 6, "_run"),
		frame("/usr/lib/python3.11/asyncio/runners.py", 5, "run"),
		frame("/w/a.py", 4, "<module>"),
		frame("<frozen runpy>", 3, "_run_code")};

	expect_chain(frames, 7,
		"a.py:4 → runners.py:5 run → … → a.py:7 fetch → client.py:8 get");
	expect_chain(frames, 2, "socket.py:9 deep");
	expect_chain(frames + 6, 1, "<frozen runpy>:3 _run_code");
}

Test(stack_chain, long_ones_keep_ends_and_where_text_became_code)
{
	enum { COUNT = 40, GIVEN = 20 };
	struct code_frame frames[COUNT];

	for (int i = 0; i < COUNT; i++) {
		frames[i] = i == GIVEN ? text_frame(100 + i, "<module>", "")
				       : frame("/w/a.py", 100 + i, "f");
	}
	expect_chain(frames, COUNT,
		"a.py:139 f → … → a.py:121 f → <generated code>:120 → … → "
		"a.py:102 f → a.py:101 f → a.py:100 f");
}

Test(stack_chain, names_make_no_links)
{
	struct code_frame frames[] = {frame("/w/a → b.py", 1, "f→")};
	struct code_frame forged = frame("/w/own.py", 3, "h");

	forged.is_generated = forged.is_forged = true;
	expect_chain(frames, 1, "a ? b.py:1 f?");
	expect_chain(&forged, 1, "<generated code>:3 h (it claims to be own.py)");
}

Test(stack_chain, long_names_are_cut_between_characters)
{
	char name[200] = "";
	struct code_frame long_one;

	for (int i = 0; i < 63; i++) {
		name[i] = 'x';
	}
	strcat(name, "ééé");
	long_one = frame(name, 0, "");
	char *wanted = NULL;
	cr_assert(ge(int, asprintf(&wanted, "%.63s…", name), 0));
	expect_chain(&long_one, 1, wanted);
	free(wanted);
}

Test(stack_chain, no_frames_no_lines)
{
	expect_lines(NULL, 0, NULL, 0);
}
