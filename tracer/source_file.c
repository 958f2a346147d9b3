/* SPDX-License-Identifier: MIT */
#include "tracer/source_file.h"

#include "base/xalloc.h"

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
#include <sys/vfs.h>
#include <unistd.h>

static bool path_of(
	struct text name, const struct code_place *place, char path[static PATH_MAX])
{
	bool is_relative = name.length == 0 || name.bytes[0] != '/';
	int length = snprintf(path, PATH_MAX, "%s%s%.*s",
		is_relative && place->folder ? place->folder : "",
		is_relative ? "/" : "", (int)name.length, name.bytes);

	return length < PATH_MAX && strlen(path) == (size_t)length;
}

/* A descriptor for looking alone, or minus the error. */
static int path_open(const char *path, const struct code_place *place)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/%d/root", place->pid);
	int root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		return -ESRCH; /* nothing can be said against it */
	}
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	int result = fd < 0 ? -errno : fd;
	close(root);
	return result;
}

/* Only a regular file is opened: a FIFO would wait, a device might act. */
static int regular_open(int path_fd, struct stat *status, size_t max)
{
	char name[64];

	if (fstat(path_fd, status) != 0 || !S_ISREG(status->st_mode) ||
		status->st_size < 0 || (size_t)status->st_size > max) {
		return -1;
	}
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Whether the open file ends as a zip archive with a member of that name does. */
static bool has_member(int path_fd, const char *member)
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
	ssize_t got = pread(fd, end, size, status.st_size - (off_t)size);
	bool has = got > 0 && memmem(end, (size_t)got, mark, strlen(mark)) &&
		   memmem(end, (size_t)got, member, strlen(member));
	free(end);
	close(fd);
	return has;
}

/* "/a/b.pyz/c/d.py" is c/d.py in the archive /a/b.pyz. */
static bool is_in_archive(const char *path, const struct code_place *place)
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
		fd = path_open(archive, place);
	}
	if (fd < 0) {
		return false;
	}
	bool is = has_member(fd, slash + 1);
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

int source_file_look(struct text name, const struct code_place *place)
{
	char path[PATH_MAX];

	if (!path_of(name, place, path)) {
		return ENOENT; /* no file has such a name */
	}
	int fd = path_open(path, place);
	switch (fd) {
	case -ENAMETOOLONG:
	case -ELOOP:
		return ENOENT;
	case -ENOTDIR:
		return is_in_archive(path, place) ? 0 : ENOENT;
	}
	if (fd < 0) {
		return -fd;
	}
	bool is_file = is_source(fd);
	close(fd);
	return is_file ? 0 : ENOENT;
}

bool source_file_read(struct source_file *file, struct text name,
	const struct code_place *place, size_t max)
{
	char path[PATH_MAX];
	struct stat status;

	*file = (struct source_file){0};
	int path_fd = path_of(name, place, path) ? path_open(path, place) : -1;
	if (path_fd < 0) {
		return false;
	}
	int fd = regular_open(path_fd, &status, max);
	close(path_fd);
	if (fd < 0) {
		return false;
	}
	file->bytes = xmalloc((size_t)status.st_size + 1);
	ssize_t got = pread(fd, file->bytes, (size_t)status.st_size, 0);
	close(fd);
	file->length = got > 0 ? (size_t)got : 0;
	file->changed = status.st_ctim;
	file->owner = status.st_uid;
	return got == status.st_size;
}

void source_file_finish(struct source_file *file)
{
	free(file->bytes);
	*file = (struct source_file){0};
}

struct text source_file_line(const struct source_file *file, int number)
{
	size_t start = 0;

	for (int i = 1; start < file->length; i++) {
		const char *line = file->bytes + start;
		const char *end = memchr(line, '\n', file->length - start);
		size_t length = end ? (size_t)(end - line) : file->length - start;
		if (i == number) {
			return (struct text){line, length};
		}
		start += length + 1;
	}
	return (struct text){0};
}

/* A line without its end, and as much of it as is shown. */
static struct text line_at(struct text source, size_t start)
{
	const char *line = source.bytes + start;
	const char *end = source.length == start
				  ? NULL
				  : memchr(line, '\n', source.length - start);
	size_t length = end ? (size_t)(end - line) : source.length - start;

	if (length > SOURCE_LINE_SHOWN) {
		length = SOURCE_LINE_SHOWN;
		while (length > 0 && ((unsigned char)line[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	return (struct text){line, length};
}

struct text source_line_shown(struct text line)
{
	while (line.length > 0 && (line.bytes[0] == ' ' || line.bytes[0] == '\t')) {
		line.bytes++;
		line.length--;
	}
	struct text shown = line_at(line, 0);
	return (struct text){xmemdup0(shown.bytes, shown.length), shown.length};
}

struct text source_excerpt(struct text source, int running)
{
	char *excerpt = NULL;
	size_t size = 0;
	size_t start = 0;
	FILE *file = open_memstream(&excerpt, &size);

	if (!file) {
		return text_of(xstrdup(""));
	}
	for (int number = 1; start < source.length; number++) {
		struct text line = line_at(source, start);
		if (number <= SOURCE_LINES_SHOWN || number == running) {
			(void)fprintf(file, "%s%d%s %.*s", number > 1 ? "\n" : "",
				number, number == running ? ">" : ":", (int)line.length,
				line.bytes);
		}
		const char *end =
			memchr(source.bytes + start, '\n', source.length - start);
		if (!end || (number >= SOURCE_LINES_SHOWN && number >= running)) {
			break;
		}
		start = (size_t)(end - source.bytes) + 1;
	}
	(void)fclose(file);
	return (struct text){excerpt, size};
}
