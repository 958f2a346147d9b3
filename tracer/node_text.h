/* SPDX-License-Identifier: MIT */
/* Objects and strings of V8's heap, read from memory that may lie. */
#ifndef TRACER_NODE_TEXT_H
#define TRACER_NODE_TEXT_H

#include "base/text.h"
#include "tracer/stack_memory.h"

#include <stdint.h>

/* The instance type of what a tagged word points to; -1: it is no object. */
int32_t node_type_of(struct stack_memory *memory, uint64_t tagged);

/* A tagged word of an object. */
bool node_field(
	struct stack_memory *memory, uint64_t object, unsigned offset, uint64_t *word);

/* An owned UTF-8 copy of the first characters of a string; false if it is none. */
bool node_text_read(
	struct stack_memory *memory, uint64_t string, size_t max, struct text *text);

/*
 * How many line ends the first characters of a string have; -1: they are too many to
 * look through, or cannot be read.
 */
int64_t node_text_lines(struct stack_memory *memory, uint64_t string, uint64_t end);

#endif
