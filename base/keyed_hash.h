/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4: without the key nobody can make two hashes alike, whoever chooses the bytes.
 */
#ifndef BASE_KEYED_HASH_H
#define BASE_KEYED_HASH_H

#include "base/text.h"

#include <stdint.h>

struct hash_key {
	uint64_t words[2];
};

uint64_t keyed_hash(struct hash_key key, struct text text);

#endif
