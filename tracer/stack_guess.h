/* SPDX-License-Identifier: MIT */
/*
 * Callers of code that has neither unwind information nor frame pointers: words on the
 * stack which point behind a call instruction. Some are left over from calls that are
 * long done, so that what is found is only a guess.
 */
#ifndef TRACER_STACK_GUESS_H
#define TRACER_STACK_GUESS_H

#include "tracer/native_stack.h"

/* Fills the place of the next likely caller above this address; false: there is none. */
bool stack_guess(struct stack_memory *memory, const struct memory_map *map,
	uint64_t stack, struct native_place *place);

#endif
