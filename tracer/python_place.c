/* SPDX-License-Identifier: MIT */
#include "tracer/python_place.h"

#include "base/text.h"
#include "tracer/elf_file.h"
#include "tracer/late.h"
#include "tracer/memory_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Names of programs and libraries that run Python, also where they cannot be read. */
static bool is_named_python(const char *path)
{
	static const char *const prefixes[] = {
		"python", "libpython", "pypy", "libpypy"};
	struct text name = text_base_name(text_of(path));

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (text_starts_with(name, prefixes[i])) {
			return true;
		}
	}
	return false;
}

/* "python3.9" and "libpython3.9.so.1.0": before 3.11 no symbol had the version. */
static unsigned minor_of_name(const char *path)
{
	enum { FIRST_WITH_SYMBOL = 11 };
	const char *name = strrchr(path, '/');
	const char *number = strstr(name ? name : path, "python3.");
	unsigned long minor =
		number ? strtoul(number + strlen("python3."), NULL, 10) : 0;

	return minor < FIRST_WITH_SYMBOL ? (unsigned)minor : 0;
}

/* Py_Version is 0x030b02f0 for 3.11.2. */
static unsigned minor_of(const struct elf_file *file, const char *path)
{
	Elf64_Sym symbol;
	uint32_t version = 0;

	if (!elf_file_symbol(file, "Py_Version", &symbol)) {
		return minor_of_name(path);
	}
	if (!elf_file_content(file, symbol.st_value, &version, sizeof(version)) ||
		version >> 24 != 3) {
		return 0;
	}
	return version >> 16 & 0xff;
}

/* Leaves it zero where this build cannot be read. */
static void layout_look(struct python_layout *layout, const struct elf_file *file,
	const char *path, Elf64_Addr runtime)
{
	enum { FIRST_WITH_OFFSETS = 13 };
	unsigned char offsets[PYTHON_OFFSETS_SIZE];
	const struct python_layout *known = python_layout_find(minor_of(file, path));

	if (!known) {
		return;
	}
	*layout = *known;
	if (layout->minor >= FIRST_WITH_OFFSETS &&
		(!elf_file_content(file, runtime, offsets, sizeof(offsets)) ||
			!python_layout_adjust(layout, offsets))) {
		*layout = (struct python_layout){0};
	}
}

static bool runtime_address(const struct elf_file *file, Elf64_Addr *address)
{
	Elf64_Sym symbol;
	const Elf64_Shdr *section;

	if (elf_file_symbol(file, "_PyRuntime", &symbol)) {
		*address = symbol.st_value;
		return true;
	}
	section = elf_file_section(file, ".PyRuntime", SHT_PROGBITS);
	if (section) {
		*address = section->sh_addr;
	}
	return section != NULL;
}

/* Looks into one mapped file; mapping is the first of it. */
static void file_look(struct python_place *place, int fd, const struct mapping *mapping)
{
	struct elf_file file;
	const struct elf_mapped mapped = {
		mapping->start, mapping->offset, mapping->is_executable};
	Elf64_Addr address;
	Elf64_Addr bias;

	if (elf_file_read(&file, fd) && runtime_address(&file, &address) &&
		elf_file_bias(&file, &mapped, &bias)) {
		place->is_python = true;
		place->runtime = bias + address;
		layout_look(&place->layout, &file, mapping->path, address);
	}
	elf_file_finish(&file);
	place->is_python = place->is_python || is_named_python(mapping->path);
}

static void program_look(
	struct python_place *place, pid_t pid, const struct memory_map *map)
{
	char name[64];
	struct stat status;

	place->is_program_known = true;
	(void)snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	int fd = late_open(name, &status);
	if (fd < 0) {
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		if (map->mappings[i].inode == status.st_ino) {
			file_look(place, fd, &map->mappings[i]);
			break;
		}
	}
	late_close(fd);
}

static void libraries_look(
	struct python_place *place, pid_t pid, const struct memory_map *map)
{
	uint64_t last = 0;

	for (size_t i = 0; i < map->count && place->runtime == 0; i++) {
		const struct mapping *mapping = &map->mappings[i];
		if (mapping->inode == last || !is_named_python(mapping->path)) {
			continue;
		}
		last = mapping->inode;
		place->is_python = true;
		int fd = mapping_open(pid, mapping);
		if (fd >= 0) {
			file_look(place, fd, mapping);
			late_close(fd);
		}
	}
}

void python_place_look(struct python_place *place, pid_t pid)
{
	struct memory_map map;

	if (place->runtime != 0 || !memory_map_read(&map, pid)) {
		return;
	}
	if (!place->is_program_known) {
		program_look(place, pid, &map);
	}
	if (place->runtime == 0) {
		libraries_look(place, pid, &map);
	}
	memory_map_finish(&map);
}
