/* SPDX-License-Identifier: MIT */
/*
 * Code that bears the name of a file which it does not come from: compile() takes any
 * name, and one of the standard library would hide its caller. What a frame says of
 * itself is compared with the file. Whoever knows how can still make both fit: this
 * finds names that were given carelessly, and loosens nothing.
 */
#ifndef TRACER_CODE_FORGERY_H
#define TRACER_CODE_FORGERY_H

#include "tracer/code_facts.h"
#include "tracer/python_layout.h"
#include "tracer/source_file.h"
#include "tracer/stack_memory.h"

struct forgery_look {
	struct stack_memory *memory;
	const struct python_layout *layout;
	struct code_place place;
	time_t started;	  /* the process: what changed since cannot be compared */
	unsigned modules; /* whole files that were looked through */
	struct source_file file; /* the one looked at last, and its name */
	struct text name;
	bool is_late; /* a file could not be looked at in time: nobody can tell */
};

void forgery_look_finish(struct forgery_look *look);

/* True if the frame of that index does not come from the file that it names. */
bool frame_is_forged(
	struct forgery_look *look, const struct code_facts *facts, size_t at);

#endif
