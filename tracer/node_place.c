/* SPDX-License-Identifier: MIT */
#include "tracer/node_place.h"

#include "base/text.h"
#include "tracer/late.h"
#include "tracer/memory_map.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Names of programs and libraries that run JavaScript, also where they cannot be read. */
static bool is_named_node(struct text path)
{
	struct text name = text_base_name(path);

	return text_equal_string(name, "node") || text_equal_string(name, "nodejs") ||
	       text_starts_with(name, "libnode.so");
}

static void file_look(struct node_place *place, int fd)
{
	struct elf_file file;

	if (elf_file_read(&file, fd) && node_layout_read(&place->layout, &file)) {
		place->is_node = true;
		place->is_known = true;
	}
	elf_file_finish(&file);
}

static void program_look(struct node_place *place, pid_t pid)
{
	char link[64];
	char program[PATH_MAX];
	struct stat status;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	ssize_t length = readlink(link, program, sizeof(program));
	int fd = late_open(link, &status);
	if (fd >= 0) {
		file_look(place, fd);
		late_close(fd);
	}
	place->is_node =
		place->is_node ||
		(length > 0 && is_named_node((struct text){program, (size_t)length}));
}

static void library_look(struct node_place *place, pid_t pid)
{
	struct memory_map map;

	(void)memory_map_read(&map, pid); /* else it is empty */
	for (size_t i = 0; i < map.count; i++) {
		if (!is_named_node(text_of(map.mappings[i].path))) {
			continue;
		}
		int fd = mapping_open(pid, &map.mappings[i]);
		place->is_node = true;
		if (fd >= 0) {
			file_look(place, fd);
			late_close(fd);
		}
		break;
	}
	memory_map_finish(&map);
}

void node_place_look(struct node_place *place, pid_t pid)
{
	if (place->is_looked) {
		return;
	}
	place->is_looked = true;
	program_look(place, pid);
	if (!place->is_known) {
		library_look(place, pid);
	}
}
