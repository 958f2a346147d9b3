/* SPDX-License-Identifier: MIT */
/*
 * The text that generated Python code was compiled from, as far as the interpreter still
 * has it: among the variables and arguments of the code's callers, or on the command
 * line. It is a claim twice over, and shown to people alone.
 */
#ifndef TRACER_PYTHON_SOURCE_H
#define TRACER_PYTHON_SOURCE_H

#include "tracer/code_facts.h"
#include "tracer/python_layout.h"
#include "tracer/stack_memory.h"

struct python_program {
	struct stack_memory *memory;
	const struct python_layout *layout;
	const struct text *argv;
	size_t argc;
	size_t budget; /* characters of texts that may still be looked through */
};

enum { PYTHON_SOURCES_BUDGET = 1 << 20 };

/* Gives the generated frames their source. */
void python_sources_find(struct python_program *program, struct code_facts *facts);

#endif
