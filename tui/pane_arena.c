/* SPDX-License-Identifier: MIT */
#include "tui/pane_arena.h"

#include "base/error.h"
#include "base/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Address space: only what is used of it becomes memory. */
#define ARENA_SIZE ((size_t)256 << 20)

enum { ALIGNMENT = 16 };

/* Stands before each block; the next one begins right after it. */
struct block {
	_Alignas(ALIGNMENT) size_t size;
	bool is_free;
};

struct pane_arena {
	char *bytes;
	size_t used;
};

struct pane_arena *pane_arena_new(void)
{
	struct pane_arena *arena = xcalloc(1, sizeof(*arena));

	arena->bytes = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	invariant(arena->bytes != MAP_FAILED);
	return arena;
}

void pane_arena_free(struct pane_arena *arena)
{
	if (arena == NULL) {
		return;
	}
	(void)munmap(arena->bytes, ARENA_SIZE);
	free(arena);
}

static struct block *block_at(const struct pane_arena *arena, size_t at)
{
	return (struct block *)(void *)(arena->bytes + at);
}

/* Free neighbours become one. */
static void join_free(struct pane_arena *arena, size_t at)
{
	struct block *block = block_at(arena, at);
	size_t next = at + sizeof(*block) + block->size;

	while (next < arena->used && block_at(arena, next)->is_free) {
		block->size += sizeof(*block) + block_at(arena, next)->size;
		next = at + sizeof(*block) + block->size;
	}
	if (next >= arena->used) {
		arena->used = at;
	}
}

/* A free block's part that is not needed is free as well. */
static void take_part(struct pane_arena *arena, size_t at, size_t size)
{
	struct block *block = block_at(arena, at);

	block->is_free = false;
	if (block->size >= size + sizeof(*block) + ALIGNMENT) {
		struct block *rest = block_at(arena, at + sizeof(*block) + size);
		rest->size = block->size - size - sizeof(*block);
		rest->is_free = true;
		block->size = size;
	}
}

static void *arena_malloc(size_t size, void *context)
{
	struct pane_arena *arena = context;
	size_t at = 0;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	while (at < arena->used) {
		struct block *block = block_at(arena, at);
		if (block->is_free) {
			join_free(arena, at);
		}
		if (at < arena->used && block->is_free && block->size >= size) {
			take_part(arena, at, size);
			return memset(block + 1, 0, block->size);
		}
		at += sizeof(*block) + block->size;
	}
	at = arena->used;
	invariant(size < ARENA_SIZE && at + size + sizeof(struct block) <= ARENA_SIZE);
	*block_at(arena, at) = (struct block){.size = size};
	arena->used = at + sizeof(struct block) + size;
	return memset(
		block_at(arena, at) + 1, 0, size); /* it may have been used before */
}

static void arena_free(void *memory, void *context)
{
	struct pane_arena *arena = context;
	struct block *block = memory;

	if (memory == NULL) {
		return;
	}
	block--;
	block->is_free = true;
	join_free(arena, (size_t)((char *)block - arena->bytes));
}

const VTermAllocatorFunctions pane_arena_functions = {
	.malloc = arena_malloc,
	.free = arena_free,
};

size_t pane_arena_used(const struct pane_arena *arena)
{
	return arena->used;
}

const void *pane_arena_bytes(const struct pane_arena *arena)
{
	return arena->bytes;
}

void pane_arena_restore(struct pane_arena *arena, const void *bytes, size_t used)
{
	memcpy(arena->bytes, bytes, used);
	arena->used = used;
}
