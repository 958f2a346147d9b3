/* SPDX-License-Identifier: MIT */
/* Which family reads, judges and performs an operation: see the header of each. */
#ifndef TRACER_OPERATION_FAMILY_H
#define TRACER_OPERATION_FAMILY_H

#include "tracer/syscall_table.h"

enum operation_family {
	FAMILY_MISSING, /* an operation that the table forgot: no call of it is let by */
	FAMILY_NONE,	/* nothing to read */
	FAMILY_FILE,
	FAMILY_EXEC,
	FAMILY_NETWORK,
	FAMILY_PROCESS,
};

enum operation_family operation_family(enum operation operation);

#endif
