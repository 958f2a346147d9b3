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

/* As Include/internal of that version declares _Py_DebugOffsets. */
static void words_fill(const struct python_layout *layout)
{
	const bool is_13 = layout->minor == 13;
	const uint64_t values[] = {0, 0, 0, 0, 0, layout->interpreters, 0, 0,
		layout->next_interpreter, layout->first_thread};
	const uint64_t thread[] = {0, 0, layout->next_thread, 0, layout->current,
		layout->thread_id, layout->native_thread_id, 0, 0};
	const uint64_t frame[] = {0, layout->previous, layout->code,
		layout->instruction, layout->variables, layout->entry, 0, 0};
	const uint64_t code[CODE_WORDS] = {0, layout->file, 0, layout->name,
		layout->line_table, layout->first_line, 0, 0, 0, layout->instructions};
	uint64_t *next = words + (is_13 ? 19 : 22);

	memset(words, 0, sizeof(words));
	memcpy(words, values, sizeof(values));
	memcpy(words, "xdebugpy", 8);
	words[1] = (uint64_t)(3u << 24 | (unsigned)layout->minor << 16 | 5u << 8);
	memcpy(next, thread, sizeof(thread));
	next += sizeof(thread) / sizeof(thread[0]);
	memcpy(next, frame, sizeof(frame));
	next += is_13 ? 6 : 8;
	memcpy(next, code, sizeof(code));
}

Test(python_layout, offsets_of_a_release_are_those_of_its_version)
{
	for (unsigned minor = 13; minor <= 14; minor++) {
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

Test(python_layout, what_does_not_fit_is_refused)
{
	static const struct {
		size_t word;
		uint64_t value;
	} wrong[] = {
		{0, 1},			     /* no mark */
		{1, 0x030c0100},	     /* of another version */
		{2, 1},			     /* without the global lock */
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
	static const unsigned minors[] = {0, 6, 7, 15, 255};

	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		cr_expect(eq(ptr, (void *)python_layout_find(minors[i]), NULL));
	}
}
