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
