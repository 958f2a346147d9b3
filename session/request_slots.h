/* SPDX-License-Identifier: MIT */
/* What the supervisor keeps with a request: request->user, where each has its own place. */
#ifndef SESSION_REQUEST_SLOTS_H
#define SESSION_REQUEST_SLOTS_H

#include "tracer/tracer.h"

#include <assert.h>

enum request_slot {
	REQUEST_JUDGED, /* struct judged *, requests.c */
	REQUEST_WAITER, /* struct waiter *, question.c */
	REQUEST_IMAGE,	/* the number of the caller's image, requests.c */
	REQUEST_NAMES,	/* struct action_names *, host_names.c */
	REQUEST_LABELS, /* DONE_…, label_flow.c */
	REQUEST_SLOTS
};

static_assert((int)REQUEST_SLOTS <= (int)REQUEST_USER_MAX, "a place for each");

#endif
