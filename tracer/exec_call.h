/* SPDX-License-Identifier: MIT */
/*
 * execve and execveat: what would run, read once and pinned; and the proof, at the exec
 * stop and before any instruction of the new image, that this is what runs. A caller that
 * alters its arguments in between is killed there.
 */
#ifndef TRACER_EXEC_CALL_H
#define TRACER_EXEC_CALL_H

#include "tracer/call.h"
#include "tracer/tracer.h"

struct exec_call;
struct held_files;
struct image;

/*
 * Reads and resolves the program, its argv and, for a #! file or one with a handler
 * (binfmt_misc), what runs it; fills request's actions (texts live in the exec_call).
 * Returns 0 or the negative errno that the kernel would give.
 */
int exec_call_prepare(
	struct exec_call **result, const struct call *call, struct request *request);
void exec_call_destroy(struct exec_call *exec); /* accepts NULL */

/* True if what the process has just executed is what was judged. */
bool exec_call_verify(const struct exec_call *exec, pid_t pid, int memory_fd);

/* What the process is now. Owned by the caller. */
struct image *exec_call_image(const struct exec_call *exec);

/*
 * What the new image will open by name is held: scripts, handled files, the program of a
 * started loader. What was held before stays so if its arguments name it, and is the image's
 * script then if that has none: as behind "#!/usr/bin/env python3". NULL: it cannot be told
 * what was opened. Once, since the descriptors go over.
 */
void exec_call_hold(
	struct exec_call *exec, struct held_files *held, struct image *image);

#endif
