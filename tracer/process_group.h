/* SPDX-License-Identifier: MIT */
/*
 * Process groups as targets of a call: who is in them, and signals that are kept from
 * ourselves. Without a terminal of its own the tree is in our own group.
 */
#ifndef TRACER_PROCESS_GROUP_H
#define TRACER_PROCESS_GROUP_H

#include "tracer/call.h"
#include "tracer/tracer.h"

enum { PROCESS_ALL = -1 }; /* kill(2): everybody */

/* By process or thread id. */
bool process_is_in_tree(const struct tracer *tracer, pid_t pid);

/*
 * True if it has ended, and its parent, who is of the tree and will have it until then, has
 * not waited for it: nobody but the tree made it, and nothing reaches it any more.
 */
bool process_is_remains(const struct tracer *tracer, pid_t pid);

/* Whether the kernel would let the caller itself signal a process. */
bool process_may_signal(const struct call *call, pid_t pid, int sig);

/*
 * The members of the group that are neither in the tree nor ourselves: how many were
 * found, most at most; -ESRCH if it has no members at all. For what lasts (priorities,
 * owners of descriptors) we are strangers too, for whom nobody else is asked about.
 */
int process_group_outsiders(
	struct tracer *tracer, pid_t group, pid_t *outsiders, size_t most);

/* True if the signal must not be sent by the kernel, which would send it to us as well. */
bool process_group_is_spared(pid_t group, int sig);
/* Sends it to the members of the tree, the caller last; the result of kill(2). */
int process_group_signal(
	struct tracer *tracer, const struct call *call, pid_t group, int sig);

#endif
