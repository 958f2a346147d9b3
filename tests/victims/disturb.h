/* SPDX-License-Identifier: MIT */
/*
 * Blocking calls, each disturbed by signals that are ignored, by default or expressly,
 * and by one that is handled with and without SA_RESTART: what each call returns must
 * not depend on being traced.
 */
#ifndef TESTS_VICTIMS_DISTURB_H
#define TESTS_VICTIMS_DISTURB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

/* How long the present call is to wait, in all forms. */
extern int timeout_ms;
extern struct timespec timeout;
extern struct timeval socket_timeout;

struct blocking_call {
	const char *name;
	long (*call)(void);
	/* Ends the wait of one call, from another thread; NULL: it ends by itself. */
	void (*wake)(void);
	bool restarts; /* after a handler with SA_RESTART */
};

/* Says of each call what became of it under each kind of signal. */
void disturb_all(const struct blocking_call *calls, size_t count);

#endif
