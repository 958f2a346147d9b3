/* SPDX-License-Identifier: MIT */
/*
 * Reading a tracee's memory may wait for whoever backs a page of it (a dead network file
 * system, a stalled user fault handler), and the loop would wait with it. A thread of its
 * own kills the tracee whose memory read does not return within about a second. Inside
 * tracer/ only.
 */
#ifndef TRACER_WATCHDOG_H
#define TRACER_WATCHDOG_H

#include "base/error.h"

#include <sys/types.h>

/* Started once, by the thread whose reads are watched; it blocks all signals. */
bool watchdog_start(struct error *err);
void watchdog_stop(void);

/* Around each read of pid's memory; free of system calls, nothing in other threads. */
void watchdog_enter(pid_t pid);
void watchdog_leave(void);

#endif
