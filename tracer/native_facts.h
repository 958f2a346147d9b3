/* SPDX-License-Identifier: MIT */
/* A native call stack, as far as it could be followed; for people to look at. */
#ifndef TRACER_NATIVE_FACTS_H
#define TRACER_NATIVE_FACTS_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct native_frame {
	uint64_t address;
	struct text module;	/* path of the mapped file, "[vdso]", or empty; owned */
	struct text function;	/* empty: not known; owned */
	uint64_t offset;	/* in function, else in the file */
	uint64_t frame_pointer; /* 0: not known */
	uint64_t stack;		/* where it begins there; 0: not known */
	bool has_unwind_info;	/* else its caller was found by the frame pointer */
	bool is_guessed;	/* found by looking through the stack for addresses */
	bool is_looked_up;	/* its function is known, or known to have no name */
	bool evaluates;		/* an interpreter's evaluator: code runs in it */
};

struct native_facts {
	struct native_frame *frames; /* innermost first; owned */
	size_t frame_count;
	bool is_cut; /* the end of the stack was not reached */
};

void native_facts_finish(struct native_facts *facts);

#endif
