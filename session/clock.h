/* SPDX-License-Identifier: MIT */
/* One clock reading gives both times: the wall clock's offset is fixed at the start, so
 * that times of one session never go backwards. All in nanoseconds. */
#ifndef SESSION_CLOCK_H
#define SESSION_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { NANOSECONDS_PER_MS = 1000000 };
#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

struct session_clock {
	int64_t started; /* monotonic */
	int64_t offset;	 /* from monotonic to the wall clock */
};

static inline int64_t clock_read(clockid_t which)
{
	struct timespec time;
	(void)clock_gettime(which, &time); /* cannot fail for these clocks */
	return time.tv_sec * NANOSECONDS_PER_SECOND + time.tv_nsec;
}

static inline int64_t clock_monotonic(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

static inline void clock_start(struct session_clock *clock)
{
	clock->started = clock_monotonic();
	clock->offset = clock_read(CLOCK_REALTIME) - clock->started;
}

static inline int64_t clock_wall(const struct session_clock *clock, int64_t monotonic)
{
	return monotonic + clock->offset;
}

#endif
