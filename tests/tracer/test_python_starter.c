/* SPDX-License-Identifier: MIT */
/* Lines that Python's multiprocessing gives its workers, and what only looks like one. */
#include "tracer/python_starter.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(python_starter, lines_of_the_library_are_known)
{
	static const char *const lines[] = {
		"from multiprocessing.spawn import spawn_main; "
		"spawn_main(tracker_fd=5, pipe_handle=7)",
		"from multiprocessing.forkserver import main; main(6, 7, ['__main__'], "
		"**{'sys_path': ['/a (b)', \"it's\"], 'main_path': '/w/x.py'})",
		"import sys; from multiprocessing.forkserver import main; "
		"main(6, 7, ['__main__'], sys_argv=sys.argv[1:], **{'authkey_r': 9})",
		"from multiprocessing.resource_tracker import main;main(5)"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_expect(python_starter_is(text_of(lines[i])), "%s", lines[i]);
	}
}

Test(python_starter, lines_that_do_more_are_not)
{
	static const char *const lines[] = {"",
		"from multiprocessing.spawn import spawn_main; spawn_main(",
		"from multiprocessing.spawn import spawn_main; spawn_main(exec('x'))",
		"from multiprocessing.spawn import spawn_main; spawn_main(5); exit()",
		"from multiprocessing.spawn import spawn_main; spawn_main(f'{exit()}')",
		"from multiprocessing.spawn import spawn_main; "
		"spawn_main(''f'{exit()}')",
		"from multiprocessing.spawn import spawn_main; "
		"spawn_main('\\\\'+exit())",
		"from multiprocessing.spawn import spawn_main; spawn_main(5)\nexit()",
		"from multiprocessing.spawn import spawn_main; spawn_main('",
		"from multiprocessing.spawn import spawn_main; spawn_main('\\')",
		" from multiprocessing.resource_tracker import main;main(5)",
		"from multiprocessing.resource_tracker import main;main(a@b)"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_expect(not(python_starter_is(text_of(lines[i]))), "%s", lines[i]);
	}
}

static bool is_marked(const char *file, const char *function, const char *option)
{
	const struct text argv[] = {text_of("python3"), text_of("-B"), text_of(option),
		text_of("from multiprocessing.resource_tracker import main;main(5)")};
	struct code_frame frames[] = {
		{.file = text_of(file), .function = text_of(function)},
		{.file = text_of("<string>"), .function = text_of("<module>")}};
	struct code_facts facts = {.frames = frames, .frame_count = 2};

	python_starter_mark(&facts, argv, sizeof(argv) / sizeof(argv[0]));
	return frames[1].is_starter;
}

Test(python_starter, frame_is_marked_only_below_the_function_called)
{
	static const char library[] =
		"/usr/lib/python3.11/multiprocessing/resource_tracker.py";

	cr_expect(is_marked(library, "main", "-c"));
	cr_expect(not(is_marked(library, "other", "-c")));
	cr_expect(
		not(is_marked("/w/multiprocessing/resource_tracker.py", "main", "-c")));
	cr_expect(not(is_marked("<string>", "main", "-c")));
	cr_expect(not(is_marked(library, "main", "x.py")));
}
