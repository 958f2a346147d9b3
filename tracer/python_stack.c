/* SPDX-License-Identifier: MIT */
#include "tracer/python_stack.h"

#include "base/xalloc.h"
#include "tracer/python_text.h"

#include <stdlib.h>

enum {
	INTERPRETERS_MAX = 64,
	THREADS_MAX = 4096,
	STATES_MAX = 8, /* of one thread: one for each interpreter it is in */
	STEPS_MAX = 2 * CODE_FRAMES_MAX, /* frames, and shims between them */
};

/* Python 3.14 marks references in their lowest bits. */
#define REFERENCE_MASK (~UINT64_C(3))

struct reader {
	struct stack_memory *memory;
	const struct python_layout *layout;
	const struct python_thread *thread;
	uint64_t states[STATES_MAX]; /* the thread's own, for sure */
	size_t state_count;
	uint64_t nearest;  /* the control frame next above the stack pointer, or 0 */
	uint64_t by_stack; /* the state that it is of */
	unsigned found;	   /* states in all */
	uint64_t last;
};

static bool field_read(
	const struct reader *reader, uint64_t address, size_t offset, uint64_t *value)
{
	return stack_memory_word(reader->memory, address + offset, value);
}

/*
 * A control frame lies on the C stack of the thread that runs: of a forked child too,
 * whose state still has its parent's number. Only above a main thread no other stack is.
 */
static void stack_look(struct reader *reader, uint64_t state)
{
	const struct python_thread *sought = reader->thread;
	uint64_t control;

	if (reader->layout->control != 0 && sought->is_main && sought->stack != 0 &&
		field_read(reader, state, reader->layout->control, &control) &&
		control > sought->stack &&
		(reader->nearest == 0 || control < reader->nearest)) {
		reader->nearest = control;
		reader->by_stack = state;
	}
}

/*
 * Libraries put what a thread is known by at the end of its stack. Before 3.11 there is
 * nothing else to recognise one by that is in no ptrace stop.
 */
static bool is_on_stack(const struct python_thread *thread, uint64_t number)
{
	return number > thread->stack && number < thread->stack_end;
}

/* Notes a state that is the thread's; false: it cannot be read. */
static bool state_look(struct reader *reader, uint64_t address, uint64_t *next)
{
	const struct python_layout *layout = reader->layout;
	const struct python_thread *sought = reader->thread;
	uint64_t number;
	bool is_it;

	if (!field_read(reader, address, layout->next_thread, next)) {
		return false;
	}
	reader->found++;
	reader->last = address;
	if (sought->fs_base != 0) {
		is_it = field_read(reader, address, layout->thread_id, &number) &&
			number == sought->fs_base;
	} else {
		stack_look(reader, address);
		is_it = layout->native_thread_id != 0 &&
			field_read(
				reader, address, layout->native_thread_id, &number) &&
			number == (uint64_t)sought->tid;
		is_it = is_it ||
			(field_read(reader, address, layout->thread_id, &number) &&
				is_on_stack(sought, number));
	}
	if (is_it && reader->state_count < STATES_MAX) {
		reader->states[reader->state_count++] = address;
	}
	return true;
}

/*
 * Finds the thread's states: of each interpreter that it runs code in, the newest first,
 * which is the one that it is in.
 */
static void states_find(struct reader *reader, uint64_t runtime)
{
	const struct python_layout *layout = reader->layout;
	uint64_t interpreter = 0;
	bool is_read = field_read(reader, runtime, layout->interpreters, &interpreter);

	for (int i = 0; is_read && i < INTERPRETERS_MAX && interpreter != 0; i++) {
		uint64_t state = 0;
		(void)field_read(reader, interpreter, layout->first_thread, &state);
		while (state != 0 && reader->found < THREADS_MAX) {
			if (!state_look(reader, state, &state)) {
				break;
			}
		}
		is_read = field_read(
			reader, interpreter, layout->next_interpreter, &interpreter);
	}
	bool is_lone = reader->thread->is_main && reader->found == 1;
	if (reader->state_count > 0) {
		return;
	}
	if (reader->by_stack != 0) {
		reader->states[reader->state_count++] = reader->by_stack;
	} else if (is_lone && reader->thread->fs_base == 0) {
		reader->states[reader->state_count++] = reader->last;
	}
}

static uint64_t first_frame(const struct reader *reader, uint64_t state)
{
	uint64_t holder = state;
	uint64_t frame = 0;

	if (reader->layout->control != 0 &&
		!field_read(reader, state, reader->layout->control, &holder)) {
		return 0;
	}
	(void)field_read(reader, holder, reader->layout->current, &frame);
	return frame;
}

