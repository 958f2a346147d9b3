/* SPDX-License-Identifier: MIT */
/*
 * Whether a Python call comes from generated code: any frame of it counts, since text may
 * call functions of files, which do for it what they may. Not counted is what Python and
 * its library make for files: lines of .pth files, methods of dataclasses.
 */
#ifndef TRACER_CODE_ORIGIN_H
#define TRACER_CODE_ORIGIN_H

#include "tracer/code_facts.h"
#include "tracer/code_forgery.h"

/*
 * Marks generated frames and sets the origin. Frames are compared with the files that
 * they name; look NULL: they are not.
 */
void code_origin_find(struct code_facts *facts, const struct code_place *place,
	struct forgery_look *look);

/* Whether a file of that name is the standard library's, or an installed package's. */
bool code_file_is_library(struct text file);

#endif
