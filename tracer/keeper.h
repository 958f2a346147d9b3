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

/* Of whom it can be taken: the kernel compares the real ids of takers with them. */
struct keeper_ids {
	uid_t uid;
	gid_t gid;
};

struct keeper {
	pid_t pid; /* 0: there is none */
	struct keeper_ids ids;
	int control_fd; /* the keeper ends when this is closed, be it by our death */
	int first;	/* the lowest of its numbers: the argument pages, read-only */
	int next;	/* where the search for a free number begins */
	bool is_taken[KEEPER_NUMBERS];
};

/* pages stays the caller's. Other ids than our own need privilege. */
bool keeper_start(
	struct keeper *keeper, int pages, struct keeper_ids ids, struct error *err);
void keeper_stop(struct keeper *keeper); /* accepts a zeroed one */

/* Gives it a copy of fd; returns the number there, -EAGAIN if all are taken, or -EIO. */
int keeper_put(struct keeper *keeper, int fd);
/* Takes that copy away again; accepts what keeper_put failed with. */
void keeper_drop(struct keeper *keeper, int number);

enum { KEEPERS_MAX = 16 };

/* One for each user that root's tree has become; zeroed: none. */
struct keepers {
	struct keeper all[KEEPERS_MAX];
	size_t count;
	int pages; /* not owned */
};

/* Starts the first, our own. */
bool keepers_start(struct keepers *keepers, int pages, struct error *err);
void keepers_stop(struct keepers *keepers);
/* The one for this thread, started if need be; our own where that cannot be. */
struct keeper *keepers_find(struct keepers *keepers, pid_t tid);

#endif
