/* SPDX-License-Identifier: MIT */
/*
 * The parts of a 64-bit ELF file that call stacks need. Files may change while they are
 * looked at, and may be made to mislead: they are read, never mapped, and every size is
 * bounded.
 */
#ifndef TRACER_ELF_FILE_H
#define TRACER_ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

struct elf_file {
	int fd; /* borrowed */
	Elf64_Phdr *segments;
	size_t segment_count;
	Elf64_Shdr *sections;
	size_t section_count;
	char *section_names; /* terminated; NULL: there are none */
	size_t section_names_size;
};

bool elf_file_read(struct elf_file *file, int fd);
void elf_file_finish(struct elf_file *file);

/* By name, or by type where name is NULL; NULL: there is none. */
const Elf64_Shdr *elf_file_section(
	const struct elf_file *file, const char *name, Elf64_Word type);

/* What a section holds, owned and with a zero byte after it; NULL if above the limit. */
void *elf_file_section_data(
	const struct elf_file *file, const Elf64_Shdr *section, size_t limit);

struct elf_strings {
	char *bytes; /* terminated */
	size_t size;
};

struct elf_symbols {
	Elf64_Sym *symbols;
	size_t count;
	struct elf_strings names;
};

/* The table of that type (SHT_SYMTAB, SHT_DYNSYM); false if there is none, or a huge one. */
bool elf_file_symbols(
	const struct elf_file *file, Elf64_Word type, struct elf_symbols *table);
/* Also after a failure. */
void elf_symbols_finish(struct elf_symbols *table);

/* The defined dynamic symbol of that name. */
bool elf_file_symbol(const struct elf_file *file, const char *name, Elf64_Sym *symbol);

/* Bytes as the file would have them at this address of its own. */
bool elf_file_content(
	const struct elf_file *file, Elf64_Addr address, void *buffer, size_t size);

/* A part of a file as it is mapped. */
struct elf_mapped {
	Elf64_Addr start;
	Elf64_Off offset;
	bool is_executable;
};

/* What is added to the file's own addresses where this part of it is mapped. */
bool elf_file_bias(
	const struct elf_file *file, const struct elf_mapped *mapped, Elf64_Addr *bias);

#endif
