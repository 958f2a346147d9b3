/* SPDX-License-Identifier: MIT */
/*
 * A process outside of the tree that holds a read-only descriptor of the argument pages
 * and nothing else, for where the seccomp listener's slot is taken: a traced thread takes
 * the descriptor from it with pidfd_open and pidfd_getfd, by registers alone. Whoever
 * else takes it can only read what is judged at the moment.
 */
#ifndef TRACER_KEEPER_H
#define TRACER_KEEPER_H

#include "base/error.h"

#include <sys/types.h>

/* The descriptor's number in the keeper. */
enum { KEEPER_DESCRIPTOR = 3 };

struct keeper {
	pid_t pid;    /* 0: there is none */
	int alive_fd; /* it ends when this is closed, be it by our death */
};

/* pages stays the caller's. */
bool keeper_start(struct keeper *keeper, int pages, struct error *err);
void keeper_stop(struct keeper *keeper); /* accepts a zeroed one */

#endif
