/* SPDX-License-Identifier: MIT */
/*
 * The call stack of a Python thread, read from the interpreter's memory without running
 * code in it. That memory belongs to the tree and may hold anything: every read is
 * bounded, every chain ends, and what makes no sense is left out.
 */
#ifndef TRACER_PYTHON_STACK_H
#define TRACER_PYTHON_STACK_H

#include "tracer/code_facts.h"
#include "tracer/python_layout.h"
#include "tracer/stack_memory.h"

#include <sys/types.h>

/* What tells a thread from others. fs_base is only known of a thread in a ptrace stop. */
struct python_thread {
	uint64_t fs_base;   /* what pthread_self(3) returns there; 0: not known */
	uint64_t stack;	    /* its stack pointer; 0: not known */
	uint64_t stack_end; /* of the mapping that it points into; 0: not known */
	pid_t tid;
	bool is_main; /* of its process */
};

/* Block reads that one stack may take. */
enum { PYTHON_READS_MAX = 4096 };

/*
 * Fills frames, frame_count and is_cut of facts, which must be zeroed. False if this
 * thread runs no Python code or its frames cannot be found; facts then has no frames.
 */
bool python_stack_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t runtime, const struct python_thread *thread, struct code_facts *facts);

#endif
