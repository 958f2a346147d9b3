/* SPDX-License-Identifier: MIT */
#include "tracer/source_look.h"

#include "base/xalloc.h"
#include "tracer/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A quick look-up that found out that it would wait; or the kernel knows none. */
static bool is_unknown(int fd)
{
	return fd == -EAGAIN || fd == -EINVAL;
}

/* A descriptor for looking alone, or minus the error. */
static int path_open(struct source_look *look, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

	if (look->is_quick) {
		how.resolve |= RESOLVE_CACHED;
	}
	int fd = (int)syscall(SYS_openat2, look->root, path, &how, sizeof(how));
	int result = fd < 0 ? -errno : fd;
	if (look->is_quick && (is_unknown(result) || path_is_slow(fd))) {
		look->would_wait = true;
		if (fd >= 0) {
			close(fd);
		}
		return -EAGAIN;
	}
	return result;
}

static int regular_open(int path_fd, struct stat *status, size_t max)
{
	int fd = path_open_regular(path_fd, status);

	if (fd >= 0 && (status->st_size < 0 || (size_t)status->st_size > max)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* False as well if it would wait, or the file became shorter. */
static bool content_read(
	struct source_look *look, int fd, void *buffer, size_t size, off_t offset)
{
	const struct iovec to = {buffer, size};
	ssize_t got = -1;

	if (look->is_quick) {
		got = preadv2(fd, &to, 1, offset, RWF_NOWAIT);
		if (got == (ssize_t)size) {
			return true;
		}
		look->would_wait = got >= 0 || errno != EOPNOTSUPP;
	}
	return !look->would_wait && pread(fd, buffer, size, offset) == (ssize_t)size;
}

/* The name of what is looked into; owned. */
static char *name_of(int path_fd)
{
	char link[64];
	char name[PATH_MAX];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", path_fd);
	const ssize_t length = readlink(link, name, sizeof(name) - 1);

	name[length > 0 ? length : 0] = '\0';
	return xstrdup(name);
}

/* Whether the open file ends as a zip archive with a member of that name does. */
static bool has_member(struct source_look *look, int path_fd, const char *member)
{
	enum { END_MAX = 1 << 20 /* its list of members is last in it */ };
	static const char mark[] = "PK\5\6";
	struct stat status;
	int fd = regular_open(path_fd, &status, SIZE_MAX);

	if (fd < 0) {
		return false;
	}
	size_t size = status.st_size < END_MAX ? (size_t)status.st_size : END_MAX;
	char *end = xmalloc(size + 1);
	bool has = size > 0 &&
		   content_read(look, fd, end, size, status.st_size - (off_t)size) &&
		   memmem(end, size, mark, strlen(mark)) &&
		   memmem(end, size, member, strlen(member));
	free(end);
	close(fd);
	return has;
}

/* "/a/b.pyz/c/d.py" is c/d.py in the archive /a/b.pyz. */
static bool is_in_archive(
	struct source_look *look, const char *path, struct source_file *file)
{
	char archive[PATH_MAX];
	const char *slash = path + strlen(path);
	int fd = -ENOTDIR;

	while (fd == -ENOTDIR) {
		slash = memrchr(path, '/', (size_t)(slash - path));
		if (!slash || slash == path) {
			return false;
		}
		memcpy(archive, path, (size_t)(slash - path));
		archive[slash - path] = '\0';
		fd = path_open(look, archive);
	}
	if (fd < 0) {
		return false;
	}
	bool is = has_member(look, fd, slash + 1);
	if (!look->would_wait) {
		file->name = name_of(fd);
	}
	close(fd);
	return is;
}

/* What procfs has is of processes, and no source. */
static bool is_source(int path_fd)
{
	struct stat status;
	struct statfs system;

	return fstat(path_fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       fstatfs(path_fd, &system) == 0 && system.f_type != PROC_SUPER_MAGIC;
}

int source_look_at(struct source_look *look, const char *path, struct source_file *file)
{
	int fd = path_open(look, path);

	switch (fd) {
	case -ENAMETOOLONG:
	case -ELOOP:
		return ENOENT;
	case -ENOTDIR:
		return is_in_archive(look, path, file) ? 0 : ENOENT;
	}
	if (fd < 0) {
		return -fd;
	}
	bool is_file = is_source(fd);
	close(fd);
	return is_file ? 0 : ENOENT;
}

int source_read_at(struct source_look *look, const char *path, size_t max,
	struct source_file *file)
{
	struct stat status;
	int path_fd = path_open(look, path);

	if (path_fd < 0) {
		return -path_fd;
	}
	int fd = regular_open(path_fd, &status, max);
	if (fd >= 0) {
		file->name = name_of(path_fd);
	}
	close(path_fd);
	if (fd < 0) {
		return ENOENT;
	}
	size_t size = (size_t)status.st_size;
	file->bytes = xmalloc(size + 1);
	bool is_read = content_read(look, fd, file->bytes, size, 0);
	close(fd);
	if (!is_read) {
		source_file_finish(file);
		return ENOENT;
	}
	file->length = size;
	file->changed = status.st_ctim;
	file->owner = status.st_uid;
	return 0;
}
