/* SPDX-License-Identifier: MIT */
/* What a forked process has of its maker's memory, before others may look into it. */
#ifndef TRACER_MEMORY_FORGET_H
#define TRACER_MEMORY_FORGET_H

#include <stdbool.h>

/*
 * Empties the environment, the heap and all other memory that is of no file, but for the
 * calling thread's stack and what the C library has of the thread. From then on nothing
 * may be called but what makes system calls alone. False if it cannot be done.
 */
bool memory_forget(void);

#endif
