/* SPDX-License-Identifier: MIT */
/* Dies at the failpoint that the environment names; empty without test hooks. */
#include "base/failpoint.h"

#ifdef DUENNA_TEST_HOOKS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void failpoint(const char *name)
{
	static atomic_long passes;
	const char *wish = getenv("DUENNA_FAILPOINT");
	size_t length = strlen(name);

	if (!wish || strncmp(wish, name, length) != 0) {
		return;
	}
	if (wish[length] != '\0' && wish[length] != ':') {
		return;
	}
	long last = wish[length] == ':' ? strtol(wish + length + 1, NULL, 10) : 1;
	if (atomic_fetch_add(&passes, 1) + 1 >= last) {
		(void)raise(SIGKILL);
	}
}

#else

typedef int failpoints_are_off; /* ISO C wants a declaration in every file */

#endif
