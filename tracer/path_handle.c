/* SPDX-License-Identifier: MIT */
/*
 * What has no name (a pipe, a memfd …) is nobody's to judge where it is the caller's own,
 * and what was removed goes by the name that it had, which gives away nothing else. But a
 * handle (O_PATH) of either may be of anybody's descriptor, and nobody saw how the caller
 * got that: only who has it open has it.
 */
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool is_open_file_of(int fd, const struct stat *object)
{
	const int flags = fcntl(fd, F_GETFL);
	struct stat status;

	return flags >= 0 && (flags & O_PATH) == 0 && fstat(fd, &status) == 0 &&
	       status.st_dev == object->st_dev && status.st_ino == object->st_ino;
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
	return !is_open;
}
