/* SPDX-License-Identifier: MIT */
/* Finds the Python interpreter in a process: in its program, or a library of it. */
#ifndef TRACER_PYTHON_PLACE_H
#define TRACER_PYTHON_PLACE_H

#include "tracer/python_layout.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct python_place {
	bool is_program_known; /* the program itself was looked at */
	bool is_python;
	uint64_t runtime;	     /* address of _PyRuntime; 0: not found */
	struct python_layout layout; /* minor 0: this build is not known */
};

/*
 * Fills place, which is kept while the process runs the same program: libraries may
 * come later, and are looked for again while no Python was found.
 */
void python_place_look(struct python_place *place, pid_t pid);

#endif
