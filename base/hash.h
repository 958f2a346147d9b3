/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a with 64 bits. Whoever chooses the bytes can make two hashes alike: that must cost
 * no more than time, or make things stricter. Values are stored and stay what they are.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* A whole number at once, as if it were one byte. */
static inline uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * UINT64_C(0x100000001b3);
}

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++) {
		hash = hash_number(hash, byte[i]);
	}
	return hash;
}

static inline uint64_t hash_text(uint64_t hash, struct text text)
{
	return hash_bytes(hash, text.bytes, text.length);
}

#endif
