/* SPDX-License-Identifier: MIT */
#include "tracer/stack_memory.h"

#include "tracer/late.h"
#include "tracer/watchdog.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Addresses from here on are the kernel's, and none that pread takes. */
#define USER_END (UINT64_C(1) << 47)

void stack_memory_init(struct stack_memory *memory, memory_read_fn *read, void *context,
	unsigned budget)
{
	memory->read = read;
	memory->context = context;
	memory->budget = budget;
	memset(memory->addresses, 0, sizeof(memory->addresses));
}

/* A block never crosses a page, so that it is there as a whole or not at all. */
static const unsigned char *block_get(struct stack_memory *memory, uint64_t address)
{
	size_t slot = (address / MEMORY_BLOCK) % MEMORY_BLOCKS;

	if (memory->addresses[slot] == address) {
		return memory->blocks[slot];
	}
	if (memory->budget == 0 || address == 0 || address >= USER_END) {
		return NULL;
	}
	memory->budget--;
	memory->addresses[slot] = 0;
	errno = 0;
	if (!memory->read(
		    memory->context, address, memory->blocks[slot], MEMORY_BLOCK)) {
		/* Nobody waits for the rest, either. */
		memory->budget = errno == ETIMEDOUT ? 0 : memory->budget;
		return NULL;
	}
	memory->addresses[slot] = address;
	return memory->blocks[slot];
}

bool stack_memory_read(
	struct stack_memory *memory, uint64_t address, void *buffer, size_t size)
{
	unsigned char *to = buffer;

	while (size > 0) {
		size_t offset = address % MEMORY_BLOCK;
		size_t part =
			MEMORY_BLOCK - offset < size ? MEMORY_BLOCK - offset : size;
		const unsigned char *block = block_get(memory, address - offset);

		if (!block) {
			return false;
		}
		memcpy(to, block + offset, part);
		to += part;
		address += part;
		size -= part;
	}
	return true;
}

bool stack_memory_word(struct stack_memory *memory, uint64_t address, uint64_t *word)
{
	return stack_memory_read(memory, address, word, sizeof(*word));
}

static bool descriptor_read(int fd, uint64_t address, void *buffer, size_t size)
{
	ssize_t got;

	do {
		got = late_pread(fd, buffer, size, (off_t)address);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)size;
}

bool stack_memory_by_descriptor(
	void *context, uint64_t address, void *buffer, size_t size)
{
	const struct process_memory *source = context;

	watchdog_enter(source->pid);
	bool is_read = descriptor_read(source->fd, address, buffer, size) ||
		       (source->parent_fd >= 0 && descriptor_read(source->parent_fd,
							  address, buffer, size));
	watchdog_leave();
	return is_read;
}
