/* SPDX-License-Identifier: MIT */
#include "tracer/elf_file.h"

#include "base/xalloc.h"
#include "tracer/late.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SEGMENTS_MAX = 64,
	SECTIONS_MAX = 4096,
	NAMES_MAX = 1 << 20, /* bytes */
	SYMBOLS_MAX = 32 << 20,
	STRINGS_MAX = 64 << 20,
};

static bool read_at(int fd, void *buffer, size_t size, Elf64_Off offset)
{
	return offset <= INT64_MAX &&
	       late_pread(fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

/* count entries of size bytes; NULL if they cannot be read, or there are none. */
static void *table_read(int fd, size_t count, size_t size, Elf64_Off offset)
{
	void *table = count > 0 ? xcalloc(count, size) : NULL;

	if (table && !read_at(fd, table, count * size, offset)) {
		free(table);
		table = NULL;
	}
	return table;
}

static void sections_read(struct elf_file *file, const Elf64_Ehdr *header)
{
	if (header->e_shentsize != sizeof(Elf64_Shdr) ||
		header->e_shnum > SECTIONS_MAX) {
		return;
	}
	file->sections = table_read(
		file->fd, header->e_shnum, sizeof(Elf64_Shdr), header->e_shoff);
	if (!file->sections) {
		return;
	}
	file->section_count = header->e_shnum;
	if (header->e_shstrndx < file->section_count) {
		const Elf64_Shdr *names = &file->sections[header->e_shstrndx];
		file->section_names = elf_file_section_data(file, names, NAMES_MAX);
		file->section_names_size = names->sh_size;
	}
}

bool elf_file_read(struct elf_file *file, int fd)
{
	Elf64_Ehdr header;

	*file = (struct elf_file){.fd = fd};
	if (!read_at(fd, &header, sizeof(header), 0) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 ||
		header.e_phentsize != sizeof(Elf64_Phdr) ||
		header.e_phnum > SEGMENTS_MAX) {
		return false;
	}
	file->segments =
		table_read(fd, header.e_phnum, sizeof(Elf64_Phdr), header.e_phoff);
	file->segment_count = file->segments ? header.e_phnum : 0;
	sections_read(file, &header);
	return file->segments != NULL;
}

void elf_file_finish(struct elf_file *file)
{
	free(file->segments);
	free(file->sections);
	free(file->section_names);
	*file = (struct elf_file){.fd = -1};
}

const Elf64_Shdr *elf_file_section(
	const struct elf_file *file, const char *name, Elf64_Word type)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		if (!name) {
			if (section->sh_type == type) {
				return section;
			}
		} else if (section->sh_name < file->section_names_size &&
			   strcmp(file->section_names + section->sh_name, name) == 0) {
			return section;
		}
	}
	return NULL;
}

void *elf_file_section_data(
	const struct elf_file *file, const Elf64_Shdr *section, size_t limit)
{
	if (section->sh_type == SHT_NOBITS || section->sh_size > limit) {
		return NULL;
	}
	char *data = xmalloc(section->sh_size + 1);
	if (!read_at(file->fd, data, section->sh_size, section->sh_offset)) {
		free(data);
		return NULL;
	}
	data[section->sh_size] = '\0';
	return data;
}

static bool table_find(const Elf64_Sym *symbols, size_t count, struct elf_strings names,
	const char *name, Elf64_Sym *symbol)
{
	for (size_t i = 0; i < count; i++) {
		if (symbols[i].st_shndx != SHN_UNDEF &&
			symbols[i].st_name < names.size &&
			strcmp(names.bytes + symbols[i].st_name, name) == 0) {
			*symbol = symbols[i];
			return true;
		}
	}
	return false;
}

bool elf_file_symbol(const struct elf_file *file, const char *name, Elf64_Sym *symbol)
{
	struct elf_symbols table;
	bool found = elf_file_symbols(file, SHT_DYNSYM, &table) &&
		     table_find(table.symbols, table.count, table.names, name, symbol);

	elf_symbols_finish(&table);
	return found;
}

bool elf_file_symbols(
	const struct elf_file *file, Elf64_Word type, struct elf_symbols *table)
{
	const Elf64_Shdr *section = elf_file_section(file, NULL, type);

	*table = (struct elf_symbols){0};
	if (!section || section->sh_link >= file->section_count) {
		return false;
	}
	const Elf64_Shdr *strings = &file->sections[section->sh_link];
	table->symbols = elf_file_section_data(file, section, SYMBOLS_MAX);
	table->names.bytes = elf_file_section_data(file, strings, STRINGS_MAX);
	if (!table->symbols || !table->names.bytes) {
		return false;
	}
	table->count = section->sh_size / sizeof(Elf64_Sym);
	table->names.size = strings->sh_size;
	return true;
}

void elf_symbols_finish(struct elf_symbols *table)
{
	free(table->symbols);
	free(table->names.bytes);
	*table = (struct elf_symbols){0};
}

bool elf_file_content(
	const struct elf_file *file, Elf64_Addr address, void *buffer, size_t size)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		Elf64_Addr at = address - segment->p_vaddr;
		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
			at <= segment->p_filesz && size <= segment->p_filesz - at) {
			return read_at(file->fd, buffer, size, segment->p_offset + at);
		}
	}
	return false;
}

/* Segments are mapped from the page that they begin in. */
static bool segment_has(const Elf64_Phdr *segment, Elf64_Off offset)
{
	const Elf64_Off page = 4096;

	return segment->p_type == PT_LOAD &&
	       offset >= (segment->p_offset & ~(page - 1)) &&
	       offset < segment->p_offset + segment->p_filesz;
}

bool elf_file_bias(
	const struct elf_file *file, const struct elf_mapped *mapped, Elf64_Addr *bias)
{
	const Elf64_Phdr *found = NULL;

	/* Segments may share a page of the file: code is in the one that can be run. */
	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		bool is_same =
			((segment->p_flags & PF_X) != 0) == mapped->is_executable;
		if (segment_has(segment, mapped->offset) && (!found || is_same)) {
			found = segment;
			if (is_same) {
				break;
			}
		}
	}
	if (found) {
		*bias = mapped->start -
			(found->p_vaddr - found->p_offset + mapped->offset);
	}
	return found != NULL;
}
