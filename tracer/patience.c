/* SPDX-License-Identifier: MIT */
#include "tracer/patience.h"

#include <time.h>

static const uint64_t long_ns = 10000000, lost_most_ns = 10000000000;
enum { LOST_TIMES = 50 };

static uint64_t lost_until; /* 0: it is not lost */

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t patience_begin(void)
{
	return now_ns();
}

void patience_end(uint64_t begun)
{
	const uint64_t now = now_ns();
	const uint64_t took = now - begun;

	if (took < long_ns) {
		return;
	}
	const uint64_t lost =
		took > lost_most_ns / LOST_TIMES ? lost_most_ns : took * LOST_TIMES;
	lost_until = now + lost > lost_until ? now + lost : lost_until;
}

bool patience_is_lost(void)
{
	if (lost_until != 0 && now_ns() >= lost_until) {
		lost_until = 0;
	}
	return lost_until != 0;
}
