/* SPDX-License-Identifier: MIT */
#include "session/stack_merge.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

/*
 * native: a letter a frame, innermost first, 'E' for evaluators. code: a digit a frame,
 * with '.' behind the ones that an evaluator was entered with.
 */
static const struct {
	const char *native, *code, *merged;
} cases[] = {
	{"", "", ""},
	{"abc", "", "abc"},
	{"", "12.", "12"},
	{"aEbEc", "1.2.", "a1b2c"},
	{"aEbEc", "12.34.", "a12b34c"},
	{"aEbEc", "12.", "a12bEc"},
	{"aEb", "1.23.4.", "a1b234"},
	{"ab", "1.2.", "ab12"},
	{"Ea", "123", "123a"},
};

enum { FRAMES_MAX = 16 };

static size_t code_read(const char *text, bool is_entry[static FRAMES_MAX])
{
	size_t count = 0;

	for (; *text; text++) {
		if (*text == '.') {
			is_entry[count - 1] = true;
		} else {
			is_entry[count++] = false;
		}
	}
	return count;
}

Test(stack_merge, code_stands_where_it_is_evaluated)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool evaluates[FRAMES_MAX];
		bool is_entry[FRAMES_MAX];
		struct stack_item items[2 * FRAMES_MAX];
		char merged[2 * FRAMES_MAX + 1] = "";
		size_t native = strlen(cases[i].native);
		for (size_t j = 0; j < native; j++) {
			evaluates[j] = cases[i].native[j] == 'E';
		}
		const struct stack_shape shape = {evaluates, native, is_entry,
			code_read(cases[i].code, is_entry)};
		size_t count = stack_merge(&shape, items);
		for (size_t j = 0; j < count; j++) {
			merged[j] = items[j].is_code ? (char)('1' + items[j].index)
						     : cases[i].native[items[j].index];
		}
		cr_expect(eq(str, merged, (char *)cases[i].merged), "%zu", i);
	}
}

/* Native frames at these places of the stack, and what code was entered from. */
static void expect_evaluators(
	const uint64_t *entered, size_t code_count, const char *wanted)
{
	struct native_frame native[] = {{.stack = 100}, {.stack = 200}, {.stack = 300},
		{.stack = 400}, {.stack = 500}};
	struct code_frame frames[FRAMES_MAX] = {0};
	struct native_facts facts = {.frames = native, .frame_count = 5};
	const struct code_facts code = {.frames = frames, .frame_count = code_count};
	char got[6] = "-----";

	for (size_t i = 0; i < code_count; i++) {
		frames[i].entered = entered[i];
	}
	stack_mark_evaluators(&facts, &code);
	for (size_t i = 0; i < facts.frame_count; i++) {
		got[i] = native[i].evaluates ? 'E' : '-';
	}
	cr_expect(eq(str, got, (char *)(uintptr_t)wanted));
}

Test(stack_merge, evaluators_are_found_by_what_lies_in_their_frames)
{
	expect_evaluators((const uint64_t[]){0, 250, 0, 400}, 4, "-E-E-");
	expect_evaluators((const uint64_t[]){100, 399}, 2, "E-E--");
	/* On no frame, below or above the stack, or in an order that cannot be. */
	expect_evaluators((const uint64_t[]){99}, 1, "-----");
	expect_evaluators((const uint64_t[]){500}, 1, "-----");
	expect_evaluators((const uint64_t[]){UINT64_MAX, 350, 150}, 3, "--E--");
	expect_evaluators((const uint64_t[]){250, 260}, 2, "-E---");
}
