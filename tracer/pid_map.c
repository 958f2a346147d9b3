/* SPDX-License-Identifier: MIT */
/* Open addressing with linear probing; removal closes the gap, so no tombstones. */
#include "tracer/pid_map.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

static size_t home_of(const struct pid_map *map, pid_t pid)
{
	return (size_t)((uint32_t)pid * UINT32_C(2654435769)) & (map->capacity - 1);
}

/* Where pid is, or the free entry where it would go. */
static size_t slot_of(const struct pid_map *map, pid_t pid)
{
	size_t slot = home_of(map, pid);

	while (map->entries[slot].pid != 0 && map->entries[slot].pid != pid) {
		slot = (slot + 1) & (map->capacity - 1);
	}
	return slot;
}

void *pid_map_get(const struct pid_map *map, pid_t pid)
{
	return map->capacity ? map->entries[slot_of(map, pid)].value : NULL;
}

static void grow(struct pid_map *map)
{
	struct pid_map bigger = {
		.capacity = map->capacity ? 2 * map->capacity : FIRST_CAPACITY};

	bigger.entries = xcalloc(bigger.capacity, sizeof(bigger.entries[0]));
	for (size_t i = 0; i < map->capacity; i++) {
		if (map->entries[i].pid != 0) {
			bigger.entries[slot_of(&bigger, map->entries[i].pid)] =
				map->entries[i];
		}
	}
	free(map->entries);
	map->entries = bigger.entries;
	map->capacity = bigger.capacity;
}

void pid_map_put(struct pid_map *map, pid_t pid, void *value)
{
	if (2 * (map->count + 1) > map->capacity) {
		grow(map);
	}
	size_t slot = slot_of(map, pid);
	if (map->entries[slot].pid == 0) {
		map->count++;
	}
	map->entries[slot] = (struct pid_map_entry){pid, value};
}

void pid_map_remove(struct pid_map *map, pid_t pid)
{
	if (map->capacity == 0) {
		return;
	}
	size_t hole = slot_of(map, pid);
	if (map->entries[hole].pid == 0) {
		return;
	}
	map->entries[hole] = (struct pid_map_entry){0};
	map->count--;
	/* Whoever probed past the hole moves into it, if its home allows that. */
	for (size_t i = (hole + 1) & (map->capacity - 1); map->entries[i].pid != 0;
		i = (i + 1) & (map->capacity - 1)) {
		size_t home = home_of(map, map->entries[i].pid);
		if (((i - home) & (map->capacity - 1)) >=
			((i - hole) & (map->capacity - 1))) {
			map->entries[hole] = map->entries[i];
			map->entries[i] = (struct pid_map_entry){0};
			hole = i;
		}
	}
}

void *pid_map_next(const struct pid_map *map, size_t *position)
{
	while (*position < map->capacity) {
		const struct pid_map_entry *entry = &map->entries[(*position)++];
		if (entry->pid != 0) {
			return entry->value;
		}
	}
	return NULL;
}

void pid_map_finish(struct pid_map *map)
{
	free(map->entries);
	*map = (struct pid_map){0};
}
