/* SPDX-License-Identifier: MIT */
#include "tracer/node_stack.h"

#include "base/xalloc.h"
#include "tracer/node_text.h"
#include "tracer/source_file.h"

#include <stdlib.h>

enum {
	WORD = sizeof(uint64_t),
	FUNCTION_BELOW = 16, /* of a frame pointer: the function that runs, */
	CONTEXT_BELOW = 8, /* its context, or what kind of a frame of V8's own it is */
	POINTER = 1,	   /* in the lowest bit: it is not a number */
	FUNCTION_TYPES = 32, /* kinds of functions, from the first type on */
	SHARED_WORDS = 8,    /* of what closures share, as far as is looked at */
	SCRIPT_WORDS = 14,
	SOURCE_AT = 8, /* of a script */
	NAME_AT = 16,
	NOT_A_STRING = 0x80,
	LOCALS_AT = 24, /* of a ScopeInfo: how many; each has two words */
	PLACE_AT = 32,	/* since V8 13 where it begins and ends stands before them */
	PLACE_FIRST = 5,
	LOCALS_MAX = 4096,
	SCOPE_WORDS = 16,
	NAME_MAX_READ = 256,
	FILE_MAX_READ = 4096,
	SOURCE_MAX_READ = 64 << 10,
};

struct reader {
	struct stack_memory *memory;
	const struct node_layout *layout;
};

/* What closures of one function share. */
struct shared {
	uint64_t script; /* 0: none */
	uint64_t scope;	 /* a ScopeInfo; 0: it was not compiled yet, or is gone */
	uint64_t name;	 /* a string, where there is no scope; or 0 */
};

static bool is_type(const struct reader *reader, uint64_t tagged, int32_t type)
{
	return node_type_of(reader->memory, tagged) == type;
}

static bool is_string(const struct reader *reader, uint64_t tagged)
{
	int32_t type = node_type_of(reader->memory, tagged);

	return type >= 0 && type < NOT_A_STRING;
}

/* The function of a JavaScript frame; 0: it is none. */
static uint64_t function_of(const struct reader *reader, uint64_t frame_pointer)
{
	uint64_t function;
	uint64_t context;
	uint64_t shared;

	if (frame_pointer % WORD != 0 || frame_pointer < FUNCTION_BELOW ||
		!stack_memory_word(
			reader->memory, frame_pointer - FUNCTION_BELOW, &function) ||
		!stack_memory_word(
			reader->memory, frame_pointer - CONTEXT_BELOW, &context) ||
		(context & POINTER) == 0) {
		return 0;
	}
	int32_t type = node_type_of(reader->memory, function);
	bool is_function = type >= reader->layout->function_type &&
			   type < reader->layout->function_type + FUNCTION_TYPES &&
			   node_field(reader->memory, function,
				   (unsigned)reader->layout->shared, &shared) &&
			   is_type(reader, shared, reader->layout->shared_type);
	return is_function ? shared : 0;
}

/* Where fields are differs between versions; what they may hold does not. */
static void shared_read(
	const struct reader *reader, uint64_t object, struct shared *shared)
{
	uint64_t field;

	*shared = (struct shared){0};
	for (unsigned i = 1; i < SHARED_WORDS; i++) {
		if (!node_field(reader->memory, object, i * WORD, &field)) {
			continue;
		}
		int32_t type = node_type_of(reader->memory, field);
		if (type == reader->layout->script_type) {
			shared->script = field;
		} else if (type == reader->layout->scope_type && shared->scope == 0) {
			shared->scope = field;
		} else if (type >= 0 && type < NOT_A_STRING && shared->name == 0) {
			shared->name = field;
		}
	}
}

/* True once the name is known; an empty one is none. */
static bool name_read(
	const struct reader *reader, uint64_t field, struct code_frame *frame)
{
	if (frame->function.length == 0 && is_string(reader, field)) {
		free((char *)(uintptr_t)frame->function.bytes);
		frame->function = (struct text){0};
		(void)node_text_read(
			reader->memory, field, NAME_MAX_READ, &frame->function);
	}
	return frame->function.length > 0;
}

/* The two numbers where it begins and ends stand behind the name, if it has one. */
static void scope_search(const struct reader *reader, uint64_t scope, unsigned at,
	struct code_frame *frame, int64_t *start)
{
	uint64_t field;
	int64_t last = -1;

	for (unsigned i = 0; i < SCOPE_WORDS; i++, at += WORD) {
		if (!node_field(reader->memory, scope, at, &field)) {
			return;
		}
		bool is_number = (field & UINT32_MAX) == 0;
		int64_t number = (int64_t)(field >> 32);
		if (!is_number) {
			(void)name_read(reader, field, frame);
		} else if (last >= 0 && number > last) {
			*start = last;
			return;
		}
		last = is_number ? number : -1;
	}
}

/* They stand before the variables; behind the name is the scope around, if any. */
static void scope_read_placed(const struct reader *reader, uint64_t scope, unsigned at,
	struct code_frame *frame, int64_t *start)
{
	enum { NAME_WORDS = 4 };
	uint64_t field;

