/* SPDX-License-Identifier: MIT */
/*
 * Reads of memory that may be hostile, for call stacks: through a small cache of blocks,
 * so that neighbouring fields cost one read, and with a budget, so that loops and wild
 * pointers end. Where the bytes come from is the caller's: a thread, or a test's buffer.
 */
#ifndef TRACER_STACK_MEMORY_H
#define TRACER_STACK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fills the whole buffer or returns false. */
typedef bool memory_read_fn(void *context, uint64_t address, void *buffer, size_t size);

enum { MEMORY_BLOCK = 1024, MEMORY_BLOCKS = 64 };

struct stack_memory {
	memory_read_fn *read;
	void *context;
	unsigned budget;		   /* blocks that may still be read */
	uint64_t addresses[MEMORY_BLOCKS]; /* 0: empty */
	unsigned char blocks[MEMORY_BLOCKS][MEMORY_BLOCK];
};

/* Empties the cache. */
void stack_memory_init(struct stack_memory *memory, memory_read_fn *read, void *context,
	unsigned budget);

/* False if any of it cannot be read, or the budget is used up. */
bool stack_memory_read(
	struct stack_memory *memory, uint64_t address, void *buffer, size_t size);
bool stack_memory_word(struct stack_memory *memory, uint64_t address, uint64_t *word);

/* A memory_read_fn by /proc/PID/mem; the context is a struct process_memory. */
struct process_memory {
	int fd;
	pid_t pid; /* is killed if its memory never comes: watchdog.h */
	/* Where a forked child lacks what its parent keeps to itself; -1: nowhere. */
	int parent_fd;
};
bool stack_memory_by_descriptor(
	void *context, uint64_t address, void *buffer, size_t size);

#endif
