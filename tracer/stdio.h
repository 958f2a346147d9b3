/* SPDX-License-Identifier: MIT */
/*
 * Other open files as standard input and output of a program, put in place by the thread
 * that is about to execute it: what is said to the program then passes through whoever
 * has the other ends. Inside tracer/ only; see tracer_take_stdio and
 * tracer_replace_stdio.
 */
#ifndef TRACER_STDIO_H
#define TRACER_STDIO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pending;

/* Closes what the caller of the exec was to get, and did not. */
void stdio_forget(struct pending *pending);

/*
 * Answers the notification's caller with the open files of pending as its 0 and 1; it
 * still waits then. Returns 0, or -1 with errno set.
 */
int stdio_give(int listener_fd, uint64_t id, struct pending *pending);

/*
 * At the exec stop, when nobody shares the descriptors any more: whether the program has
 * as its 0 and 1 what it was to get, if that is so. Another thread could put others there.
 */
bool stdio_is_given(pid_t tid, const struct pending *pending);

#endif