/* Where the instructions begin that the frame runs: the code's own, or a copy of them. */
static bool instructions_find(
	const struct reader *reader, uint64_t frame, uint64_t code, uint64_t *first)
{
	enum { COPIES_AT = 8 /* of the array, behind its length */ };
	const struct python_layout *layout = reader->layout;
	uint64_t copies;
	uint64_t index;

	*first = code + layout->instructions;
	if (layout->bytecodes == 0) {
		return true;
	}
	return field_read(reader, frame, layout->bytecode_index, &index) &&
	       field_read(reader, code, layout->bytecodes, &copies) &&
	       field_read(reader, copies + (uint32_t)index * sizeof(uint64_t),
		       COPIES_AT, first);
}

/* Where the frame is in its code object; false: that cannot be read. */
static bool instruction_read(const struct reader *reader, uint64_t frame, uint64_t code,
	struct python_instruction *instruction)
{
	const struct python_layout *layout = reader->layout;
	uint64_t at;
	uint64_t first;
	uint64_t first_line;

	if (!field_read(reader, frame, layout->instruction, &at) ||
		!field_read(reader, code, layout->first_line, &first_line) ||
		!field_read(reader, code, layout->line_table, &instruction->table)) {
		return false;
	}
	instruction->table += layout->head;
	instruction->lines = layout->lines;
	instruction->first_line = (int32_t)first_line;
	if (layout->instructions != 0) {
		bool is_found = instructions_find(reader, frame, code, &first);
		instruction->unit = (at - first) / 2;
		return is_found;
	}
	int32_t index = (int32_t)at < 0 ? 0 : (int32_t)at; /* -1: not begun yet */
	instruction->unit = layout->lines == LINES_DIFFERENCES ? (uint64_t)index / 2
							       : (uint64_t)index;
	return true;
}

static bool frame_fill(
	const struct reader *reader, uint64_t address, struct code_frame *frame)
{
	const struct python_layout *layout = reader->layout;
	struct python_instruction instruction;
	uint64_t code;
	uint64_t name;

	if (!field_read(reader, address, layout->code, &code) ||
		!field_read(reader, code &= REFERENCE_MASK, layout->file, &name) ||
		!python_text_read(reader->memory, layout, name, &frame->file)) {
		return false;
	}
	frame->address = address;
	frame->code = code;
	frame->file_object = name;
	if (!field_read(reader, code, layout->name, &name) ||
		!python_text_read(reader->memory, layout, name, &frame->function)) {
		frame->function = text_of(xstrdup("?"));
	}
	if (instruction_read(reader, address, code, &instruction)) {
		frame->line = python_line_find(reader->memory, &instruction);
		frame->first_line = instruction.first_line;
	}
	return true;
}

/* True for a frame that runs no code of its own; marks where evaluators were entered. */
static bool is_shim(
	const struct reader *reader, uint64_t address, struct code_facts *facts)
{
	const struct python_layout *layout = reader->layout;
	unsigned char mark = 0;

	(void)stack_memory_read(
		reader->memory, address + layout->entry, &mark, sizeof(mark));
	bool is = layout->entries == ENTRY_SHIMS && mark >= layout->first_shim;
	if (is && facts->frame_count > 0) {
		/* A variable of the evaluator that was entered; since 3.15 another follows. */
		struct code_frame *frame = &facts->frames[facts->frame_count - 1];
		frame->entered = frame->is_entry ? frame->entered : address;
		frame->is_entry = true;
	} else if (!is) {
		facts->frames[facts->frame_count].is_entry =
			layout->entries == ENTRY_EACH ||
			(layout->entries == ENTRY_FLAG && mark != 0);
	}
	return is;
}

/* False if not all frames of this state could be read. */
static bool frames_read(
	const struct reader *reader, uint64_t address, struct code_facts *facts)
{
	const size_t before = facts->frame_count;

	for (int i = 0; i < STEPS_MAX && address != 0; i++) {
		if (facts->frame_count == CODE_FRAMES_MAX) {
			return false;
		}
		if (!is_shim(reader, address, facts)) {
			if (!frame_fill(reader, address,
				    &facts->frames[facts->frame_count])) {
				return false;
			}
			facts->frame_count++;
		}
		if (!field_read(reader, address, reader->layout->previous, &address)) {
			return false;
		}
	}
	if (address == 0 && facts->frame_count > before) {
		facts->frames[facts->frame_count - 1].is_entry = true;
		facts->frames[facts->frame_count - 1].is_outermost = true;
	}
	return address == 0;
}

bool python_stack_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t runtime, const struct python_thread *thread, struct code_facts *facts)
{
	struct reader reader = {.memory = memory, .layout = layout, .thread = thread};

	states_find(&reader, runtime);
	facts->frames = xcalloc(CODE_FRAMES_MAX, sizeof(*facts->frames));
	for (size_t i = 0; i < reader.state_count && !facts->is_cut; i++) {
		uint64_t frame = first_frame(&reader, reader.states[i]);
		facts->is_cut = frame != 0 && !frames_read(&reader, frame, facts);
	}
	return facts->frame_count > 0;
}
