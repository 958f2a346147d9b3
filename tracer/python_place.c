/* SPDX-License-Identifier: MIT */
#include "tracer/python_place.h"

#include "base/text.h"
#include "tracer/elf_file.h"
#include "tracer/memory_map.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Py_Version is 0x030b02f0 for 3.11.2; before 3.11 there was none. */
static unsigned minor_of(const struct elf_file *file)
{
	Elf64_Sym symbol;
	uint32_t version = 0;

	if (!elf_file_symbol(file, "Py_Version", &symbol) ||
		!elf_file_content(file, symbol.st_value, &version, sizeof(version)) ||
		version >> 24 != 3) {
		return 0;
	}
	return version >> 16 & 0xff;
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
	Elf64_Addr address;
	Elf64_Addr bias;

	if (elf_file_read(&file, fd) && runtime_address(&file, &address) &&
		elf_file_bias(&file, mapping->start, mapping->offset, &bias)) {
		place->is_python = true;
		place->runtime = bias + address;
		place->minor = minor_of(&file);
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
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		return;
	}
	for (size_t i = 0; fstat(fd, &status) == 0 && i < map->count; i++) {
		if (map->mappings[i].inode == status.st_ino) {
			file_look(place, fd, &map->mappings[i]);
			break;
		}
	}
	close(fd);
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
			close(fd);
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
