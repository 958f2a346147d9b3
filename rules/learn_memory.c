/* SPDX-License-Identifier: MIT */
/* Memory of the learner: texts in blocks, tables of numbers. */
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 1 << 18, ALIGNMENT = 8, TABLE_MIN = 1024 };

void *learn_allocate(struct learner *learner, size_t size)
{
	struct block *block = learner->blocks;
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

	if (!block || block->size - block->used < rounded) {
		size_t wanted = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;

		block = xmalloc(sizeof(*block) + wanted);
		*block = (struct block){.next = learner->blocks, .size = wanted};
		learner->blocks = block;
	}
	void *memory = block->bytes + block->used;
	block->used += rounded;
	return memory;
}

struct text learn_keep(struct learner *learner, struct text text)
{
	if (text.length == 0) {
		return (struct text){"", 0};
	}
	char *copy = learn_allocate(learner, text.length);
	memcpy(copy, text.bytes, text.length);
	return (struct text){copy, text.length};
}

/* In the manner of base/hash.h, but eight bytes at a time where there are as many. */
uint64_t learn_hash(uint64_t hash, const void *bytes, size_t length)
{
	const uint64_t prime = 0x9e3779b97f4a7c15U;
	const unsigned char *at = bytes;

	hash ^= length * prime;
	while (length >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * prime;
		hash ^= hash >> 32;
		at += sizeof(word);
		length -= sizeof(word);
	}
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ at[i]) * prime;
	}
	return hash ^ hash >> 29;
}

static size_t table_place(const struct number_table *table, uint64_t hash)
{
	return (size_t)hash & (table->capacity - 1);
}

static void table_put(struct number_table *table, struct number_slot slot)
{
	size_t at = table_place(table, slot.hash);

	while (table->slots[at].number) {
		at = (at + 1) & (table->capacity - 1);
	}
	table->slots[at] = slot;
}

static void table_grow(struct number_table *table)
{
	struct number_table old = *table;

	table->capacity = old.capacity ? old.capacity * 2 : TABLE_MIN;
	table->slots = xcalloc(table->capacity, sizeof(*table->slots));
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.slots[i].number) {
			table_put(table, old.slots[i]);
		}
	}
	free(old.slots);
}

uint32_t number_table_find(struct number_table *table, uint64_t hash, uint32_t next,
	number_equal_fn *equal, const void *context)
{
	if (table->count * 2 >= table->capacity) {
		table_grow(table);
	}
	size_t at = table_place(table, hash);
	while (table->slots[at].number) {
		if (table->slots[at].hash == hash &&
			equal(context, table->slots[at].number)) {
			return table->slots[at].number;
		}
		at = (at + 1) & (table->capacity - 1);
	}
	table->count++;
	table->slots[at] = (struct number_slot){hash, next};
	return next;
}

void *learn_grow(void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity) {
		return items;
	}
	*capacity = *capacity ? *capacity * 2 : 8;
	return xreallocarray(items, *capacity, size);
}
