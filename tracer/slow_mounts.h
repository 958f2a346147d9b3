/* SPDX-License-Identifier: MIT */
/*
 * Where file systems are mounted on which a name may take for ever to look up: whoever
 * serves them may be slow, dead or hostile. The tree can mount nothing, but others may at
 * any time. Inside tracer/ only; for the loop's thread.
 */
#ifndef TRACER_SLOW_MOUNTS_H
#define TRACER_SLOW_MOUNTS_H

#include "base/error.h"
#include "tracer/call.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes note of what is mounted, and has a thread of its own, which blocks all signals,
 * say when that changes: nested epolls lose such news, which is told only once.
 */
bool slow_mounts_start(struct error *err);
void slow_mounts_stop(void);

/* False before start and after stop. */
bool slow_mounts_exist(void);

/* True if the absolute name, without links or dots, is at or below one. */
bool slow_mounts_have(const char *name);

/*
 * True if the absolute name leads the caller to one, its links read one by one on the
 * way; nothing of that waits.
 */
bool slow_mounts_are_behind(const struct call *call, const char *name);

#endif
