/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* Values of the reference implementation: databases and names of sockets hold such. */
Test(hash, gives_the_values_of_fnv_1a)
{
	cr_expect(eq(u64, hash_text(HASH_START, text_of("")), 0xcbf29ce484222325));
	cr_expect(eq(u64, hash_text(HASH_START, text_of("a")), 0xaf63dc4c8601ec8c));
	cr_expect(
		eq(u64, hash_text(HASH_START, text_of("foobar")), 0x85944171f73967e8));
	cr_expect(eq(u64,
		hash_text(hash_text(HASH_START, text_of("foo")), text_of("bar")),
		0x85944171f73967e8));
	cr_expect(eq(
		u64, hash_bytes(HASH_START, "\xff", 1), hash_number(HASH_START, 255)));
}
