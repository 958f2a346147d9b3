/* SPDX-License-Identifier: MIT */
/*
 * The native call stack of a thread, by libunwind's core with accessors of our own: they
 * read the tree's memory alone, never map a file of it, and end when a budget of reads is
 * used up. What is found is for people to look at; no verdict depends on it.
 */
#ifndef TRACER_NATIVE_STACK_H
#define TRACER_NATIVE_STACK_H

#include "tracer/memory_map.h"
#include "tracer/native_facts.h"
#include "tracer/registers.h"
#include "tracer/stack_memory.h"

enum {
	NATIVE_FRAMES_MAX = 128,
	NATIVE_ACCESSES_MAX = 20000, /* by libunwind, of one stack */
	NATIVE_READS_MAX = 2048,     /* blocks */
};

/* What libunwind remembers of one process image; NULL is an empty one. */
struct native_unwinder;
void native_unwinder_destroy(struct native_unwinder *unwinder);

/*
 * A thread's place. Of one that is in no ptrace stop only where it is and its stack are
 * known: its callers are then found as far as these lead.
 */
struct native_place {
	struct registers registers;
	bool is_whole; /* not only instruction and stack pointer */
};

/* Fills addresses, modules and is_cut of facts, which must be zeroed. */
void native_stack_read(struct native_unwinder **unwinder, struct stack_memory *memory,
	const struct memory_map *map, const struct native_place *place,
	struct native_facts *facts);

/* Names of callers that were looked up already; zeroed is an empty one. */
enum { SYMBOL_ENTRIES = 1024 };
struct symbol_memory {
	struct symbol_memory_entry {
		uint64_t address, offset;
		char *name; /* owned; NULL: it has none */
	} entries[SYMBOL_ENTRIES];
};
void symbol_memory_clear(struct symbol_memory *memory);
/* The one of a process image, cleared when its code changed. */
struct symbol_memory *native_unwinder_symbols(struct native_unwinder *unwinder);

/* Fills functions and offsets in, from the symbols of the mapped files. */
void native_symbols_find(struct native_facts *facts, struct symbol_memory *memory,
	const struct memory_map *map, pid_t pid);

#endif
