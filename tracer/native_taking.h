/* SPDX-License-Identifier: MIT */
/* The native stack of a stopped call, with what it was read by. Inside tracer/ only. */
#ifndef TRACER_NATIVE_TAKING_H
#define TRACER_NATIVE_TAKING_H

#include "tracer/native_stack.h"

struct pending;
struct tracer;

struct native_taking {
	struct stack_memory *memory; /* the tracer's, reading from source */
	struct process_memory source;
	struct memory_map map;
	struct native_facts facts; /* without symbols; the caller's */
};

/* False if nothing is known of the thread. _end in either case; taking is not moved. */
bool native_taking_begin(struct native_taking *taking, struct tracer *tracer,
	const struct pending *pending);
void native_taking_end(struct native_taking *taking);

#endif
