/* SPDX-License-Identifier: MIT */
#include "session/project_file.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What it leads to is looked at by a handle first, which opens nothing. */
static int regular_open(const char *path, struct stat *status)
{
	const int handle = open(path, O_PATH | O_CLOEXEC);
	char link[64];
	int fd = -1;

	if (handle < 0 || fstat(handle, status) != 0) {
		fd = -errno;
	} else if (!S_ISREG(status->st_mode)) {
		fd = -EINVAL;
	} else {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
		fd = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		fd = fd < 0 ? -errno : fd;
	}
	if (handle >= 0) {
		(void)close(handle);
	}
	return fd;
}

/* One that grows meanwhile is read as far as it was long. */
static ssize_t read_whole(int fd, char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length) {
		const ssize_t got = read(fd, bytes + used, length - used);
		if (got == 0) {
			break;
		}
		if (got < 0 && errno != EINTR) {
			return -errno;
		}
		used += got > 0 ? (size_t)got : 0;
	}
	bytes[used] = '\0';
	return (ssize_t)used;
}

char *project_file_bytes(
	const char *path, size_t max, size_t *length, struct error *err)
{
	struct stat status;
	const int fd = regular_open(path, &status);

	if (fd < 0) {
		(void)error_set(err, -fd, "open %s: %s", path,
			fd == -EINVAL ? "it is no regular file" : strerror(-fd));
		return NULL;
	}
	char *bytes = NULL;
	if ((size_t)status.st_size > max) {
		(void)error_set(
			err, EFBIG, "%s is larger than %zu kB", path, max >> 10);
	} else {
		bytes = xmalloc((size_t)status.st_size + 1);
		const ssize_t got = read_whole(fd, bytes, (size_t)status.st_size);
		if (got < 0) {
			(void)error_set(err, (int)-got, "read %s: %s", path,
				strerror((int)-got));
			free(bytes);
			bytes = NULL;
		} else {
			*length = (size_t)got;
		}
	}
	(void)close(fd);
	return bytes;
}
