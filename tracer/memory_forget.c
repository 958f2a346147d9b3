/* SPDX-License-Identifier: MIT */
#include "tracer/memory_forget.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of a sanitized program nothing works without the memory of its sanitizer. */
#if defined(DUENNA_SANITIZED)
static const bool is_needed_whole = true;
#else
static const bool is_needed_whole = false;
#endif

enum { TEXT_SIZE = 128 << 10, RANGES_MAX = 1024, THREAD_ROOM = 64 << 10 };

struct range {
	uintptr_t first, end;
};

/* All of /proc/self/maps; false if there is no room for it. */
static bool maps_read(char text[static TEXT_SIZE])
{
	const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = -1;

	while (fd >= 0 && length < TEXT_SIZE - 1 &&
		(got = read(fd, text + length, TEXT_SIZE - 1 - length)) > 0) {
		length += (size_t)got;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	text[length] = '\0';
	return got == 0;
}

/* The range of a line, if it is private, can be written, and is of no file. */
static bool range_read(const char *line, struct range *range)
{
	unsigned long first;
	unsigned long end;
	unsigned long inode;
	char access[5];

	if (sscanf(line, "%lx-%lx %4s %*x %*s %lu", &first, &end, access, &inode) !=
			4 ||
		access[1] != 'w' || access[3] != 'p' || inode != 0) {
		return false;
	}
	*range = (struct range){first, end};
	return true;
}

static size_t ranges_find(const char *text, struct range ranges[static RANGES_MAX])
{
	size_t count = 0;

	while (*text != '\0' && count < RANGES_MAX) {
		count += range_read(text, &ranges[count]);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return count;
}

static bool part_forget(uintptr_t first, uintptr_t end)
{
	return first >= end || madvise((void *)first, end - first, MADV_DONTNEED) == 0;
}

/* Whole pages of it, but for the kept ones. */
static bool range_forget(struct range range, struct range kept)
{
	return part_forget(
		       range.first, kept.first < range.end ? kept.first : range.end) &&
	       part_forget(kept.end > range.first ? kept.end : range.first, range.end);
}

static void environment_forget(void)
{
	for (char **variable = environ; variable && *variable; variable++) {
		explicit_bzero(*variable, strlen(*variable));
	}
}

bool memory_forget(void)
{
	char text[TEXT_SIZE];
	struct range ranges[RANGES_MAX];
	const uintptr_t stack = (uintptr_t)text;
	const uintptr_t thread = (uintptr_t)&errno & ~(uintptr_t)(THREAD_ROOM - 1);
	const struct range kept = {thread - THREAD_ROOM, thread + 2 * THREAD_ROOM};

	if (is_needed_whole) {
		return true;
	}
	if (!maps_read(text)) {
		return false;
	}
	const size_t count = ranges_find(text, ranges);
	bool is_done = count < RANGES_MAX;

	environment_forget();
	for (size_t i = 0; i < count; i++) {
		const bool is_stack = stack >= ranges[i].first && stack < ranges[i].end;
		is_done = (is_stack || range_forget(ranges[i], kept)) && is_done;
	}
	return is_done;
}
