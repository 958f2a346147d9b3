/* SPDX-License-Identifier: MIT */
/* Whether names lead to mounts on which to look them up may take for ever. */
#ifndef TRACER_SLOW_MOUNTS_H
#define TRACER_SLOW_MOUNTS_H

#include "tracer/call.h"

#include <stdbool.h>

/*
 * True if the absolute name leads the caller to one, its links read one by one on the
 * way; nothing of that waits. Inside tracer/ only.
 */
bool slow_mounts_are_behind(const struct call *call, const char *name);
/* The same: a number that stands for that mount, or 0. */
uint64_t slow_mounts_mark(const struct call *call, const char *name);

#endif
