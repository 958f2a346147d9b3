/* SPDX-License-Identifier: MIT */
/*
 * Whether a Python call comes from generated code: judged on the innermost frame outside
 * the standard library and installed packages, since those call nothing by themselves.
 */
#ifndef TRACER_CODE_ORIGIN_H
#define TRACER_CODE_ORIGIN_H

#include "tracer/code_facts.h"

#include <sys/types.h>

/* Where a relative file name begins, and the root folder of absolute ones. */
struct code_place {
	pid_t pid;
	const char *folder;
};

/* Marks generated frames and sets the origin. */
void code_origin_find(struct code_facts *facts, const struct code_place *place);

#endif
