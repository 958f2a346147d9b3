/* SPDX-License-Identifier: MIT */
/*
 * A process' memory made of hostile bytes. Every address leads somewhere into them, and
 * odd blocks are missing, so that chains of any shape come up.
 */
#ifndef TESTS_FUZZ_HOSTILE_IMAGE_H
#define TESTS_FUZZ_HOSTILE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hostile_image {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	unsigned reads; /* so far */
};

/* What stack_memory_init() takes, with a struct hostile_image as its context. */
static inline bool hostile_image_read(
	void *context, uint64_t address, void *buffer, size_t size)
{
	struct hostile_image *image = context;
	uint8_t *to = buffer;

	image->reads++;
	if (image->size == 0 || (address >> 40 & 1) != 0) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		to[i] = image->bytes[(address + i) % image->size];
	}
	return true;
}

#endif
