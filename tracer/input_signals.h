/* SPDX-License-Identifier: MIT */
/*
 * Calls that have a descriptor send signals when there is input (fcntl(2) F_SETFL with
 * O_ASYNC, ioctl FIOASYNC). A terminal sends them to the group in its foreground, whoever
 * is in that and whatever was asked. A part of process_call.h.
 */
#ifndef TRACER_INPUT_SIGNALS_H
#define TRACER_INPUT_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

struct tracer;
struct pending;

/* As process_call_prepare. */
int input_signals_prepare(struct pending *pending);
/* True if the call ends here, with its result; else the caller may make it. */
bool input_signals_perform(
	struct tracer *tracer, struct pending *pending, int64_t *result);

#endif
