/* SPDX-License-Identifier: MIT */
/* Whose terminal a terminal device is. Inside tracer/ only. */
#ifndef TRACER_TERMINAL_OWNER_H
#define TRACER_TERMINAL_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* True for terminals that a session may have: /dev/pts/N, consoles, serial lines. */
bool terminal_is_device(dev_t device);

/*
 * Whether a process outside the tree has this device as its controlling terminal, while
 * neither the caller nor the supervisor has: 1, with its number in owner, or 0; negative,
 * if it cannot be told for want of descriptors. Whoever opens such a terminal could write on
 * it for that process' user, and take what is typed there.
 */
int terminal_foreign_owner(pid_t caller, dev_t device, pid_t *owner);

/* The number by which the following tells terminals apart; 0: it is none. */
long terminal_number(int fd);
/*
 * The processes outside the tree that have this as controlling terminal, the supervisor
 * included; how many were found, most at most, or a negative errno.
 */
int terminal_outsiders(long number, pid_t *outsiders, int most);

#endif
