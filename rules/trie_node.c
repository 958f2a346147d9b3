/* SPDX-License-Identifier: MIT */
/* The hash table of literal children. */
#include "rules/trie_node.h"

/* Eight bytes at a time. The table is built from rules, not by a tracee: no seed. */
uint64_t trie_hash_segment(struct text segment)
{
	const uint64_t factor = 0x9e3779b97f4a7c15ULL;
	uint64_t hash = segment.length * factor;
	uint64_t chunk = 0;
	size_t i = 0;

	for (; i + 8 <= segment.length; i += 8) {
		memcpy(&chunk, segment.bytes + i, 8);
		hash = (hash ^ chunk) * factor;
		hash ^= hash >> 29;
	}
	chunk = 0;
	for (; i < segment.length; i++) {
		chunk = chunk << 8 | (unsigned char)segment.bytes[i];
	}
	hash = (hash ^ chunk) * factor;
	return hash ^ hash >> 32;
}

/* The place of one child of one node, from the segment's hash. */
uint32_t trie_hash_child(uint32_t parent, uint64_t segment_hash)
{
	uint64_t hash = (segment_hash + parent) * 0xd6e8feb86659fd93ULL;

	return (uint32_t)(hash >> 32);
}

static bool slot_has(
	const struct rule_trie *trie, const struct slot *slot, struct text segment)
{
	const char *bytes =
		slot->length <= SLOT_BYTES_MAX ? slot->bytes : trie->pool + slot->pool;

	return slot->length == segment.length &&
	       memcmp(bytes, segment.bytes, segment.length) == 0;
}

const struct slot *trie_find_slot(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint32_t hash)
{
	size_t mask = trie->slot_capacity - 1;
	size_t i = hash & mask;

	for (; trie->slots[i].parent != 0; i = (i + 1) & mask) {
		const struct slot *slot = &trie->slots[i];
		if (slot->hash == hash && slot->parent == parent &&
			slot_has(trie, slot, segment)) {
			return slot;
		}
	}
	return &trie->slots[i];
}

uint32_t trie_literal_child(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint64_t segment_hash)
{
	if (trie->nodes[parent].literals == 0) {
		return 0;
	}
	return trie_find_slot(
		trie, parent, segment, trie_hash_child(parent, segment_hash))
		->child;
}

struct text trie_address_key(enum endpoint_family family, const uint8_t address[16],
	unsigned prefix_length, char key[ADDRESS_KEY_SIZE])
{
	size_t size = family == ENDPOINT_IPV4 ? 4 : 16;

	memset(key, 0, ADDRESS_KEY_SIZE);
	key[0] = (char)family;
	key[1] = (char)prefix_length;
	for (size_t i = 0; i < size && i * 8 < prefix_length; i++) {
		unsigned bits = prefix_length - (unsigned)i * 8;
		unsigned mask = bits >= 8 ? 0xff : 0xff00U >> bits & 0xff;
		key[2 + i] = (char)(address[i] & mask);
	}
	return (struct text){key, 2 + size};
}
