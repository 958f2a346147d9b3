/* SPDX-License-Identifier: MIT */
/* The name that an image was executed by, as the kernel tells it to the image. */
#ifndef TRACER_EXEC_NAME_H
#define TRACER_EXEC_NAME_H

#include "tracer/call.h"

#include <stdbool.h>

/* What the kernel tells a new image about itself, before it can have changed it. */
struct exec_vector {
	uint64_t name;	 /* AT_EXECFN: where the name is; 0: unknown */
	uint64_t loader; /* AT_BASE: where the interpreter is; 0: there is none */
	bool has_opened; /* AT_EXECFD: a handler got the file that it is for, */
	int opened;	 /* by this descriptor */
};

/* At an exec stop; false if it cannot be read or lacks name or loader. */
bool exec_vector_read(pid_t pid, struct exec_vector *vector);

/* Whether the name is this, or /dev/fd/N for a descriptor. */
bool exec_name_is(
	const struct call *call, const struct exec_vector *vector, const char *name);

#endif
