/* SPDX-License-Identifier: MIT */
/*
 * Where file systems are mounted whose names need care. The tree can mount nothing, but
 * others may at any time. For any thread between start and stop.
 */
#ifndef TRACER_MOUNTS_H
#define TRACER_MOUNTS_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum mount_kind {
	/* To look up a name may take for ever: who serves them may be slow or hostile. */
	MOUNT_SLOW,
	/* Names that differ in case, or still less, may be one and the same. */
	MOUNT_IGNORES_CASE,
	MOUNT_KIND_COUNT
};

/* Before start, what is found first counts. */
bool mounts_start(struct error *err);
void mounts_stop(void);

/*
 * Whoever made a mount may use it in the next moment: the loop looks whether there is a new
 * one after it heard of a call and before it touches a name of it. Nested epolls lose that
 * news, which is told only once: it either looks, or polls the descriptor for POLLPRI
 * itself, after the descriptors by which it hears of calls, and then has all read again.
 */
void mounts_look(void);
int mounts_waker(void);
void mounts_read_again(void);

/*
 * True if the mount of that number (statx(2)) was among those of this namespace when they
 * were read last.
 */
bool mounts_have_number(uint64_t number);

/*
 * True if it is one of FUSE that the kernel lets nobody use but who mounted it; or that is
 * not known.
 */
bool mounts_are_closed(uint64_t number);

/* True if there is one of that kind. */
bool mounts_exist(enum mount_kind kind);

/* True if the absolute name, without links or dots, is at or below one. */
bool mounts_have(enum mount_kind kind, struct text name);

/* The same: a number that stands for that mount, or 0. */
uint64_t mounts_mark(enum mount_kind kind, struct text name);

/* True if one is at or below that folder. */
bool mounts_are_below(enum mount_kind kind, struct text folder);

#endif
