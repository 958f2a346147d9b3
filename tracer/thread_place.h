/* SPDX-License-Identifier: MIT */
/* Where a thread is: in its code, and among folders. */
#ifndef TRACER_THREAD_PLACE_H
#define TRACER_THREAD_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct thread_place {
	uint64_t stack, instruction;
};

/* Of one that waits in a system call, outside any ptrace stop. False if it runs, or has gone. */
bool thread_place_read(pid_t tid, struct thread_place *place);

/* The working folder of the moment; "" if that cannot be told. Owned. */
char *thread_folder_read(pid_t tid);

#endif
