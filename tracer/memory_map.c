/* SPDX-License-Identifier: MIT */
#include "tracer/memory_map.h"

#include "base/xalloc.h"
#include "tracer/late.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAPPINGS_MAX = 16384, TEXT_MAX = 4 << 20 };

/* A hexadecimal number and the sign after it; false: it is not so. */
static bool number_take(char **position, uint64_t *number, char end)
{
	char *after;

	*number = strtoull(*position, &after, 16);
	if (after == *position || *after != end) {
		return false;
	}
	*position = after + 1;
	return true;
}

/* "55d0-55d1 r-xp 00001000 fe:01 1234     /usr/bin/cat"; sscanf(3) would take longer. */
static bool line_parse(char *line, struct mapping *mapping)
{
	enum { PERMISSIONS = 5 };
	uint64_t device;
	char *at = line;

	*mapping = (struct mapping){0};
	if (!number_take(&at, &mapping->start, '-') ||
		!number_take(&at, &mapping->end, ' ') || strlen(at) < PERMISSIONS) {
		return false;
	}
	mapping->is_writable = at[1] == 'w';
	mapping->is_executable = at[2] == 'x';
	at += PERMISSIONS;
	if (!number_take(&at, &mapping->offset, ' ') ||
		!number_take(&at, &device, ':') || !number_take(&at, &device, ' ')) {
		return false;
	}
	mapping->inode = strtoull(at, &at, 10);
	mapping->path = at + strspn(at, " ");
	return true;
}

bool memory_map_read(struct memory_map *map, pid_t pid)
{
	char name[64];
	size_t capacity = 0;

	*map = (struct memory_map){0};
	(void)snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	map->text = late_read_file(name, TEXT_MAX);
	if (!map->text) {
		return false;
	}
	char *position = NULL;
	char *line = strtok_r(map->text, "\n", &position);
	for (; line && map->count < MAPPINGS_MAX;
		line = strtok_r(NULL, "\n", &position)) {
		if (map->count == capacity) {
			capacity = capacity == 0 ? 128 : capacity * 2;
			map->mappings = xreallocarray(
				map->mappings, capacity, sizeof(*map->mappings));
		}
		map->count += line_parse(line, &map->mappings[map->count]);
	}
	return map->count > 0;
}

void memory_map_finish(struct memory_map *map)
{
	free(map->mappings);
	free(map->text);
	*map = (struct memory_map){0};
}

const struct mapping *memory_map_find(const struct memory_map *map, uint64_t address)
{
	size_t low = 0;
	size_t high = map->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (map->mappings[middle].end <= address) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < map->count && map->mappings[low].start <= address
		       ? &map->mappings[low]
		       : NULL;
}

static int open_same(const char *path, uint64_t inode)
{
	struct stat status;
	int fd = late_open(path, &status);

	if (fd >= 0 && status.st_ino != inode) {
		late_close(fd);
		fd = -1;
	}
	return fd;
}

int mapping_open(pid_t pid, const struct mapping *mapping)
{
	char path[PATH_MAX + 32];
	int length =
		snprintf(path, sizeof(path), "/proc/%d/root%s", pid, mapping->path);

	if (mapping->inode == 0 || mapping->path[0] != '/' ||
		length >= (int)sizeof(path)) {
		return -1;
	}
	int fd = open_same(path, mapping->inode);
	/* Paths are as our own root sees them: in a chroot only the plain one is right. */
	return fd >= 0 ? fd : open_same(mapping->path, mapping->inode);
}
