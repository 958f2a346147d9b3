/* SPDX-License-Identifier: MIT */
/*
 * What has no name (a pipe, a memfd …) is nobody's to judge where it is the caller's own,
 * and what was removed goes by the name that it had, which gives away nothing else. But a
 * handle (O_PATH) of either may be of anybody's descriptor, and nobody saw how the caller
 * got that: only who has it open has it.
 */
#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* How many numbers are gone through, and of how many that is taken which is open there. */
enum { NUMBERS_MAX = 1024, TAKEN_MAX = 16 };

static bool is_open_file_of(int fd, const struct stat *object)
{
	const int flags = fcntl(fd, F_GETFL);
	struct stat status;

	return flags >= 0 && (flags & O_PATH) == 0 && fstat(fd, &status) == 0 &&
	       status.st_dev == object->st_dev && status.st_ino == object->st_ino;
}

/* Only what the kernel knows by itself: this waits for nobody. */
static bool seems_of(int folder, const char *number, const struct stat *object)
{
	struct statx status;

	return statx(folder, number, AT_STATX_DONT_SYNC, STATX_INO, &status) == 0 &&
	       status.stx_ino == object->st_ino &&
	       makedev(status.stx_dev_major, status.stx_dev_minor) == object->st_dev;
}

static bool has_open_as(
	const struct call *holder, const char *number, const struct stat *object)
{
	const int fd = path_take_descriptor(holder, atoi(number));
	const bool is_open = fd >= 0 && is_open_file_of(fd, object);

	if (fd >= 0) {
		(void)close(fd);
	}
	return is_open;
}

/* Whether it is open under another number. */
static bool has_open(const struct call *holder, const struct stat *object)
{
	char name[32];
	const struct dirent *entry;
	bool is_open = false;
	int taken = 0;

	(void)snprintf(name, sizeof(name), "%d/fd", (int)holder->tid);
	const int fd =
		openat(anchors_get()->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	for (int i = 0; folder && i < NUMBERS_MAX && taken < TAKEN_MAX && !is_open;
		i++) {
		entry = readdir(folder);
		if (!entry) {
			break;
		}
		if (seems_of(fd, entry->d_name, object)) {
			is_open = has_open_as(holder, entry->d_name, object);
			taken++;
		}
	}
	if (folder) {
		(void)closedir(folder);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	return is_open;
}

bool path_is_by_handle(const struct path *path, const struct path_request *request)
{
	const bool is_empty = request->length == 0;
	struct call holder = *request->call;

	if (!is_empty && path->holder == 0) {
		return false; /* what a process runs, maps, or its namespaces */
	}
	if (path->through != 0) {
		holder.pid = holder.tid = path->holder;
	}
	const int fd = path_take_descriptor(
		&holder, is_empty ? request->folder : path->held_number);

	if (fd < 0) {
		/* An outsider's that we may not have: that it is looked into is judged. */
		return path->through == 0 || fd != -EACCES;
	}
	const bool is_open = is_open_file_of(fd, &path->status);

	(void)close(fd);
	return !is_open && !has_open(&holder, &path->status);
}
