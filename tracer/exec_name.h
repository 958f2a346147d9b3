/* SPDX-License-Identifier: MIT */
/* The name that an image was executed by, as the kernel tells it to the image. */
#ifndef TRACER_EXEC_NAME_H
#define TRACER_EXEC_NAME_H

#include "tracer/call.h"

#include <stdbool.h>

/* At an exec stop: whether AT_EXECFN is this name, or /dev/fd/N for a descriptor. */
bool exec_name_is(const struct call *call, const char *name);

#endif
