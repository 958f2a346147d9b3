/* SPDX-License-Identifier: MIT */
/* A hash table from process or thread ids to pointers that it does not own. */
#ifndef TRACER_PID_MAP_H
#define TRACER_PID_MAP_H

#include <stddef.h>
#include <sys/types.h>

struct pid_map_entry {
	pid_t pid; /* 0: free */
	void *value;
};

/* Zero-initialise. */
struct pid_map {
	struct pid_map_entry *entries;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

void *pid_map_get(const struct pid_map *map, pid_t pid); /* NULL if absent */
void pid_map_put(struct pid_map *map, pid_t pid, void *value);
void pid_map_remove(struct pid_map *map, pid_t pid);
/* The next value at or after *position, which is moved on; NULL at the end. */
void *pid_map_next(const struct pid_map *map, size_t *position);
void pid_map_finish(struct pid_map *map);

#endif
