/* SPDX-License-Identifier: MIT */
#include "tracer/thread_place.h"

#include "base/xalloc.h"
#include "tracer/late.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 256 };

/* "257 0xffffff9c … 0x7ffd2a8 0x7f21b3c": the last two are what is sought. */
static bool line_parse(char *line, struct thread_place *place)
{
	char *instruction = strrchr(line, ' ');

	if (!instruction) {
		return false; /* "running" */
	}
	*instruction = '\0';
	const char *stack = strrchr(line, ' ');
	if (!stack) {
		return false;
	}
	place->stack = strtoull(stack, NULL, 16);
	place->instruction = strtoull(instruction + 1, NULL, 16);
	return place->stack != 0;
}

bool thread_place_read(pid_t tid, struct thread_place *place)
{
	char name[64];

	*place = (struct thread_place){0};
	(void)snprintf(name, sizeof(name), "/proc/%d/syscall", tid);
	char *line = late_read_file(name, LINE_SIZE);
	bool is_known = line && line_parse(line, place);
	free(line);
	return is_known;
}

char *thread_folder_read(pid_t tid)
{
	char path[40];
	char folder[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
	const ssize_t length = readlink(path, folder, sizeof(folder));
	return xmemdup0(folder, length > 0 ? (size_t)length : 0);
}
