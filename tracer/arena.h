/* SPDX-License-Identifier: MIT */
/*
 * The sealed argument pages: a memfd that the tree maps shared and read-only while the
 * supervisor writes through its own, older mapping. Nothing in the tree can alter what
 * lies there (F_SEAL_FUTURE_WRITE, SHRINK, GROW, SEAL; mseal of the mapping, or the
 * filter's range guards), so the kernel reads what was judged.
 *
 * One slot belongs to one stopped thread for one call.
 */
#ifndef TRACER_ARENA_H
#define TRACER_ARENA_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	ARENA_SLOT_SIZE = 8192,
	ARENA_SLOTS = 1024,
	ARENA_FEW_SLOTS = 16, /* for processes whose limits leave no room for all */
	ARENA_SIZE = ARENA_SLOT_SIZE * ARENA_SLOTS,
	ARENA_NO_SLOT = -1
};

struct arena;

/* Where a process has the pages; address 0: nowhere yet. */
struct arena_mapping {
	uint64_t address;
	int slots; /* ARENA_SLOTS or ARENA_FEW_SLOTS: how many from the first on */
};

struct arena *arena_create(struct error *err);
void arena_destroy(struct arena *arena); /* accepts NULL */

/* The descriptor to map; owned by the arena. */
int arena_fd(const struct arena *arena);

/* How it is to be mapped: PROT_READ. */
int arena_protection(void);

/* How many bytes are to be mapped for so many slots. */
uint64_t arena_size(int slots);

/* How many slots a process is to map: few where RLIMIT_AS leaves little room. */
int arena_slots_for(pid_t pid);

/*
 * A free slot of those that the process has, or ARENA_NO_SLOT: too many calls are pinned
 * at this moment. Few slots are kept for those who have no others.
 */
int arena_slot_take(struct arena *arena, const struct arena_mapping *mapping);
void arena_slot_release(struct arena *arena, int slot);
/* The supervisor's own view of a slot. */
void *arena_slot_memory(struct arena *arena, int slot);
uint64_t arena_slot_address(const struct arena_mapping *mapping, int slot);

/*
 * True if these slots, and nothing else, are mapped at this address of the process,
 * read-only and shared. Read from /proc/PID/maps: another thread may have put another
 * file behind the descriptor before it was mapped.
 */
bool arena_is_mapped_at(
	const struct arena *arena, pid_t pid, const struct arena_mapping *mapping);

/* How many slots are, ARENA_FEW_SLOTS also if none. */
int arena_slots_mapped_at(const struct arena *arena, pid_t pid, uint64_t address);

/*
 * True if it is, and mseal(2) holds it there, as /proc/PID/smaps has it since Linux 6.12.
 * Slow for large processes.
 */
bool arena_is_sealed_at(
	const struct arena *arena, pid_t pid, const struct arena_mapping *mapping);

/*
 * After mseal(2) was made in a thread's name and seemed to succeed: whether it did. Only
 * a filter of the tree can answer it as if it had been done.
 */
bool arena_has_real_seal(
	const struct arena *arena, pid_t tid, const struct arena_mapping *mapping);

#endif
