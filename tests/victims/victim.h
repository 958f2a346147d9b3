/* SPDX-License-Identifier: MIT */
/* What victims with several behaviours share: the name of one is their argument. */
#ifndef TESTS_VICTIMS_VICTIM_H
#define TESTS_VICTIMS_VICTIM_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* To standard output at once: threads and forks may speak at the same time. */
#define say(...) dprintf(1, __VA_ARGS__)

struct behaviour {
	const char *name;
	void (*behave)(void);
};

static inline int behave(const struct behaviour *behaviours, int argc, char **argv)
{
	for (; behaviours->name; behaviours++) {
		if (argc > 1 && strcmp(argv[1], behaviours->name) == 0) {
			behaviours->behave();
			return 0;
		}
	}
	return 2;
}

#endif
