/* SPDX-License-Identifier: MIT */
/*
 * One list of the native frames of a call and those of the interpreted code that it comes
 * from: where the native stack is in the interpreter's evaluator, the frames that it runs
 * there stand in its place.
 */
#ifndef SESSION_STACK_MERGE_H
#define SESSION_STACK_MERGE_H

#include "tracer/code_facts.h"
#include "tracer/native_facts.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known of a frame of either kind, innermost first. */
struct stack_shape {
	const bool *evaluates; /* native: it runs interpreted code */
	size_t native_count;
	const bool *is_entry; /* interpreted: the evaluator was entered with it */
	size_t code_count;
};

struct stack_item {
	bool is_code;
	size_t index; /* into the frames of its kind */
};

/*
 * Fills items, with room for all frames of both, and returns how many it used. Every
 * interpreted frame is there, and every native one but evaluators whose frames are; code
 * for which no evaluator was found comes last.
 */
size_t stack_merge(const struct stack_shape *shape, struct stack_item *items);

/*
 * Marks the native frames that interpreted code was entered from by where they lie, since
 * evaluators may have no name, or parts elsewhere that have none.
 */
void stack_mark_evaluators(struct native_facts *native, const struct code_facts *code);

#endif
