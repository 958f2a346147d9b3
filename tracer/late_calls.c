/* SPDX-License-Identifier: MIT */
/* Single calls of the kernel that are not waited for; see late.h. */
#include "base/xalloc.h"
#include "tracer/late.h"
#include "tracer/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHUNK = 32 << 10 };

/* What a call needs is its own: its caller may be gone when it comes back. */
struct late_call {
	struct late_work work;
	int fd; /* owned; or -1 */
	char *path;
	int flags;
	pid_t pid;
	uint64_t at; /* offset, or address */
	char *bytes;
	size_t size;
	struct stat status;
	ssize_t result;
	int failure;
};

static void call_destroy(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	if (call->fd >= 0) {
		close(call->fd);
	}
	free(call->path);
	free(call->bytes);
	free(call);
}

static struct late_call *call_new(void (*run)(struct late_work *work))
{
	struct late_call *call = xcalloc(1, sizeof(*call));

	call->fd = -1;
	call->work.run = run;
	call->work.destroy = call_destroy;
	return call;
}

/* NULL, with errno: it could not be run. */
static struct late_call *call_create(void (*run)(struct late_work *work))
{
	if (late_is_full()) {
		errno = ETIMEDOUT;
		return NULL;
	}
	return call_new(run);
}

/* False: it is gone, and errno says why. */
static bool call_run(struct late_call *call)
{
	if (!late_run(&call->work)) {
		errno = ETIMEDOUT;
		return false;
	}
	return true;
}

/* What it came to, with errno; it is gone. */
static ssize_t call_end(struct late_call *call)
{
	const ssize_t result = call->result;
	const int failure = call->failure;

	call_destroy(&call->work);
	errno = failure;
	return result;
}

static void call_note(struct late_call *call, ssize_t result)
{
	call->result = result;
	call->failure = errno;
}

static int file_open(const char *path, struct stat *status)
{
	const int handle = open(path, O_PATH | O_CLOEXEC);
	const int fd = handle < 0 ? -1 : path_open_regular(handle, status);
	const int failure = errno;

	if (handle >= 0) {
		close(handle);
	}
	errno = failure;
	return fd;
}

static void run_open(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	call->fd = file_open(call->path, &call->status);
	call_note(call, call->fd);
}

int late_open(const char *path, struct stat *status)
{
	if (!path_memory_may_wait()) {
		return file_open(path, status);
	}
	struct late_call *call = call_create(run_open);
	if (!call) {
		return -1;
	}
	call->path = xstrdup(path);
	if (!call_run(call)) {
		return -1;
	}
	*status = call->status;
	call->fd = -1; /* the caller's from now on */
	return (int)call_end(call);
}

static void run_stat(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	call_note(call, fstatat(AT_FDCWD, call->path, &call->status, call->flags));
}

int late_stat(const char *path, int flags, struct stat *status)
{
	if (!path_memory_may_wait()) {
		return fstatat(AT_FDCWD, path, status, flags);
	}
	struct late_call *call = call_create(run_stat);
	if (!call) {
		return -1;
	}
	call->path = xstrdup(path);
	call->flags = flags;
	if (!call_run(call)) {
		return -1;
	}
	*status = call->status;
	return (int)call_end(call);
}

static void run_pread(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	call_note(call, pread(call->fd, call->bytes, call->size, (off_t)call->at));
	close(call->fd);
	call->fd = -1;
}

ssize_t late_pread(int fd, void *buffer, size_t size, off_t offset)
{
	if (!path_memory_may_wait()) {
		return pread(fd, buffer, size, offset);
	}
	struct late_call *call = call_create(run_pread);
	if (!call) {
		return -1;
	}
	call->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	call->bytes = xmalloc(size + 1);
	call->size = size;
	call->at = (uint64_t)offset;
	if (!call_run(call)) {
		return -1;
	}
	if (call->result > 0) {
		memcpy(buffer, call->bytes, (size_t)call->result);
	}
	return call_end(call);
}

static void run_close(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	close(call->fd);
	call->fd = -1;
}

void late_close(int fd)
{
	if (!path_memory_may_wait()) {
		close(fd);
		return;
	}
	struct late_call *call = call_new(run_close);
	call->fd = fd;
	late_leave(&call->work);
}

static ssize_t memory_write(pid_t pid, uint64_t address, void *buffer, size_t size)
{
	const struct iovec own = {buffer, size};
	const struct iovec theirs = {(void *)(uintptr_t)address, size};

	return process_vm_writev(pid, &own, 1, &theirs, 1, 0);
}

static void run_write_memory(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	call_note(call, memory_write(call->pid, call->at, call->bytes, call->size));
}

ssize_t late_write_memory(pid_t pid, uint64_t address, const void *buffer, size_t size)
{
	if (!path_memory_may_wait()) {
		return memory_write(pid, address, (void *)(uintptr_t)buffer, size);
	}
	struct late_call *call = call_create(run_write_memory);
	if (!call) {
		return -1;
	}
	call->pid = pid;
	call->at = address;
	call->bytes = xmemdup0(buffer, size);
	call->size = size;
	if (!call_run(call)) {
		return -1;
	}
	return call_end(call);
}

static char *file_read(const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	if (fd < 0) {
		return NULL;
	}
	char *text = xmalloc(CHUNK + 1);
	do {
		length += (size_t)got;
		text = xrealloc(text, length + CHUNK + 1);
		got = read(fd, text + length, CHUNK);
	} while (got > 0 && length < max);
	const int failure = errno;
	close(fd);
	if (got < 0) {
		free(text);
		errno = failure;
		return NULL;
	}
	text[length] = '\0';
	return text;
}

static void run_read_file(struct late_work *work)
{
	struct late_call *call = (struct late_call *)work;

	call->bytes = file_read(call->path, call->size);
	call_note(call, call->bytes ? 0 : -1);
}

char *late_read_file(const char *path, size_t max)
{
	if (!path_memory_may_wait()) {
		return file_read(path, max);
	}
	struct late_call *call = call_create(run_read_file);
	if (!call) {
		return NULL;
	}
	call->path = xstrdup(path);
	call->size = max;
	if (!call_run(call)) {
		return NULL;
	}
	char *text = call->bytes;
	call->bytes = NULL;
	(void)call_end(call);
	return text;
}
