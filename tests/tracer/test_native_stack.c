/* SPDX-License-Identifier: MIT */
/* Native stacks of programs that mean well, and of such that do not. */
#include "tracer/native_stack.h"
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

TestSuite(tree_native, .timeout = 60);

/* The functions of the stack that was taken, each with a space after it. */
static char taken[4096];
static bool taken_is_cut;
static unsigned taken_count;
static long long taken_ms;

static long long now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int take_at_word(struct tree *tree, const struct request *request)
{
	struct native_facts facts;
	size_t length = 0;

	if (!memmem(request->actions[0].object.bytes, request->actions[0].object.length,
		    tree->word, strlen(tree->word))) {
		return TREE_ALLOWS;
	}
	long long start = now_ms();
	tracer_take_native(tree->tracer, request, &facts);
	taken_ms = now_ms() - start;
	taken_count++;
	taken_is_cut = facts.is_cut;
	taken[0] = '\0';
	for (size_t i = 0; i < facts.frame_count && length < sizeof(taken); i++) {
		length += (size_t)snprintf(taken + length, sizeof(taken) - length,
			"%.*s%s ", (int)facts.frames[i].function.length,
			facts.frames[i].function.bytes,
			facts.frames[i].is_guessed ? "?" : "");
	}
	native_facts_finish(&facts);
	return TREE_ALLOWS;
}

static void take(const char *const argv[], const char *word)
{
	struct tree tree = {.word = word};

	tree_start_libunwind();
	tree_start(&tree, argv, take_at_word);
	tree_run_to_end(&tree);
	cr_expect(gt(uint, taken_count, 0));
	cr_expect(lt(llong, taken_ms, 500));
	tree_finish(&tree);
}

static void take_victim(const char *behaviour)
{
	const char *const argv[] = {tree_victim("stacks"), behaviour, NULL};

	take(argv, "127.0.0.1:9");
}

Test(tree_native, functions_are_named_from_inside_out)
{
	take_victim("chain");
	cr_expect(strstr(taken, "connect innermost middle chain main ") != NULL, "%s",
		taken);
	cr_expect(not(taken_is_cut));
}

Test(tree_native, endless_unwind_information_ends)
{
	take_victim("loop");
	cr_expect(strstr(taken, "innermost middle loop ") != NULL, "%s", taken);
	cr_expect(taken_is_cut);
}

Test(tree_native, wild_unwind_information_ends)
{
	take_victim("wild");
	cr_expect(strstr(taken, "innermost middle wild ") != NULL, "%s", taken);
	cr_expect(taken_is_cut);
}

Test(tree_native, code_made_at_run_time_is_named_by_its_process)
{
	take_victim("made");
	cr_expect(strstr(taken, "innermost middle made_here made main ") != NULL, "%s",
		taken);
	cr_expect(not(taken_is_cut));
}

Test(tree_native, code_without_unwind_information_is_guessed)
{
	const char *const argv[] = {tree_victim("stacks_bare"), "chain", NULL};

	take(argv, "127.0.0.1:9");
	cr_expect(strstr(taken, "innermost middle? chain? main? ") != NULL, "%s",
		taken);
}

/* Outside a ptrace stop the innermost frames are found at least. */
Test(tree_native, call_that_waits_outside_a_stop_has_its_innermost_frames)
{
	const char *const argv[] = {"cat", "/etc/hostname", NULL};

	take(argv, "/etc/hostname");
	cr_expect(strstr(taken, "open") != NULL, "%s", taken);
}