	if (node_field(reader->memory, scope, PLACE_AT, &field) &&
		(field & UINT32_MAX) == 0) {
		*start = (int64_t)(field >> 32);
	}
	for (unsigned i = 0; i < NAME_WORDS; i++, at += WORD) {
		if (!node_field(reader->memory, scope, at, &field) ||
			is_type(reader, field, reader->layout->scope_type) ||
			name_read(reader, field, frame)) {
			return;
		}
	}
}

/* Fills the name and *start, where the function begins in its script, if it is said. */
static void scope_read(const struct reader *reader, uint64_t scope,
	struct code_frame *frame, int64_t *start)
{
	const unsigned first = (unsigned)reader->layout->scope_first;
	uint64_t locals;

	if (!node_field(reader->memory, scope, LOCALS_AT, &locals) ||
		locals >> 32 > LOCALS_MAX) {
		return;
	}
	const unsigned at = (1 + first + (unsigned)(locals >> 32) * 2) * WORD;
	if (first == PLACE_FIRST) {
		scope_read_placed(reader, scope, at, frame, start);
	} else {
		scope_search(reader, scope, at, frame, start);
	}
}

/* Code of eval and new Function knows the function that gave it. */
static bool is_evaluated(const struct reader *reader, uint64_t script)
{
	uint64_t field;

	for (unsigned i = 1; i < SCRIPT_WORDS; i++) {
		if (node_field(reader->memory, script, i * WORD, &field) &&
			is_type(reader, field, reader->layout->shared_type)) {
			return true;
		}
	}
	return false;
}

/* "file:///a/b" is the path of a module. */
static struct text path_of(struct text name)
{
	static const char scheme[] = "file://";
	size_t length = text_starts_with(name, scheme) ? sizeof(scheme) - 1 : 0;
	struct text path = {xmemdup0(name.bytes + length, name.length - length),
		name.length - length};

	free((char *)(uintptr_t)name.bytes);
	return path;
}

static void script_read(const struct reader *reader, uint64_t script, int64_t start,
	struct code_frame *frame)
{
	uint64_t field;
	struct text name = {0};

	frame->code = script;
	if (!is_evaluated(reader, script) &&
		node_field(reader->memory, script, NAME_AT, &field) &&
		node_text_read(reader->memory, field, FILE_MAX_READ, &name)) {
		frame->file = path_of(name);
	} else {
		frame->file = text_of(xstrdup("<eval>"));
	}
	if (start >= 0 && node_field(reader->memory, script, SOURCE_AT, &field)) {
		int64_t lines = node_text_lines(reader->memory, field, (uint64_t)start);
		frame->line = lines >= 0 && lines < INT32_MAX ? (int)lines + 1 : 0;
	}
}

/* False: what looks like a function belongs to no script; it is a built-in one. */
static bool frame_fill(
	const struct reader *reader, uint64_t object, struct code_frame *frame)
{
	struct shared shared;
	int64_t start = -1;

	shared_read(reader, object, &shared);
	if (shared.script == 0) {
		return false;
	}
	if (shared.scope != 0) {
		scope_read(reader, shared.scope, frame, &start);
	} else if (shared.name != 0) {
		(void)node_text_read(
			reader->memory, shared.name, NAME_MAX_READ, &frame->function);
	}
	if (frame->function.length == 0) {
		free((char *)(uintptr_t)frame->function.bytes);
		frame->function = text_of(xstrdup("<anonymous>"));
	}
	script_read(reader, shared.script, start, frame);
	frame->first_line = frame->line;
	frame->is_entry = true;
	frame->is_script = true;
	return true;
}

void node_stack_read(struct stack_memory *memory, const struct node_layout *layout,
	struct native_facts *native, struct code_facts *code)
{
	const struct reader reader = {memory, layout};

	if (code) {
		code->frames = xcalloc(CODE_FRAMES_MAX, sizeof(*code->frames));
		code->is_cut = native->is_cut;
	}
	for (size_t i = 0; i < native->frame_count; i++) {
		struct native_frame *at = &native->frames[i];
		struct code_frame frame = {.address = at->frame_pointer};
		uint64_t shared = at->has_unwind_info
					  ? 0
					  : function_of(&reader, at->frame_pointer);
		if (shared == 0 || !frame_fill(&reader, shared, &frame)) {
			continue;
		}
		at->evaluates = true;
		if (code && code->frame_count < CODE_FRAMES_MAX) {
			code->frames[code->frame_count++] = frame;
		} else {
			code_frame_finish(&frame);
		}
	}
	if (code && code->frame_count > 0) {
		code->frames[code->frame_count - 1].is_outermost = true;
	}
}

void node_sources_find(struct stack_memory *memory, struct code_facts *code)
{
	for (size_t i = 0; i < code->frame_count; i++) {
		struct code_frame *frame = &code->frames[i];
		uint64_t field;
		struct text source;
		if (!frame->is_generated || frame->source.bytes ||
			!node_field(memory, frame->code, SOURCE_AT, &field) ||
			!node_text_read(memory, field, SOURCE_MAX_READ, &source)) {
			continue;
		}
		frame->source = source_excerpt(source, frame->line);
		free((char *)(uintptr_t)source.bytes);
	}
}
