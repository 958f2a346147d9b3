/* SPDX-License-Identifier: MIT */
/* Where names start: the caller's working folder and descriptors. */
#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

/* The name of what a relative name starts from, below /proc. */
struct base_link {
	char text[64];
};

static struct base_link base_link_of(const struct path_request *request)
{
	struct base_link link;
	const int tid = (int)request->call->tid;

	if (request->folder == AT_FDCWD) {
		(void)snprintf(link.text, sizeof(link.text), "%d/cwd", tid);
	} else {
		(void)snprintf(
			link.text, sizeof(link.text), "%d/fd/%d", tid, request->folder);
	}
	return link;
}

int path_open_base(const struct path_request *request)
{
	const bool is_absolute =
		request->text[0] == '/' && (request->resolve & RESOLVE_IN_ROOT) == 0;

	if (is_absolute) {
		return anchors_get()->root;
	}
	const struct base_link link = base_link_of(request);
	const int fd = openat(anchors_get()->proc, link.text, O_PATH | O_CLOEXEC);

	if (fd >= 0) {
		return fd;
	}
	return errno == ENOENT && request->folder != AT_FDCWD ? -EBADF : -errno;
}

/* A folder's name and the caller's text after it. */
struct joined {
	char text[PATH_MAX];
	size_t folder_length, length;
};

static bool join(struct joined *joined, const struct path_request *request)
{
	const struct base_link link = base_link_of(request);
	const ssize_t length =
		readlinkat(anchors_get()->proc, link.text, joined->text, PATH_MAX - 1);

	if (length <= 0 || joined->text[0] != '/' ||
		(size_t)length + 1 + request->length >= PATH_MAX) {
		return false;
	}
	joined->folder_length = (size_t)length;
	joined->length = joined->folder_length;
	/* The kernel says so of what was deleted. */
	if (joined->text[length - 1] == ')') {
		return false;
	}
	if (length > 1) {
		joined->text[joined->length++] = '/';
	}
	memcpy(joined->text + joined->length, request->text, request->length + 1);
	joined->length += request->length;
	return path_is_clean(joined->text, joined->length);
}

/* True if the folder still had its name after nothing was found below it. */
static bool has_kept_name(
	const struct joined *joined, const struct path_request *request)
{
	char now[PATH_MAX];
	const struct base_link link = base_link_of(request);
	const ssize_t length =
		readlinkat(anchors_get()->proc, link.text, now, sizeof(now));

	return length == (ssize_t)joined->folder_length &&
	       memcmp(now, joined->text, joined->folder_length) == 0;
}

/* Pins the folder of what may be missing, or is to be changed, and what it has there. */
static int pin_entry_by_name(
	struct path *path, const struct path_request *request, struct joined *joined)
{
	char *slash = strrchr(joined->text, '/');
	const struct text last = text_of(slash + 1);
	const char *folder_name = slash == joined->text ? "/" : joined->text;

	*slash = '\0';
	const int folder = path_open(
		anchors_get()->root, folder_name, O_DIRECTORY, RESOLVE_NO_SYMLINKS);

	if (folder < 0) {
		return -ELOOP; /* the caller may have got there in another way */
	}
	const int result = path_set_entry(path, folder, folder_name, last, false);

	return result < 0 || (request->flags & PATH_ENTRY) ? result
							   : path_expect_missing(path);
}

/* The same for what is there. */
static int pin_object_by_name(struct path *path, const struct path_request *request,
	const struct joined *joined)
{
	const uint64_t flags = (request->flags & PATH_NO_FOLLOW ? O_NOFOLLOW : 0) |
			       (request->flags & PATH_FOLDER ? O_DIRECTORY : 0);

	/* Names that start from a folder are mostly those that were read from it. */
	if (path_open_plain(path, request, joined->text, true)) {
		return 0;
	}
	const int fd = path_open(
		anchors_get()->root, joined->text, flags, RESOLVE_NO_SYMLINKS);

	return fd < 0 ? fd : path_set_object(path, fd, joined->text);
}

int path_pin_by_folder_name(struct path *path, const struct path_request *request)
{
	const unsigned entry_flags = PATH_ENTRY | PATH_SEEMS_MISSING;
	struct joined joined;

	if (request->length == 0 || request->text[0] == '/' || request->resolve != 0 ||
		(request->flags & PATH_FROM_FOLDER) ||
		request->call->has_own_credentials || !join(&joined, request)) {
		return -ELOOP;
	}
	if (request->flags & entry_flags) {
		return pin_entry_by_name(path, request, &joined);
	}
	const int result = pin_object_by_name(path, request, &joined);

	if (result == -ENOENT && (request->flags & PATH_CREATE)) {
		const int pinned = pin_entry_by_name(path, request, &joined);

		return pinned == -ELOOP ? -ENOENT : pinned;
	}
	/* Above the folder the caller needs no permission: other failures are no news. */
	return result == -ENOENT && has_kept_name(&joined, request) ? -ENOENT
	       : result < 0					    ? -ELOOP
								    : result;
}

static bool has_thread_pidfds = true;

void path_use_thread_pidfds(bool exist)
{
	has_thread_pidfds = exist;
}

/* A thread may have descriptors of its own: clone(2) without CLONE_FILES, unshare(2). */
static int open_owner(const struct call *call, bool *is_of_process)
{
	int pidfd = -1;

	if (call->tid != call->pid && has_thread_pidfds) {
		pidfd = (int)syscall(SYS_pidfd_open, call->tid, PIDFD_THREAD);
	}
	*is_of_process = pidfd < 0;
	return pidfd < 0 ? (int)syscall(SYS_pidfd_open, call->pid, 0) : pidfd;
}

/* They once did if they do: what was parted stays so. */
static bool has_descriptors_of_process(const struct call *call)
{
	return call->tid == call->pid ||
	       syscall(SYS_kcmp, call->pid, call->tid, KCMP_FILES, 0, 0) == 0;
}

int path_take_descriptor(const struct call *call, int fd)
{
	bool is_of_process;
	const int pidfd = open_owner(call, &is_of_process);

	if (pidfd < 0) {
		return -EBADF;
	}
	const long copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	const int failed = errno;

	(void)close(pidfd);
	if (is_of_process && !has_descriptors_of_process(call)) {
		if (copy >= 0) {
			(void)close((int)copy);
		}
		return -EACCES;
	}
	if (copy >= 0) {
		return (int)copy;
	}
	return failed == EBADF ? -EBADF : -EACCES;
}
