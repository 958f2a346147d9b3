/* SPDX-License-Identifier: MIT */
#include "base/keyed_hash.h"

#include <endian.h>
#include <string.h>

enum { WORD = sizeof(uint64_t), ROUNDS = 2, LAST_ROUNDS = 4 };

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, ROUNDS);
	v[0] ^= word;
}

uint64_t keyed_hash(struct hash_key key, struct text text)
{
	uint64_t v[4] = {key.words[0] ^ UINT64_C(0x736f6d6570736575),
		key.words[1] ^ UINT64_C(0x646f72616e646f6d),
		key.words[0] ^ UINT64_C(0x6c7967656e657261),
		key.words[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t word = 0;
	size_t at = 0;

	for (; text.length - at >= WORD; at += WORD) {
		memcpy(&word, text.bytes + at, WORD);
		take(v, le64toh(word));
	}
	word = 0;
	memcpy(&word, text.bytes + at, text.length - at);
	take(v, le64toh(word) | (uint64_t)text.length << 56);
	v[2] ^= 0xff;
	mix(v, LAST_ROUNDS);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
