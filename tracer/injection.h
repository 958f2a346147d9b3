/* SPDX-License-Identifier: MIT */
/*
 * Maps the sealed argument pages into a process by system calls that one of its stopped
 * threads makes for us. Its signals are blocked meanwhile, every step is checked against
 * the registers at its entry stop and again at its exit (another thread may rewrite the
 * code under it), and the mapping is believed only after it was sealed and read back from
 * /proc.
 */
#ifndef TRACER_INJECTION_H
#define TRACER_INJECTION_H

#include <stdbool.h>
#include <stdint.h>

struct tracer;
struct tracee;
struct injection;

/*
 * Begins at a seccomp stop. Afterwards the thread makes the call `number` (with the
 * arguments it has now) anew and so comes to a seccomp stop again, with the pages mapped.
 * If that fails, the thread's pending call is denied.
 */
void injection_begin(struct tracer *tracer, struct tracee *tracee, uint64_t number);

/*
 * At a seccomp stop of an allowed exec: the thread gets the open files of its pending
 * call's stdio as descriptors 0 and 1, and makes its call anew as above.
 */
void injection_replace_stdio(
	struct tracer *tracer, struct tracee *tracee, uint64_t number);

/*
 * Without a listener, at a seccomp stop: the thread takes the descriptor that its pending
 * call's outcome hands over, and leaves the call with its number. False: not now.
 */
bool injection_hand_over(struct tracer *tracer, struct tracee *tracee);
/* The thread is gone, or may have no injection. */
void injection_abandon(struct tracee *tracee);

/* A notification under FILTER_NUMBER_HOLD. */
void injection_notified(struct tracer *tracer, struct tracee *tracee, uint64_t id);

/* An entry or exit stop of a thread in TRACEE_INJECTED. */
void injection_call_stop(struct tracer *tracer, struct tracee *tracee);

#endif
