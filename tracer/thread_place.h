/* SPDX-License-Identifier: MIT */
/* Where a thread is that waits in a system call, outside any ptrace stop. */
#ifndef TRACER_THREAD_PLACE_H
#define TRACER_THREAD_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct thread_place {
	uint64_t stack, instruction;
};

/* False if it runs, or has gone. */
bool thread_place_read(pid_t tid, struct thread_place *place);

#endif
