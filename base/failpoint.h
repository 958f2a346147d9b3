/* SPDX-License-Identifier: MIT */
/*
 * Places where a crash test lets the process die, as by kill -9. Only builds with
 * DUENNA_TEST_HOOKS have them: DUENNA_FAILPOINT=NAME in the environment kills the process
 * when it comes to failpoint("NAME"); NAME:3 lets it pass twice before.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#ifdef DUENNA_TEST_HOOKS

void failpoint(const char *name);

#else

static inline void failpoint(const char *name)
{
	(void)name;
}

#endif

#endif
