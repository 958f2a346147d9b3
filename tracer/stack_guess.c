/* SPDX-License-Identifier: MIT */
#include "tracer/stack_guess.h"

#include <string.h>

enum { LOOKED_THROUGH = 4096, WORD = sizeof(uint64_t), CALL_MAX = 7 };

static bool is_executable(const struct memory_map *map, uint64_t address)
{
	const struct mapping *mapping = memory_map_find(map, address);

	return mapping && mapping->is_executable;
}

/* "call TARGET" of five bytes, or one through a register or memory, opcode FF /2. */
static bool is_behind_call(
	struct stack_memory *memory, const struct memory_map *map, uint64_t address)
{
	enum { CALL = 0xe8, CALL_SIZE = 5, INDIRECT = 0xff, FIELD = 7, CALL_FIELD = 2 };
	static const unsigned sizes[] = {2, 3, 4, 6, 7};
	unsigned char bytes[CALL_MAX];
	int32_t distance;

	if (address < CALL_MAX || !is_executable(map, address - CALL_MAX) ||
		!stack_memory_read(memory, address - CALL_MAX, bytes, sizeof(bytes))) {
		return false;
	}
	memcpy(&distance, bytes + CALL_MAX - CALL_SIZE + 1, sizeof(distance));
	if (bytes[CALL_MAX - CALL_SIZE] == CALL &&
		is_executable(map, address + (uint64_t)(int64_t)distance)) {
		return true;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const unsigned char *call = bytes + CALL_MAX - sizes[i];
		if (call[0] == INDIRECT && (call[1] >> 3 & FIELD) == CALL_FIELD) {
			return true;
		}
	}
	return false;
}

bool stack_guess(struct stack_memory *memory, const struct memory_map *map,
	uint64_t stack, struct native_place *place)
{
	uint64_t at = (stack + WORD - 1) / WORD * WORD;

	for (uint64_t end = at + LOOKED_THROUGH; at < end; at += WORD) {
		uint64_t word;
		if (!stack_memory_word(memory, at, &word)) {
			return false;
		}
		if (is_executable(map, word - 1) && is_behind_call(memory, map, word)) {
			*place = (struct native_place){0};
			place->registers.raw.rip = word;
			place->registers.raw.rsp = at + WORD;
			return true;
		}
	}
	return false;
}
