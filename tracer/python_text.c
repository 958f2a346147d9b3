/* SPDX-License-Identifier: MIT */
#include "tracer/python_text.h"

#include "base/xalloc.h"
#include "tracer/utf8.h"

#include <stdlib.h>

enum {
	STATE_AT = 16, /* of str, behind what any object begins with: length, hash */
	BYTES_DATA = 16,
	KIND_SHIFT = 2,
	WIDE_SHIFT = 6, /* where the bits before it are a byte of their own */
	KIND_MASK = 7,
	COMPACT = 1 << 5,
	ASCII = 1 << 6,
	LINE_TABLE_MAX = 16384,
};

/* What a str object says of itself. */
struct string {
	uint64_t data, length;
	unsigned width;
};

static bool string_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t address, struct string *string)
{
	const uint64_t fields = address + layout->head;
	uint32_t state;

	if (!stack_memory_word(memory, fields, &string->length) ||
		!stack_memory_read(memory, fields + STATE_AT, &state, sizeof(state))) {
		return false;
	}
	/* Builds without the lock, from 3.14 on; elsewhere no string is of kind 0. */
	if ((state >> KIND_SHIFT & KIND_MASK) == 0) {
		state >>= WIDE_SHIFT;
	}
	string->width = state >> KIND_SHIFT & KIND_MASK;
	string->data = address + ((state & ASCII) != 0 ? layout->ascii : layout->wide);
	return (state & COMPACT) != 0 &&
	       (string->width == 1 || string->width == 2 || string->width == 4);
}

bool python_text_read_long(struct stack_memory *memory,
	const struct python_layout *layout, uint64_t address, size_t max,
	struct text *text)
{
	struct string string;

	if (!string_read(memory, layout, address, &string)) {
		return false;
	}
	size_t length = string.length < max ? string.length : max;
	unsigned char *data = xmalloc(length * string.width + 1);
	bool is_read =
		stack_memory_read(memory, string.data, data, length * string.width);
	if (is_read) {
		*text = utf8_from_units(data, length, string.width);
	}
	free(data);
	return is_read;
}

bool python_text_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t address, struct text *text)
{
	struct string string;

	return string_read(memory, layout, address, &string) &&
	       string.length <= PYTHON_TEXT_MAX &&
	       python_text_read_long(memory, layout, address, PYTHON_TEXT_MAX, text);
}

/* A number in groups of six bits, the lowest first and bit 0 its sign. */
static int signed_number(const unsigned char *bytes, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size && i < 5; i++) {
		value |= (uint32_t)(bytes[i] & 0x3f) << (6 * i);
		if ((bytes[i] & 0x40) == 0) {
			break;
		}
	}
	return (value & 1) != 0 ? -(int)(value >> 1) : (int)(value >> 1);
}

/* How far an entry moves the line; its kinds are described in locations.md of CPython. */
static int line_step(unsigned kind, const unsigned char *bytes, size_t size)
{
	enum { ONE_LINE_0 = 10, NO_COLUMNS = 13, LONG = 14 };

	if (kind >= ONE_LINE_0 && kind < NO_COLUMNS) {
		return (int)kind - ONE_LINE_0;
	}
	return kind == NO_COLUMNS || kind == LONG ? signed_number(bytes, size) : 0;
}

static int locations_find(
	const unsigned char *table, size_t size, int first_line, uint64_t unit)
{
	enum { START = 0x80, NO_LINE = 15 };
	int64_t line = first_line;
	uint64_t end = 0;
	size_t i = 0;

	while (i < size) {
		unsigned kind = table[i] >> 3 & 15;
		end += (table[i] & 7u) + 1;
		i++;
		line += line_step(kind, table + i, size - i);
		if (unit < end) {
			return kind == NO_LINE || line < 0 || line > INT32_MAX
				       ? 0
				       : (int)line;
		}
		while (i < size && (table[i] & START) == 0) {
			i++;
		}
	}
	return 0;
}

/* Pairs: bytes of code up to where the line changes, and by how much it does. */
static int differences_find(
	const unsigned char *table, size_t size, int first_line, uint64_t unit)
{
	int64_t line = first_line;
	uint64_t address = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		address += table[i];
		if (address > unit * 2) {
			break;
		}
		line += (int8_t)table[i + 1];
	}
	return line < 0 || line > INT32_MAX ? 0 : (int)line;
}

/* Pairs: bytes of code that are on one line, and its distance from the line before. */
static int ranges_find(
	const unsigned char *table, size_t size, int first_line, uint64_t unit)
{
	enum { NO_LINE = -128 };
	int64_t line = first_line;
	uint64_t end = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		int step = (int8_t)table[i + 1];
		end += table[i];
		line += step == NO_LINE ? 0 : step;
		if (unit * 2 < end) {
			return step == NO_LINE || line < 0 || line > INT32_MAX
				       ? 0
				       : (int)line;
		}
	}
	return 0;
}

int python_line_find(
	struct stack_memory *memory, const struct python_instruction *instruction)
{
	unsigned char bytes[LINE_TABLE_MAX];
	const int first = instruction->first_line;
	const uint64_t unit = instruction->unit;
	uint64_t size;

	if (!stack_memory_word(memory, instruction->table, &size) ||
		size > sizeof(bytes) ||
		!stack_memory_read(
			memory, instruction->table + BYTES_DATA, bytes, size)) {
		return 0;
	}
	switch (instruction->lines) {
	case LINES_DIFFERENCES:
		return differences_find(bytes, size, first, unit);
	case LINES_RANGES:
		return ranges_find(bytes, size, first, unit);
	case LINES_LOCATIONS:
		return locations_find(bytes, size, first, unit);
	}
	return 0;
}
