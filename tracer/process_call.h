/* SPDX-License-Identifier: MIT */
/*
 * Calls judged by their registers: signals, calls on other processes, descriptor owners,
 * kernel powers, IPC, credentials, and the guards of the argument pages. What stays
 * within the tree needs no judging.
 */
#ifndef TRACER_PROCESS_CALL_H
#define TRACER_PROCESS_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct tracer;
struct pending;

/* As the other decoders; no action means that nothing needs judging. */
int process_call_prepare(struct tracer *tracer, struct pending *pending);

/*
 * Does the call in our own way, if it may not run as it is (because it reads memory, a
 * descriptor or a group that could change): true with its result.
 */
bool process_call_perform(
	struct tracer *tracer, struct pending *pending, int64_t *result);

/*
 * True if a call about the caller's own group is to be made about the group that was
 * judged: this is its argument `process` then.
 */
bool process_call_group(const struct pending *pending, uint64_t *argument);

#endif
