/* SPDX-License-Identifier: MIT */
/*
 * A process outside of the tree that holds descriptors for it and does nothing else, for
 * where the seccomp listener's slot is taken: a traced thread takes one from it with
 * pidfd_open and pidfd_getfd, by registers alone, where a notification could carry none.
 *
 * The numbers in the keeper begin at random: while a thread takes its descriptor, another
 * could put the pidfd of a third process behind the number, and that process should have
 * nothing there.
 */
#ifndef TRACER_KEEPER_H
#define TRACER_KEEPER_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* How many descriptors are kept at once, at most. */
enum { KEEPER_NUMBERS = 128 };

struct keeper {
	pid_t pid;	/* 0: there is none */
	int control_fd; /* the keeper ends when this is closed, be it by our death */
	int first;	/* the lowest of its numbers: the argument pages, read-only */
	int next;	/* where the search for a free number begins */
	bool is_taken[KEEPER_NUMBERS];
};

/* pages stays the caller's. */
bool keeper_start(struct keeper *keeper, int pages, struct error *err);
void keeper_stop(struct keeper *keeper); /* accepts a zeroed one */

/* Gives it a copy of fd; returns the number there, -EAGAIN if all are taken, or -EIO. */
int keeper_put(struct keeper *keeper, int fd);
/* Takes that copy away again; accepts what keeper_put failed with. */
void keeper_drop(struct keeper *keeper, int number);

#endif
