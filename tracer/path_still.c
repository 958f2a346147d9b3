/* SPDX-License-Identifier: MIT */
/* Whether names still lead to what was pinned. */
#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool path_is_still(const struct path *path)
{
	struct stat status;

	if (path->name[0] != '/') {
		return false;
	}
	const int fd = path_open(
		anchors_get()->root, path->name, O_NOFOLLOW, RESOLVE_NO_SYMLINKS);

	if (fd < 0) {
		return false;
	}
	const bool is_same = fstat(fd, &status) == 0 &&
			     status.st_dev == path->status.st_dev &&
			     status.st_ino == path->status.st_ino;

	(void)close(fd);
	return is_same;
}

bool path_folder_is_still(const struct path *path)
{
	char name[PATH_MAX];
	const struct fd_text number = fd_text_of(path->folder);
	const char *last = strrchr(path->name, '/');
	const size_t expected = last == path->name ? 1 : (size_t)(last - path->name);
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, name, sizeof(name));

	return length == (ssize_t)expected && memcmp(name, path->name, expected) == 0;
}

bool path_entry_is_still(const struct path *path)
{
	char last[PATH_LAST_SIZE];
	struct stat status;

	/* A slash at the end would have links followed. */
	(void)snprintf(
		last, sizeof(last), "%.*s", (int)strcspn(path->last, "/"), path->last);
	const int found = fstatat(path->folder, last, &status, AT_SYMLINK_NOFOLLOW);

	if (path->is_missing) {
		return found < 0 && errno == ENOENT;
	}
	return found == 0 && status.st_dev == path->status.st_dev &&
	       status.st_ino == path->status.st_ino;
}
