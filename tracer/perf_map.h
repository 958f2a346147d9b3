/* SPDX-License-Identifier: MIT */
/*
 * Names that a process gives to code which it makes as it runs: /tmp/perf-PID.map, as its
 * own names of files and processes have it. It may write anything there.
 */
#ifndef TRACER_PERF_MAP_H
#define TRACER_PERF_MAP_H

#include "tracer/memory_map.h"
#include "tracer/native_facts.h"

/* Names frames in mappings without a file, as far as the process says how. */
void perf_map_names(
	struct native_facts *facts, const struct memory_map *map, pid_t pid);

#endif
