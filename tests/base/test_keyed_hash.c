/* SPDX-License-Identifier: MIT */
#include "base/keyed_hash.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* Values of the reference implementation, of the bytes 0, 1, 2 … under the key 0 to 15. */
Test(keyed_hash, gives_the_values_of_siphash)
{
	static const struct hash_key key = {
		{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
	static const struct {
		size_t length;
		uint64_t hash;
	} expected[] = {
		{0, UINT64_C(0x726fdb47dd0e0e31)},
		{1, UINT64_C(0x74f839c593dc67fd)},
		{8, UINT64_C(0x93f5f5799a932462)},
		{15, UINT64_C(0xa129ca6149be45e5)},
	};
	char bytes[16];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (char)i;
	}
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct text text = {bytes, expected[i].length};
		cr_expect(eq(u64, keyed_hash(key, text), expected[i].hash));
	}
}
