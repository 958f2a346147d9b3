/* SPDX-License-Identifier: MIT */
/*
 * Threads that resolve names and carry out file calls which could block (network file
 * systems, leases), so that the loop never does. They have their own umask and folders,
 * never ptrace and never wait, and block all signals.
 */
#ifndef TRACER_PERFORMER_H
#define TRACER_PERFORMER_H

#include "base/error.h"

struct performers;
struct pending;

struct performers *performers_create(struct error *err);
/* Before the tree runs, once names can be resolved: starts as many as are always there. */
void performers_start(struct performers *performers);
/* Waits for nobody: a thread that is stuck in the kernel is left to the process' end. */
void performers_destroy(struct performers *performers);

/* Readable when performers_next has something. */
int performers_fd(const struct performers *performers);

/*
 * Performs it in a thread, where it may block, into pending->outcome; or, if it is
 * preparing, reads and resolves it, into pending->prepared.
 */
void performers_give(struct performers *performers, struct pending *pending);

/* The next one that is done, or NULL. */
struct pending *performers_next(struct performers *performers);
/* At the end: one that no performer is busy with, done or not; NULL: none is left. */
struct pending *performers_take_back(struct performers *performers);

#endif
