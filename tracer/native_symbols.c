/* SPDX-License-Identifier: MIT */
/* Names of native frames, from the symbol tables of the files that are mapped there. */
#include "base/xalloc.h"
#include "tracer/elf_file.h"
#include "tracer/native_stack.h"

#include <stdlib.h>
#include <unistd.h>

/* Reading a larger table would take longer than the question may wait. */
enum { SYMBOLS_MAX = 64 << 10 };

/* Names are claims of the file; nobody reads longer ones. */
enum { NAME_SHOWN_MAX = 256 };

static const Elf64_Sym *symbol_find(const struct elf_symbols *table, Elf64_Addr address)
{
	for (size_t i = 0; i < table->count; i++) {
		const Elf64_Sym *symbol = &table->symbols[i];
		if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
			symbol->st_shndx != SHN_UNDEF &&
			address - symbol->st_value < symbol->st_size &&
			symbol->st_name < table->names.size) {
			return symbol;
		}
	}
	return NULL;
}

/* A caller's address is behind its call, which may be the last of its function. */
static uint64_t place_of(const struct native_facts *facts, size_t at)
{
	return facts->frames[at].address - (at > 0);
}

/* Where CPython runs Python code; compilers may part it. */
static bool is_evaluator(struct text function)
{
	static const char name[] = "_PyEval_EvalFrameDefault";
	size_t length = sizeof(name) - 1;

	return text_starts_with(function, name) &&
	       (function.length == length || function.bytes[length] == '.');
}

/* Names the frames that are in this mapping and have none yet. */
static void names_set(struct native_facts *facts, const struct mapping *mapping,
	const struct elf_symbols *table, Elf64_Addr bias)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		struct native_frame *frame = &facts->frames[i];
		uint64_t place = place_of(facts, i);
		if (place < mapping->start || place >= mapping->end ||
			frame->function.length > 0) {
			continue;
		}
		const Elf64_Sym *symbol = symbol_find(table, place - bias);
		if (symbol) {
			const char *name = table->names.bytes + symbol->st_name;
			size_t length = strnlen(name, NAME_SHOWN_MAX);
			free((char *)(uintptr_t)frame->function.bytes);
			frame->function = (struct text){xmemdup0(name, length), length};
			frame->offset = frame->address - bias - symbol->st_value;
			frame->evaluates = is_evaluator(frame->function);
		}
	}
}

static void mapping_names(
	struct native_facts *facts, const struct mapping *mapping, pid_t pid)
{
	static const Elf64_Word types[] = {SHT_SYMTAB, SHT_DYNSYM};
	int fd = mapping_open(pid, mapping);
	struct elf_file file;
	Elf64_Addr bias;

	if (fd < 0) {
		return;
	}
	bool is_readable = elf_file_read(&file, fd) &&
			   elf_file_bias(&file, mapping->start, mapping->offset, &bias);
	for (size_t i = 0; is_readable && i < sizeof(types) / sizeof(types[0]); i++) {
		const Elf64_Shdr *section = elf_file_section(&file, NULL, types[i]);
		struct elf_symbols table;
		if (!section || section->sh_size / sizeof(Elf64_Sym) > SYMBOLS_MAX) {
			continue;
		}
		if (elf_file_symbols(&file, types[i], &table)) {
			names_set(facts, mapping, &table, bias);
		}
		elf_symbols_finish(&table);
	}
	elf_file_finish(&file);
	close(fd);
}

void native_symbols_find(
	struct native_facts *facts, const struct memory_map *map, pid_t pid)
{
	enum { FILES_MAX = 32 };
	const struct mapping *seen[FILES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < facts->frame_count; i++) {
		const struct mapping *mapping =
			memory_map_find(map, place_of(facts, i));
		bool is_new = mapping != NULL && count < FILES_MAX;
		for (size_t j = 0; is_new && j < count; j++) {
			is_new = seen[j] != mapping;
		}
		if (is_new) {
			seen[count++] = mapping;
			mapping_names(facts, mapping, pid);
		}
	}
}
