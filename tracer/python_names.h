/* SPDX-License-Identifier: MIT */
/* The names that a Python code object uses: what its source must have in it. */
#ifndef TRACER_PYTHON_NAMES_H
#define TRACER_PYTHON_NAMES_H

#include "base/text.h"
#include "tracer/python_layout.h"
#include "tracer/stack_memory.h"

enum { PYTHON_NAMES_MAX = 32 };

struct python_names {
	struct text names[PYTHON_NAMES_MAX]; /* owned */
	size_t count;
};

/* The first ones of the code object at this address; none if they cannot be read. */
void python_names_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t code, struct python_names *names);
void python_names_finish(struct python_names *names);

/* True if all of them occur, but for those that the compiler makes up by itself. */
bool python_names_occur(const struct python_names *names, struct text source);

#endif
