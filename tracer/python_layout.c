/* SPDX-License-Identifier: MIT */
#include "tracer/python_layout.h"

#include <string.h>

/* clang-format off */
static const struct python_layout layouts[] = {
	{.minor = 8, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24,
	 .code = 32, .previous = 24, .instruction = 104, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_DIFFERENCES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 9, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24,
	 .code = 32, .previous = 24, .instruction = 104, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_DIFFERENCES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 10, .interpreters = 32, .next_interpreter = 0, .first_thread = 8,
	 .next_thread = 8, .thread_id = 176, .current = 24,
	 .code = 32, .previous = 24, .instruction = 96, .entries = ENTRY_EACH,
	 .file = 104, .name = 112, .first_line = 40, .line_table = 120,
	 .lines = LINES_RANGES, .ascii = 48, .wide = 72,
	 .names = 64, .tuple_items = 24},
	{.minor = 11, .interpreters = 40, .next_interpreter = 0, .first_thread = 16,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160,
	 .control = 56, .current = 8,
	 .code = 32, .previous = 48, .instruction = 56,
	 .entries = ENTRY_FLAG, .entry = 68,
	 .file = 112, .name = 128, .first_line = 72, .line_table = 136,
	 .instructions = 184, .lines = LINES_LOCATIONS, .ascii = 48, .wide = 72,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 12, .interpreters = 40, .next_interpreter = 0, .first_thread = 72,
	 .next_thread = 8, .thread_id = 136, .native_thread_id = 144,
	 .control = 56, .current = 0,
	 .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 70, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 192, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 13, .interpreters = 632, .next_interpreter = 7264, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160, .current = 72,
	 .code = 0, .previous = 8, .instruction = 56,
	 .entries = ENTRY_SHIMS, .entry = 70, .first_shim = 3,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 200, .lines = LINES_LOCATIONS, .ascii = 40, .wide = 56,
	 .names = 32, .tuple_items = 24, .variables = 72},
	{.minor = 14, .interpreters = 808, .next_interpreter = 7272, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160, .current = 72,
	 .code = 0, .previous = 8, .instruction = 56,
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
	INTERPRETER_WORDS_13 = 13,
	INTERPRETER_WORDS_14 = 16,
	THREAD_WORDS = 9,
	FRAME_WORDS_13 = 6,
	FRAME_WORDS_14 = 8,
	OFFSET_MAX = 32768, /* no field of these structs is further in */
};

static bool offset_take(
	const unsigned char *offsets, size_t word, uint16_t *field, uint64_t max)
{
	uint64_t value;

	memcpy(&value, offsets + word * sizeof(value), sizeof(value));
	*field = (uint16_t)value;
	return value <= max;
}

bool python_layout_adjust(struct python_layout *layout,
	const unsigned char offsets[static PYTHON_OFFSETS_SIZE])
{
	const bool is_13 = layout->minor == 13;
	const size_t thread = INTERPRETER_PART +
			      (is_13 ? INTERPRETER_WORDS_13 : INTERPRETER_WORDS_14);
	const size_t frame = thread + THREAD_WORDS;
	const size_t code = frame + (is_13 ? FRAME_WORDS_13 : FRAME_WORDS_14);
	uint64_t version;
	uint64_t has_no_lock;
	uint16_t owner;

	memcpy(&version, offsets + VERSION * sizeof(version), sizeof(version));
	memcpy(&has_no_lock, offsets + HAS_NO_LOCK * sizeof(has_no_lock),
		sizeof(has_no_lock));
	if (memcmp(offsets, "xdebugpy", 8) != 0 || has_no_lock != 0 ||
		version >> 16 != (3u << 8 | layout->minor)) {
		return false;
	}
	const struct {
		size_t word;
		uint16_t *field;
	} fields[] = {
		{RUNTIME_PART + 2, &layout->interpreters},
		{INTERPRETER_PART + 2, &layout->next_interpreter},
		{INTERPRETER_PART + 3, &layout->first_thread},
		{thread + 2, &layout->next_thread},
		{thread + 4, &layout->current},
		{thread + 5, &layout->thread_id},
		{thread + 6, &layout->native_thread_id},
		{frame + 1, &layout->previous},
		{frame + 2, &layout->code},
		{frame + 3, &layout->instruction},
		{frame + 4, &layout->variables},
		{code + 1, &layout->file},
		{code + 3, &layout->name},
		{code + 4, &layout->line_table},
		{code + 5, &layout->first_line},
		{code + 9, &layout->instructions},
	};
	bool is_valid = offset_take(offsets, frame + 5, &owner, UINT8_MAX);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		is_valid = offset_take(offsets, fields[i].word, fields[i].field,
				   OFFSET_MAX) &&
			   is_valid;
	}
	layout->entry = (uint8_t)owner;
	return is_valid;
}
