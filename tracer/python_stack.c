/* SPDX-License-Identifier: MIT */
#include "tracer/python_stack.h"

#include "base/xalloc.h"
#include "tracer/python_text.h"

#include <stdlib.h>

enum {
	INTERPRETERS_MAX = 64,
	THREADS_MAX = 4096,
	STEPS_MAX = 2 * CODE_FRAMES_MAX, /* frames, and shims between them */
	THREAD_BYTES = 168, /* as much of a thread's struct as is looked at */
	FRAME_BYTES = 80,
	CODE_BYTES = 144,
};

/* Python 3.14 marks references in their lowest bits. */
#define REFERENCE_MASK (~UINT64_C(3))

struct reader {
	struct stack_memory *memory;
	const struct python_layout *layout;
	const struct python_thread *thread;
	uint64_t nearest;  /* the control frame next above the stack pointer, or 0 */
	uint64_t by_stack; /* the thread that it is of */
	unsigned found;	   /* threads in all */
	uint64_t last;
};

static uint64_t word_at(const unsigned char *bytes, size_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, sizeof(word));
	return word;
}

/*
 * A control frame lies on the C stack of the thread that runs: of a forked child too,
 * whose state still has its parent's number. Only above a main thread no other stack is.
 */
static void stack_look(struct reader *reader, uint64_t thread, uint64_t control)
{
	const struct python_thread *sought = reader->thread;

	if (sought->is_main && sought->stack != 0 && control > sought->stack &&
		(reader->nearest == 0 || control < reader->nearest)) {
		reader->nearest = control;
		reader->by_stack = thread;
	}
}

/* True if this is the thread for sure. */
static bool thread_look(struct reader *reader, uint64_t address, uint64_t *next)
{
	const struct python_layout *layout = reader->layout;
	unsigned char state[THREAD_BYTES];

	if (!stack_memory_read(reader->memory, address, state, sizeof(state))) {
		*next = 0;
		return false;
	}
	*next = word_at(state, layout->next_thread);
	reader->found++;
	reader->last = address;
	if (reader->thread->fs_base != 0) {
		return word_at(state, layout->thread_id) == reader->thread->fs_base;
	}
	if (layout->control != 0) {
		stack_look(reader, address, word_at(state, layout->control));
	}
	return word_at(state, layout->native_thread_id) ==
	       (uint64_t)reader->thread->tid;
}

/* The address of the thread's state; 0: it has none, or that cannot be told. */
static uint64_t thread_find(struct reader *reader, uint64_t runtime)
{
	const struct python_layout *layout = reader->layout;
	uint64_t interpreter = 0;

	(void)stack_memory_word(
		reader->memory, runtime + layout->interpreters, &interpreter);
	for (int i = 0; i < INTERPRETERS_MAX && interpreter != 0; i++) {
		uint64_t thread = 0;
		(void)stack_memory_word(
			reader->memory, interpreter + layout->first_thread, &thread);
		while (thread != 0 && reader->found < THREADS_MAX) {
			uint64_t next;
			if (thread_look(reader, thread, &next)) {
				return thread;
			}
			thread = next;
		}
		if (!stack_memory_word(reader->memory, interpreter, &interpreter)) {
			break;
		}
	}
	if (reader->by_stack != 0) {
		return reader->by_stack;
	}
	bool is_lone = reader->thread->is_main && reader->found == 1;
	return is_lone && reader->thread->fs_base == 0 ? reader->last : 0;
}

static uint64_t first_frame(const struct reader *reader, uint64_t thread)
{
	uint64_t holder = thread;
	uint64_t frame = 0;

	if (reader->layout->control != 0 &&
		!stack_memory_word(
			reader->memory, thread + reader->layout->control, &holder)) {
		return 0;
	}
	(void)stack_memory_word(
		reader->memory, holder + reader->layout->current, &frame);
	return frame;
}

static bool frame_fill(const struct reader *reader, const unsigned char *bytes,
	struct code_frame *frame)
{
	const struct python_layout *layout = reader->layout;
	unsigned char code[CODE_BYTES];
	uint64_t address = word_at(bytes, layout->code) & REFERENCE_MASK;
	int32_t first_line;

	if (!stack_memory_read(reader->memory, address, code, sizeof(code)) ||
		!python_text_read(reader->memory, layout, word_at(code, layout->file),
			&frame->file)) {
		return false;
	}
	if (!python_text_read(reader->memory, layout, word_at(code, layout->name),
		    &frame->function)) {
		frame->function = text_of(xstrdup("?"));
	}
	memcpy(&first_line, code + layout->first_line, sizeof(first_line));
	uint64_t offset =
		word_at(bytes, layout->instruction) - (address + layout->instructions);
	frame->line = python_line_find(reader->memory,
		word_at(code, layout->line_table), first_line, offset / 2);
	return true;
}

static bool is_shim(const struct python_layout *layout, const unsigned char *bytes)
{
	return bytes[layout->owner] >= layout->first_shim;
}

static void frames_read(
	const struct reader *reader, uint64_t address, struct code_facts *facts)
{
	for (int i = 0; i < STEPS_MAX && address != 0; i++) {
		unsigned char bytes[FRAME_BYTES];
		if (!stack_memory_read(reader->memory, address, bytes, sizeof(bytes)) ||
			facts->frame_count == CODE_FRAMES_MAX) {
			break;
		}
		address = word_at(bytes, reader->layout->previous);
		if (is_shim(reader->layout, bytes)) {
			continue;
		}
		struct code_frame *frame = &facts->frames[facts->frame_count];
		if (!frame_fill(reader, bytes, frame)) {
			facts->is_cut = true;
			return;
		}
		facts->frame_count++;
	}
	facts->is_cut = address != 0;
}

bool python_stack_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t runtime, const struct python_thread *thread, struct code_facts *facts)
{
	struct reader reader = {.memory = memory, .layout = layout, .thread = thread};
	uint64_t state = thread_find(&reader, runtime);
	uint64_t frame = state != 0 ? first_frame(&reader, state) : 0;

	if (frame == 0) {
		return false;
	}
	facts->frames = xcalloc(CODE_FRAMES_MAX, sizeof(*facts->frames));
	frames_read(&reader, frame, facts);
	return facts->frame_count > 0;
}

void code_facts_finish(struct code_facts *facts)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		free((char *)(uintptr_t)facts->frames[i].file.bytes);
		free((char *)(uintptr_t)facts->frames[i].function.bytes);
	}
	free(facts->frames);
	*facts = (struct code_facts){0};
}
