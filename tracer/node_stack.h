/* SPDX-License-Identifier: MIT */
/*
 * The JavaScript functions on a native stack of node, read from V8's heap without running
 * code in it. That heap belongs to the tree and may hold anything: every read is bounded,
 * objects are recognised by their types, and what makes no sense is left out.
 */
#ifndef TRACER_NODE_STACK_H
#define TRACER_NODE_STACK_H

#include "tracer/code_facts.h"
#include "tracer/native_facts.h"
#include "tracer/node_layout.h"
#include "tracer/stack_memory.h"

/* Block reads that one stack may take. */
enum { NODE_READS_MAX = 4096 };

/*
 * Marks the native frames that run JavaScript as evaluators, and adds what runs there to
 * code, which must be zeroed or NULL. Lines are those where functions begin.
 */
void node_stack_read(struct stack_memory *memory, const struct node_layout *layout,
	struct native_facts *native, struct code_facts *code);

/* Source of code that was given to eval and the like, for people. */
void node_sources_find(struct stack_memory *memory, struct code_facts *code);

#endif
