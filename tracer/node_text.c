/* SPDX-License-Identifier: MIT */
#include "tracer/node_text.h"

#include "base/xalloc.h"
#include "tracer/utf8.h"

#include <stdlib.h>

enum {
	TAG = 1,      /* of pointers to heap objects */
	TYPE_AT = 12, /* of a map */
	NOT_A_STRING = 0x80,
	ONE_BYTE = 8,
	REPRESENTATION = 7,
	SEQUENCE = 0,
	CONS = 1,
	EXTERNAL = 2,
	SLICE = 3,
	THIN = 5,
	LENGTH_AT = 12,
	FIRST_AT = 16, /* characters, or the string that this one is made of */
	SECOND_AT = 24,
	DEPTH_MAX = 16,
	LOOKED_THROUGH_MAX = 512 << 10,
	CHUNK = 1024,
};

bool node_field(
	struct stack_memory *memory, uint64_t object, unsigned offset, uint64_t *word)
{
	return (object & TAG) != 0 &&
	       stack_memory_word(memory, object - TAG + offset, word);
}

int32_t node_type_of(struct stack_memory *memory, uint64_t tagged)
{
	uint64_t map;
	uint16_t type;

	if (!node_field(memory, tagged, 0, &map) || (map & TAG) == 0 ||
		!stack_memory_read(memory, map - TAG + TYPE_AT, &type, sizeof(type))) {
		return -1;
	}
	return type;
}

/* Where the characters of a string are. */
struct characters {
	uint64_t address;
	uint64_t count;
	unsigned width;
};

/*
 * Follows thin, sliced and flat cons strings to their characters. A cons string that was
 * not made flat gives its first part alone.
 */
static bool characters_find(
	struct stack_memory *memory, uint64_t string, struct characters *characters)
{
	uint64_t skipped = 0;
	uint64_t count = UINT64_MAX;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		int32_t type = node_type_of(memory, string);
		uint32_t length;
		uint64_t next;
		if (type < 0 || type >= NOT_A_STRING ||
			!stack_memory_read(memory, string - TAG + LENGTH_AT, &length,
				sizeof(length))) {
			return false;
		}
		count = length < count ? length : count;
		characters->width = (type & ONE_BYTE) != 0 ? 1 : 2;
		characters->count = count;
		characters->address =
			string - TAG + FIRST_AT + skipped * characters->width;
		switch (type & REPRESENTATION) {
		case SEQUENCE:
			return true;
		case EXTERNAL:
			characters->address = 0;
			if (!node_field(memory, string, SECOND_AT, &next)) {
				return false;
			}
			characters->address = next + skipped * characters->width;
			return true;
		case SLICE:
			if (!node_field(memory, string, SECOND_AT, &next)) {
				return false;
			}
			skipped += next >> 32;
			break;
		case CONS:
		case THIN:
			break;
		default:
			return false;
		}
		if (!node_field(memory, string, FIRST_AT, &string)) {
			return false;
		}
	}
	return false;
}

bool node_text_read(
	struct stack_memory *memory, uint64_t string, size_t max, struct text *text)
{
	struct characters characters;

	if (!characters_find(memory, string, &characters)) {
		return false;
	}
	size_t count = characters.count < max ? characters.count : max;
	unsigned char *data = xmalloc(count * characters.width + 1);
	bool is_read = stack_memory_read(
		memory, characters.address, data, count * characters.width);
	if (is_read) {
		*text = utf8_from_units(data, count, characters.width);
	}
	free(data);
	return is_read;
}

int64_t node_text_lines(struct stack_memory *memory, uint64_t string, uint64_t end)
{
	unsigned char data[CHUNK];
	struct characters characters;
	int64_t lines = 0;

	if (!characters_find(memory, string, &characters) || end > characters.count ||
		end * characters.width > LOOKED_THROUGH_MAX) {
		return -1;
	}
	for (uint64_t at = 0; at < end * characters.width; at += CHUNK) {
		size_t size = end * characters.width - at < CHUNK
				      ? end * characters.width - at
				      : CHUNK;
		if (!stack_memory_read(memory, characters.address + at, data, size)) {
			return -1;
		}
		for (size_t i = 0; i < size; i += characters.width) {
			lines += data[i] == '\n' &&
				 (characters.width == 1 || data[i + 1] == 0);
		}
	}
	return lines;
}
