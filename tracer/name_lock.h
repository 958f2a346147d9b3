/* SPDX-License-Identifier: MIT */
/*
 * Names held still. A socket file is reached by its name, which the kernel looks up again
 * when the caller's call runs; while such a call runs, nothing in the tree may change
 * names. All those changes pass through the tracer, so they are simply put off, and go on
 * in the order in which they came. A call that does not come back soon is interrupted
 * and starts anew where somebody waits for it, so that changes never wait for long.
 */
#ifndef TRACER_NAME_LOCK_H
#define TRACER_NAME_LOCK_H

#include "base/error.h"

#include <stdbool.h>

struct tracer;
struct pending;

bool name_lock_init(struct tracer *tracer, struct error *err);

/*
 * For a call that looks a socket file up: true if names hold still until its exit stop;
 * false if it was put off and will be carried out again.
 */
bool name_lock_take(struct tracer *tracer, struct pending *pending);

/* For a file call: true if it changes names and was put off. */
bool name_lock_defers(struct tracer *tracer, struct pending *pending);

/* A change of names begins or ends in a performer, out of the loop's sight. */
void name_lock_performing(struct tracer *tracer, struct pending *pending);
void name_lock_performed(struct tracer *tracer, struct pending *pending);

/* The call is over or gone, whatever it held or waited for. */
void name_lock_release(struct tracer *tracer, struct pending *pending);

/* The timer: whoever holds names still for too long starts anew if others wait. */
void name_lock_expire(struct tracer *tracer);
/* Carries out what was put off, as far as it may go on. */
void name_lock_continue(struct tracer *tracer);

#endif
