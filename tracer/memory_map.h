/* SPDX-License-Identifier: MIT */
/* What a process has mapped, from /proc/PID/maps, for call stacks. */
#ifndef TRACER_MEMORY_MAP_H
#define TRACER_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
	uint64_t start, end, offset;
	uint64_t inode;	  /* 0: no file */
	const char *path; /* as in the reader's root; "" if it has none */
	bool is_executable, is_writable;
};

struct memory_map {
	struct mapping *mappings; /* by address */
	size_t count;
	char *text; /* what paths point into */
};

/* False if it cannot be read; what is beyond some thousand mappings is left out. */
bool memory_map_read(struct memory_map *map, pid_t pid);
void memory_map_finish(struct memory_map *map);

/* The mapping that address is in; NULL: none. */
const struct mapping *memory_map_find(const struct memory_map *map, uint64_t address);

/*
 * The mapped file, for pread alone; -1 unless the very file is still found under its
 * name. Never waits, as it would for a FIFO that took the name.
 */
int mapping_open(pid_t pid, const struct mapping *mapping);

#endif
