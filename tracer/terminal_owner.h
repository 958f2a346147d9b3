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
 * A process outside the tree that has this device as its controlling terminal, while
 * neither the caller nor the supervisor has; 0: there is none. Whoever opens such a
 * terminal could write on it for that process' user, and take what is typed there.
 */
pid_t terminal_foreign_owner(pid_t caller, dev_t device);

/* The number by which the following tells terminals apart; 0: it is none. */
long terminal_number(int fd);
/*
 * The processes outside the tree that have this as controlling terminal, the supervisor
 * included; how many were found, most at most.
 */
size_t terminal_outsiders(long number, pid_t *outsiders, size_t most);

#endif
