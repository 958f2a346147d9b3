/* SPDX-License-Identifier: MIT */
/*
 * What an exec goes through: the program as named, the interpreters that #! lines and
 * handlers (binfmt_misc) name, and at last the file that the kernel loads; each with the
 * argv that it would get. Inside tracer/ only.
 */
#ifndef TRACER_EXEC_LEVELS_H
#define TRACER_EXEC_LEVELS_H

#include "tracer/exec_arguments.h"
#include "tracer/exec_loader.h"
#include "tracer/path.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXEC_LEVELS_MAX = 6 }; /* a program and what exec_binprm follows from there */

struct exec_level {
	struct path path;
	/* What the next level is told that it is called: as given, /dev/fd/N, … */
	char name[PATH_MAX + 32];
	struct arguments arguments;
};

/* Zero-initialise. */
struct exec_levels {
	struct exec_level *items[EXEC_LEVELS_MAX];
	size_t count;
	struct exec_head head; /* of the last */
	bool is_hidden;	       /* the program's name leads nowhere after the exec */
	size_t opened;	    /* 1 + the level that the kernel opens for the next; or 0 */
	const char *reason; /* why it is refused whatever rules say; or NULL */
};

/* The program, still to be pinned and named; its arguments are empty. */
struct exec_level *exec_levels_begin(struct exec_levels *levels);
void exec_levels_finish(struct exec_levels *levels);

/*
 * Follows the first level to the image that is loaded in the end: 0, or the negative errno
 * that the kernel would give. With reason set, the kernel might do it, but not we.
 */
int exec_levels_follow(struct exec_levels *levels, const struct call *call);

/* What is loaded. */
const struct exec_level *exec_levels_last(const struct exec_levels *levels);

/* As the kernel: a regular file with an execute bit for the caller. 0 or -EACCES, … */
int exec_path_check(const struct path *path);

#endif
