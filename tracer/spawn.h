/* SPDX-License-Identifier: MIT */
/*
 * Starts the supervised command: seized before it runs anything of its own, behind the
 * filter, stopped at its execve. Order matters and is explained in spawn.c.
 */
#ifndef TRACER_SPAWN_H
#define TRACER_SPAWN_H

#include "tracer/tracer.h"

#include <linux/filter.h>

struct spawned {
	pid_t pid;
	int listener_fd; /* -1 without a listener */
};

/* listener_flags: SECCOMP_FILTER_FLAG_…; 0 for a filter without a listener. */
bool spawn_command(const struct tracer_options *options, const struct sock_fprog *program,
	unsigned long listener_flags, struct spawned *spawned, struct error *err);

/*
 * The file that execvp(3) would run for a name, in the given environment's PATH. Owned;
 * NULL with ENOENT (not found) or EACCES (not executable) in err.
 */
char *spawn_find_program(const char *name, char *const *environment, struct error *err);

#endif
