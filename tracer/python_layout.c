/* SPDX-License-Identifier: MIT */
#include "tracer/python_layout.h"

#include <string.h>

/* clang-format off */
static const struct python_layout layouts[] = {
	{.minor = 8, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24, .head = 16,
	 .code = 32, .previous = 24, .instruction = 104, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_DIFFERENCES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 9, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24, .head = 16,
	 .code = 32, .previous = 24, .instruction = 104, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_DIFFERENCES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 10, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24, .head = 16,
	 .code = 32, .previous = 24, .instruction = 96, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_RANGES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 11, .interpreters = 40, .next_interpreter = 0, .first_thread = 16,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160,
	 .control = 56, .current = 8, .head = 16,
	 .code = 32, .previous = 48, .instruction = 56,
	 .entries = ENTRY_FLAG, .entry = 68,
	 .file = 112, .name = 128, .first_line = 72, .line_table = 136,
	 .instructions = 184, .lines = LINES_LOCATIONS, .ascii = 48, .wide = 72,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 12, .interpreters = 40, .next_interpreter = 0, .first_thread = 72,
	 .next_thread = 8, .thread_id = 136, .native_thread_id = 144,
	 .control = 56, .current = 0, .head = 16,
	 .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 70, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 192, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 13, .interpreters = 632, .next_interpreter = 7264, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160, .current = 72,
	 .head = 16, .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 70, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 200, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 14, .interpreters = 808, .next_interpreter = 7272, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160, .current = 72,
	 .head = 16, .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 74, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 208, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 32, .variables = 80},
	{.minor = 15, .interpreters = 936, .next_interpreter = 7264, .first_thread = 7336,
	 .next_thread = 8, .thread_id = 176, .native_thread_id = 184, .current = 72,
	 .head = 16, .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 74, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 208, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 32, .variables = 80},
};
/* clang-format on */

const struct python_layout *python_layout_find(unsigned minor)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].minor == minor) {
			return &layouts[i];
		}
	}
	return NULL;
}

/* _Py_DebugOffsets, by words: a mark, the version, and a part for each struct. */
enum {
	MARK,
	VERSION,
	HAS_NO_LOCK,
	RUNTIME_PART, /* size, finalizing, interpreters.head */
	INTERPRETER_PART = RUNTIME_PART + 3,
	OFFSET_MAX = 32768, /* no field of these structs is further in */
};

/* Which word the other parts begin with, and what moved in them. */
static const struct offsets_shape {
	uint8_t minor, thread, thread_id, frame, code;
	bool has_bytecodes; /* of each thread its own, in builds without the lock */
} shapes[] = {
	{.minor = 13, .thread = 19, .thread_id = 24, .frame = 28, .code = 34},
	{.minor = 14,
		.thread = 22,
		.thread_id = 27,
		.frame = 31,
		.code = 39,
		.has_bytecodes = true},
	{.minor = 15,
		.thread = 22,
		.thread_id = 30,
		.frame = 39,
		.code = 47,
		.has_bytecodes = true},
};

static const struct offsets_shape *shape_find(unsigned minor)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].minor == minor) {
			return &shapes[i];
		}
	}
	return NULL;
}

static uint64_t word_take(const unsigned char *offsets, size_t word)
{
	uint64_t value;

	memcpy(&value, offsets + word * sizeof(value), sizeof(value));
	return value;
}

struct offset_field {
	size_t word;
	uint16_t *field;
};

static bool fields_take(
	const unsigned char *offsets, const struct offset_field *fields, size_t count)
{
	bool is_valid = true;

	for (size_t i = 0; i < count; i++) {
		uint64_t value = word_take(offsets, fields[i].word);
		*fields[i].field = (uint16_t)value;
		is_valid = is_valid && value <= OFFSET_MAX;
	}
	return is_valid;
}

/*
 * Without the lock every object begins with whose it is and with two counts, and from
 * 3.14 on each thread may run a copy of the code's instructions.
 */
static bool lockless_adjust(struct python_layout *layout,
	const struct offsets_shape *shape, const unsigned char *offsets)
{
	enum { LONGER = 16, INDEX_IN_FRAME = 7, ARRAY_IN_CODE = 10 };
	const struct offset_field fields[] = {
		{shape->frame + INDEX_IN_FRAME, &layout->bytecode_index},
		{shape->code + ARRAY_IN_CODE, &layout->bytecodes},
	};

	layout->head += LONGER;
	layout->names += LONGER;
	layout->tuple_items += LONGER;
	layout->ascii += LONGER;
	layout->wide += LONGER;
	return !shape->has_bytecodes ||
	       fields_take(offsets, fields, sizeof(fields) / sizeof(fields[0]));
}

bool python_layout_adjust(struct python_layout *layout,
	const unsigned char offsets[static PYTHON_OFFSETS_SIZE])
{
	const struct offsets_shape *shape = shape_find(layout->minor);
	const uint64_t has_no_lock = word_take(offsets, HAS_NO_LOCK);

	if (!shape || memcmp(offsets, "xdebugpy", 8) != 0 || has_no_lock > 1 ||
		word_take(offsets, VERSION) >> 16 != (3u << 8 | layout->minor)) {
		return false;
	}
	const struct offset_field fields[] = {
		{RUNTIME_PART + 2, &layout->interpreters},
		{INTERPRETER_PART + 2, &layout->next_interpreter},
		{INTERPRETER_PART + 3, &layout->first_thread},
		{shape->thread + 2, &layout->next_thread},
		{shape->thread + 4, &layout->current},
		{shape->thread_id, &layout->thread_id},
		{shape->thread_id + 1, &layout->native_thread_id},
		{shape->frame + 1, &layout->previous},
		{shape->frame + 2, &layout->code},
		{shape->frame + 3, &layout->instruction},
		{shape->frame + 4, &layout->variables},
		{shape->frame + 5, &layout->entry},
		{shape->code + 1, &layout->file},
		{shape->code + 3, &layout->name},
		{shape->code + 4, &layout->line_table},
		{shape->code + 5, &layout->first_line},
		{shape->code + 9, &layout->instructions},
	};
	return fields_take(offsets, fields, sizeof(fields) / sizeof(fields[0])) &&
	       (has_no_lock == 0 || lockless_adjust(layout, shape, offsets));
}
