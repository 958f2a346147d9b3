/* SPDX-License-Identifier: MIT */
/* Names of native frames, from the symbol tables of the files that are mapped there. */
#include "base/xalloc.h"
#include "tracer/elf_file.h"
#include "tracer/late.h"
#include "tracer/native_stack.h"

#include <stdlib.h>
#include <string.h>

/* Reading a larger table would take longer than the question may wait. */
enum { SYMBOLS_MAX = 512 << 10 };

/* Names are claims of the file; nobody reads longer ones. */
enum { NAME_SHOWN_MAX = 256 };

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

static void frame_name(
	struct native_frame *frame, const char *name, Elf64_Addr bias, Elf64_Addr start)
{
	size_t length = strnlen(name, NAME_SHOWN_MAX);

	free((char *)(uintptr_t)frame->function.bytes);
	frame->function = (struct text){xmemdup0(name, length), length};
	frame->offset = frame->address - bias - start;
	frame->evaluates = frame->evaluates || is_evaluator(frame->function);
}

/* The frames that are in one mapping and have no name yet, by address. */
struct unnamed {
	struct {
		Elf64_Addr place; /* in the file */
		size_t frame;
	} frames[NATIVE_FRAMES_MAX];
	size_t count;
};

static int place_compare(const void *a, const void *b)
{
	const Elf64_Addr *first = a;
	const Elf64_Addr *second = b;

	return *first < *second ? -1 : *first > *second;
}

static void unnamed_find(struct unnamed *unnamed, const struct native_facts *facts,
	const struct mapping *mapping, Elf64_Addr bias)
{
	unnamed->count = 0;
	for (size_t i = 0; i < facts->frame_count; i++) {
		uint64_t place = place_of(facts, i);
		if (place >= mapping->start && place < mapping->end &&
			facts->frames[i].function.length == 0) {
			unnamed->frames[unnamed->count].place = place - bias;
			unnamed->frames[unnamed->count++].frame = i;
		}
	}
	qsort(unnamed->frames, unnamed->count, sizeof(unnamed->frames[0]),
		place_compare);
}

static void symbol_apply(struct native_facts *facts, const struct unnamed *unnamed,
	const Elf64_Sym *symbol, const char *name, Elf64_Addr bias)
{
	size_t low = 0;
	size_t high = unnamed->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (unnamed->frames[middle].place < symbol->st_value) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < unnamed->count &&
		unnamed->frames[low].place - symbol->st_value < symbol->st_size;
		low++) {
		struct native_frame *frame = &facts->frames[unnamed->frames[low].frame];
		if (frame->function.length == 0) {
			frame_name(frame, name, bias, symbol->st_value);
		}
	}
}

static void names_set(struct native_facts *facts, const struct mapping *mapping,
	const struct elf_symbols *table, Elf64_Addr bias)
{
	struct unnamed unnamed;

	unnamed_find(&unnamed, facts, mapping, bias);
	for (size_t i = 0; unnamed.count > 0 && i < table->count; i++) {
		const Elf64_Sym *symbol = &table->symbols[i];
		if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
			symbol->st_shndx != SHN_UNDEF &&
			symbol->st_name < table->names.size) {
			symbol_apply(facts, &unnamed, symbol,
				table->names.bytes + symbol->st_name, bias);
		}
	}
}

static void mapping_names(
	struct native_facts *facts, const struct mapping *mapping, pid_t pid)
{
	static const Elf64_Word types[] = {SHT_SYMTAB, SHT_DYNSYM};
	const struct elf_mapped mapped = {
		mapping->start, mapping->offset, mapping->is_executable};
	int fd = mapping_open(pid, mapping);
	struct elf_file file;
	Elf64_Addr bias;

	if (fd < 0) {
		return;
	}
	bool is_readable =
		elf_file_read(&file, fd) && elf_file_bias(&file, &mapped, &bias);
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
	late_close(fd);
}

static void files_look(
	struct native_facts *facts, const struct memory_map *map, pid_t pid)
{
	enum { FILES_MAX = 32 };
	const struct mapping *seen[FILES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < facts->frame_count; i++) {
		const struct mapping *mapping =
			memory_map_find(map, place_of(facts, i));
		bool is_new = mapping != NULL && count < FILES_MAX &&
			      !facts->frames[i].is_looked_up;
		for (size_t j = 0; is_new && j < count; j++) {
			is_new = seen[j] != mapping;
		}
		if (is_new) {
			seen[count++] = mapping;
			mapping_names(facts, mapping, pid);
		}
	}
}

static struct symbol_memory_entry *entry_of(
	struct symbol_memory *memory, uint64_t address)
{
	return &memory->entries[(address ^ address >> 12) % SYMBOL_ENTRIES];
}

static void names_recall(struct native_facts *facts, struct symbol_memory *memory)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		struct native_frame *frame = &facts->frames[i];
		const struct symbol_memory_entry *entry =
			entry_of(memory, frame->address);
		frame->is_looked_up = entry->address == frame->address && i > 0;
		if (frame->is_looked_up && entry->name) {
			free((char *)(uintptr_t)frame->function.bytes);
			frame->function = text_of(xstrdup(entry->name));
			frame->offset = entry->offset;
			frame->evaluates =
				frame->evaluates || is_evaluator(frame->function);
		}
	}
}

/* The first frame's address is no caller's, and may be another one's as well. */
static void names_keep(const struct native_facts *facts, struct symbol_memory *memory)
{
	for (size_t i = 1; i < facts->frame_count; i++) {
		const struct native_frame *frame = &facts->frames[i];
		struct symbol_memory_entry *entry = entry_of(memory, frame->address);
		if (frame->is_looked_up) {
			continue;
		}
		free(entry->name);
		*entry = (struct symbol_memory_entry){
			.address = frame->address, .offset = frame->offset};
		if (frame->function.length > 0) {
			entry->name = text_copy(frame->function);
		}
	}
}

void symbol_memory_clear(struct symbol_memory *memory)
{
	for (size_t i = 0; i < SYMBOL_ENTRIES; i++) {
		free(memory->entries[i].name);
	}
	memset(memory, 0, sizeof(*memory));
}

void native_symbols_find(struct native_facts *facts, struct symbol_memory *memory,
	const struct memory_map *map, pid_t pid)
{
	names_recall(facts, memory);
	files_look(facts, map, pid);
	names_keep(facts, memory);
}
