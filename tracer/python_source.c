/* SPDX-License-Identifier: MIT */
#include "tracer/python_source.h"

#include "base/xalloc.h"
#include "tracer/python_names.h"
#include "tracer/python_text.h"
#include "tracer/source_file.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	CALLERS_MAX = 16,      /* how far up variables are looked at */
	VARIABLES_MAX = 64,    /* of one frame, with what it computes with */
	SOURCE_MAX = 64 << 10, /* characters; longer ones are not looked through */
	SOURCES_MAX = 4,       /* frames that get one */
};

/* Python 3.14 marks references in their lowest bits. */
#define REFERENCE_MASK (~UINT64_C(3))

static size_t lines_of(struct text source)
{
	size_t lines = 1;

	for (size_t i = 0; i + 1 < source.length; i++) {
		lines += source.bytes[i] == '\n';
	}
	return lines;
}

static bool is_source_of(struct text source, const struct code_frame *frame,
	const struct python_names *names)
{
	if (frame->line <= 0 || names->count == 0 ||
		lines_of(source) < (size_t)frame->line) {
		return false;
	}
	return python_names_occur(names, source);
}

/* True if the object is the source; then the frame has its excerpt. */
static bool object_try(struct python_program *program, uint64_t object,
	const struct python_names *names, struct code_frame *frame)
{
	struct text source;

	if (!python_text_read_long(program->memory, program->layout, object,
		    program->budget < SOURCE_MAX ? program->budget : SOURCE_MAX,
		    &source)) {
		return false;
	}
	program->budget -=
		source.length < program->budget ? source.length : program->budget;
	bool is_it = is_source_of(source, frame, names);
	if (is_it) {
		frame->source = source_excerpt(source, frame->line);
	}
	free((char *)(uintptr_t)source.bytes);
	return is_it;
}

/* Looks through the variables of one caller, the last ones first: what it calls with. */
static bool caller_look(struct python_program *program, const struct code_facts *facts,
	size_t caller, const struct python_names *names, struct code_frame *frame)
{
	const uint64_t first =
		facts->frames[caller].address + program->layout->variables;
	const uint64_t callee = facts->frames[caller - 1].address;
	const size_t type_at = program->layout->head - sizeof(uint64_t);
	size_t count = VARIABLES_MAX;
	uint64_t type;

	if (callee > first && (callee - first) / sizeof(type) < count) {
		count = (callee - first) / sizeof(type);
	}
	if (!stack_memory_word(program->memory, frame->file_object + type_at, &type)) {
		return false;
	}
	while (count-- > 0 && program->budget > 0) {
		uint64_t object;
		uint64_t its_type;
		bool is_text =
			stack_memory_word(program->memory,
				first + count * sizeof(object), &object) &&
			stack_memory_word(program->memory,
				(object & REFERENCE_MASK) + type_at, &its_type) &&
			its_type == type;
		if (is_text &&
			object_try(program, object & REFERENCE_MASK, names, frame)) {
			return true;
		}
	}
	return false;
}

/* "-c", "-Ic": the text is the next argument. */
static bool command_line_look(struct python_program *program,
	const struct python_names *names, struct code_frame *frame)
{
	for (size_t i = 1; i + 1 < program->argc; i++) {
		struct text option = program->argv[i];
		if (option.length < 2 || option.bytes[0] != '-') {
			return false; /* a script's name: what follows is its own */
		}
		if (option.bytes[1] != '-' && text_ends_with(option, "c")) {
			bool is_it = is_source_of(program->argv[i + 1], frame, names);
			if (is_it) {
				frame->source = source_excerpt(
					program->argv[i + 1], frame->line);
			}
			return is_it;
		}
	}
	return false;
}

static bool source_find(
	struct python_program *program, struct code_facts *facts, size_t at)
{
	struct code_frame *frame = &facts->frames[at];
	struct python_names names;
	bool is_found = false;

	python_names_read(program->memory, program->layout, frame->code, &names);
	for (size_t i = at + 1; !is_found && program->layout->variables != 0 &&
				i < facts->frame_count && i <= at + CALLERS_MAX;
		i++) {
		is_found = caller_look(program, facts, i, &names, frame);
	}
	is_found = is_found || command_line_look(program, &names, frame);
	python_names_finish(&names);
	return is_found;
}

void python_sources_find(struct python_program *program, struct code_facts *facts)
{
	size_t found = 0;

	for (size_t i = 0; i < facts->frame_count && found < SOURCES_MAX; i++) {
		if (facts->frames[i].is_generated && facts->frames[i].code != 0 &&
			!facts->frames[i].source.bytes) {
			found += source_find(program, facts, i);
		}
	}
}
