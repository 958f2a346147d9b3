/* SPDX-License-Identifier: MIT */
/*
 * Calls judged by their registers: signals, calls on other processes, descriptor owners,
 * kernel powers, IPC, credentials, and the guards of the argument pages. What stays
 * within the tree needs no judging.
 */
#ifndef TRACER_PROCESS_CALL_H
#define TRACER_PROCESS_CALL_H

#include "rules/action.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tracer;
struct pending;
struct registers;

/* As the other decoders; no action means that nothing needs judging. */
int process_call_prepare(struct tracer *tracer, struct pending *pending);

/*
 * Does the call in our own way, if it may not run as it is (because it reads memory, a
 * descriptor or a group that could change): true with its result.
 */
bool process_call_perform(
	struct tracer *tracer, struct pending *pending, int64_t *result);

/*
 * True if the call is to be run with registers that say what was judged: what else would
 * be read from memory, or looked up a moment later, is in them then.
 */
bool process_call_restate(const struct pending *pending, struct registers *registers);

#endif
