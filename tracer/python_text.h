/* SPDX-License-Identifier: MIT */
/* Strings and line tables of a Python interpreter, read from memory that may lie. */
#ifndef TRACER_PYTHON_TEXT_H
#define TRACER_PYTHON_TEXT_H

#include "base/text.h"
#include "tracer/python_layout.h"
#include "tracer/stack_memory.h"

/* Longer strings count as unreadable: no file name is longer. */
enum { PYTHON_TEXT_MAX = 4096 };

/* An owned UTF-8 copy of the str object at address; false if there is none. */
bool python_text_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t address, struct text *text);

/* The same up to max characters, of which longer ones give the first. */
bool python_text_read_long(struct stack_memory *memory,
	const struct python_layout *layout, uint64_t address, size_t max,
	struct text *text);

/* Where in a code object an instruction is. */
struct python_instruction {
	enum python_lines lines;
	uint64_t table; /* the bytes object that tells lines, behind its head */
	int first_line;
	uint64_t unit; /* number of the instruction, each of two bytes */
};

/* Its line; 0: none. */
int python_line_find(
	struct stack_memory *memory, const struct python_instruction *instruction);

#endif
