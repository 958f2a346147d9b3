/* SPDX-License-Identifier: MIT */
/* What took long is left to others for a while, and not for ever. */
#include "tracer/patience.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <time.h>

enum { MILLISECOND = 1000000 };

Test(patience, is_lost_for_a_while_by_what_takes_long, .timeout = 60)
{
	cr_expect(not(patience_is_lost()));
	patience_end(patience_begin());
	cr_expect(not(patience_is_lost()));
	patience_end(patience_begin() - UINT64_C(100) * MILLISECOND);
	cr_expect(patience_is_lost());
	/* What is quick again does not bring it back before its time. */
	patience_end(patience_begin());
	cr_expect(patience_is_lost());
	while (patience_is_lost()) {
		(void)nanosleep(&(struct timespec){.tv_nsec = MILLISECOND}, NULL);
	}
}
