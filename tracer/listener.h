/* SPDX-License-Identifier: MIT */
/*
 * The seccomp notification descriptor (seccomp_unotify(2)), kept open for the life of
 * the tree: while it is, no filter of the tree's own can get one (EBUSY).
 */
#ifndef TRACER_LISTENER_H
#define TRACER_LISTENER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* Wakes the caller on the answering CPU where the kernel can (6.6); false if not. */
bool listener_set_synchronous(int listener_fd);

/*
 * Takes the next notification. Only after poll says readable, or it would block.
 * False if there is none any more (its caller was killed or interrupted).
 */
bool listener_receive(int listener_fd, struct seccomp_notif *notification);

/* Answers with a value or a negative errno; false if the caller no longer waits. */
bool listener_send(int listener_fd, uint64_t id, int64_t result);

/*
 * Gives the caller a copy of fd and answers with its number, at once. Returns 0, or the
 * errno: ENOENT or ESRCH if the caller no longer waits, EMFILE if it may have no more.
 */
int listener_send_descriptor(int listener_fd, uint64_t id, int fd, bool close_on_exec);

#endif
