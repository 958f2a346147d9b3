/* SPDX-License-Identifier: MIT */
/*
 * Workers of Python's own multiprocessing begin with one of a few lines by -c, which the
 * library writes for the files of its program: no more generated than they are. What they
 * are then told to call comes by a pipe, and is judged by its own frames.
 */
#ifndef TRACER_PYTHON_STARTER_H
#define TRACER_PYTHON_STARTER_H

#include "tracer/code_facts.h"

/* Whether text is such a line, and can do nothing but what that does. */
bool python_starter_is(struct text line);

/* Marks the outermost frame if it is that line's. argv is what the program was given. */
void python_starter_mark(
	struct code_facts *facts, const struct text *argv, size_t argc);

#endif
