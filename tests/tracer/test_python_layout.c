/* SPDX-License-Identifier: MIT */
/* What interpreters since 3.13 say of themselves, taken over or refused. */
#include "tracer/python_layout.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

enum { WORDS = PYTHON_OFFSETS_SIZE / 8, INTERPRETERS_WORD = 5, CODE_WORDS = 10 };

static uint64_t words[WORDS];

static unsigned char *bytes(void)
{
	static unsigned char copy[PYTHON_OFFSETS_SIZE];

	memcpy(copy, words, sizeof(copy));
	return copy;
}

/* As Include/internal of that version declares _Py_DebugOffsets: where its parts begin. */
static void words_fill(const struct python_layout *layout)
{
	static const struct {
		size_t thread, thread_id, frame, code;
	} parts[] = {{19, 24, 28, 34}, {22, 27, 31, 39}, {22, 30, 39, 47}};
	const size_t version = layout->minor - 13u;
	const uint64_t values[] = {0, 0, 0, 0, 0, layout->interpreters, 0, 0,
		layout->next_interpreter, layout->first_thread};
	const uint64_t frame[] = {0, layout->previous, layout->code,
		layout->instruction, layout->variables, layout->entry};
	const uint64_t code[CODE_WORDS] = {0, layout->file, 0, layout->name,
		layout->line_table, layout->first_line, 0, 0, 0, layout->instructions};

	memset(words, 0, sizeof(words));
	memcpy(words, values, sizeof(values));
	memcpy(words, "xdebugpy", 8);
	words[1] = (uint64_t)(3u << 24 | (unsigned)layout->minor << 16 | 5u << 8);
	words[parts[version].thread + 2] = layout->next_thread;
	words[parts[version].thread + 4] = layout->current;
	words[parts[version].thread_id] = layout->thread_id;
	words[parts[version].thread_id + 1] = layout->native_thread_id;
	memcpy(words + parts[version].frame, frame, sizeof(frame));
	memcpy(words + parts[version].code, code, sizeof(code));
}

Test(python_layout, offsets_of_a_release_are_those_of_its_version)
{
	for (unsigned minor = 13; minor <= 15; minor++) {
		struct python_layout layout = *python_layout_find(minor);
		words_fill(&layout);
		cr_assert(python_layout_adjust(&layout, bytes()), "3.%u", minor);
		cr_expect(eq(int,
			memcmp(&layout, python_layout_find(minor), sizeof(layout)), 0));
	}
}

Test(python_layout, offsets_that_moved_are_taken_over)
{
	struct python_layout layout = *python_layout_find(13);

	words_fill(&layout);
	words[INTERPRETERS_WORD] = 640;
	cr_assert(python_layout_adjust(&layout, bytes()));
	cr_expect(eq(int, layout.interpreters, 640));
}

/* Their objects begin with more; since 3.14 each thread runs its own instructions. */
Test(python_layout, builds_without_the_lock_are_known)
{
	enum { INDEX_WORD = 31 + 7, ARRAY_WORD = 39 + 10 };
	struct python_layout layout = *python_layout_find(14);

	words_fill(&layout);
	words[2] = 1;
	words[INDEX_WORD] = 72;
	words[ARRAY_WORD] = 224;
	cr_assert(python_layout_adjust(&layout, bytes()));
	cr_expect(eq(int, layout.head, 32));
	cr_expect(eq(int, layout.names, 48));
	cr_expect(eq(int, layout.tuple_items, 48));
	cr_expect(eq(int, layout.ascii, 56));
	cr_expect(eq(int, layout.wide, 72));
	cr_expect(eq(int, layout.bytecode_index, 72));
	cr_expect(eq(int, layout.bytecodes, 224));
	words[ARRAY_WORD] = 1 << 20;
	layout = *python_layout_find(14);
	cr_expect(not(python_layout_adjust(&layout, bytes())));

	layout = *python_layout_find(13);
	words_fill(&layout);
	words[2] = 1;
	cr_assert(python_layout_adjust(&layout, bytes()));
	cr_expect(eq(int, layout.head, 32));
	cr_expect(eq(int, layout.bytecodes, 0));
}

Test(python_layout, what_does_not_fit_is_refused)
{
	static const struct {
		size_t word;
		uint64_t value;
	} wrong[] = {
		{0, 1},			     /* no mark */
		{1, 0x030c0100},	     /* of another version */
		{2, 2},			     /* neither with nor without the lock */
		{INTERPRETERS_WORD, 1 << 20} /* far outside */
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct python_layout layout = *python_layout_find(13);
		words_fill(&layout);
		words[wrong[i].word] = wrong[i].value;
		cr_expect(not(python_layout_adjust(&layout, bytes())), "%zu", i);
	}
}

Test(python_layout, other_versions_are_unknown)
{
	static const unsigned minors[] = {0, 6, 7, 16, 255};

	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		cr_expect(eq(ptr, (void *)python_layout_find(minors[i]), NULL));
	}
}
