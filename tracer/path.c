/* SPDX-License-Identifier: MIT */
/*
 * Resolving in few system calls: the kernel resolves, and refuses what would make its
 * answer differ from what it would have told the caller (magic links). A name without a
 * symbolic link is its own canonical name, anything else is named by its descriptor.
 * What is left over, and everything on a procfs, goes to path_walk.c.
 */
#include "tracer/path.h"

#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/path_internal.h"
#include "tracer/path_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Not in linux/magic.h of every version. */
enum { NFS_MAGIC = 0x6969, FUSE_MAGIC = 0x65735546, CEPH_MAGIC = 0x00c36400 };
static const uint32_t cifs_magic = 0xff534d42;
static const uint32_t smb2_magic = 0xfe534d42;

enum { WALKS_MAX = 8 };

static const char deleted_suffix[] = " (deleted)";

struct fd_text fd_text_of(int fd)
{
	struct fd_text number;

	(void)snprintf(number.text, sizeof(number.text), "%d", fd);
	return number;
}

int path_open(int folder, const char *text, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = {
		.flags = flags | O_PATH | O_CLOEXEC, .resolve = resolve};
	const long fd = syscall(SYS_openat2, folder, text, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

void path_init(struct path *path)
{
	path->fd = -1;
	path->folder = -1;
	path->last[0] = '\0';
	path->end = END_NORMAL;
	path->name[0] = '\0';
	path->name_length = 0;
	path->last_error = 0;
	path->is_missing = false;
	path->is_opened = false;
	path->is_unnamed = false;
	path->is_deleted = false;
	path->is_proc = false;
	path->may_block = false;
	path->is_ours = false;
	path->is_too_long = false;
	path->is_foreign_proc = false;
	path->is_elsewhere = false;
	path->is_only_handle = false;
	path->holder = 0;
	path->has_jumped = false;
	path->through = 0;
}

void path_finish(struct path *path)
{
	if (path->fd >= 0) {
		(void)close(path->fd);
	}
	if (path->folder >= 0) {
		(void)close(path->folder);
	}
	path->fd = -1;
	path->folder = -1;
}

/* Notes what kind of file system the pinned object lies on. */
static void note_file_system(struct path *path, int fd)
{
	const dev_t device = path->status.st_dev;
	struct statfs system;

	if (device == anchors_get()->proc_device) {
		path->is_proc = true;
		return;
	}
	/* What lies on a block device is local (or mounted by root: fuseblk). */
	if (major(device) != 0 || fstatfs(fd, &system) < 0) {
		return;
	}
	const uint32_t type = (uint32_t)system.f_type;

	path->is_proc = type == PROC_SUPER_MAGIC;
	path->is_foreign_proc = path->is_foreign_proc || path->is_proc;
	path->may_block = type == FUSE_MAGIC || type == NFS_MAGIC ||
			  type == CEPH_MAGIC || type == cifs_magic ||
			  type == smb2_magic || type == AUTOFS_SUPER_MAGIC ||
			  type == AFS_FS_MAGIC || type == V9FS_MAGIC ||
			  type == CODA_SUPER_MAGIC;
}

/*
 * The kernel marks a deleted name by a suffix that a real name may have as well. What
 * was deleted is judged by the name that it had.
 */
static void strip_deleted(struct path *path)
{
	const size_t suffix = sizeof(deleted_suffix) - 1;

	if (path->name_length <= suffix ||
		strcmp(path->name + path->name_length - suffix, deleted_suffix) != 0 ||
		path_is_still(path)) {
		return;
	}
	path->name_length -= suffix;
	path->name[path->name_length] = '\0';
	path->is_deleted = true;
}

static int name_by_descriptor(struct path *path, int fd)
{
	const struct fd_text number = fd_text_of(fd);
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, path->name, PATH_MAX);

	if (length < 0 || length >= PATH_MAX) {
		path->is_too_long = length >= 0 || errno == ENAMETOOLONG;
		path->name[0] = '\0';
		return length < 0 ? -errno : -ENAMETOOLONG;
	}
	path->name[length] = '\0';
	path->name_length = (size_t)length;
	path->is_foreign_proc |= path->is_proc && !proc_is_named(path->name);
	if (path->name[0] != '/' ||
		path->status.st_dev == anchors_get()->memory_device) {
		path->is_unnamed = true;
		return 0;
	}
	strip_deleted(path);
	return 0;
}

void path_set_name(struct path *path, const char *name)
{
	path->name_length = strnlen(name, PATH_MAX);
	memcpy(path->name, name, path->name_length);
	path->name[path->name_length] = '\0';
	path->is_foreign_proc |= path->is_proc && !proc_is_named(path->name);
}

int path_set_object(struct path *path, int fd, const char *name)
{
	path->fd = fd;
	if (fstat(fd, &path->status) < 0) {
		return -errno;
	}
	note_file_system(path, fd);
	if (name) {
		path_set_name(path, name);
		path_note_plain(path);
		return 0;
	}
	return name_by_descriptor(path, fd);
}

static int append_component(struct path *path, struct text component)
{
	const bool is_root = path->name_length == 1;
	const size_t length = path->name_length + (is_root ? 0 : 1) + component.length;

	if (length >= PATH_NAME_SIZE) {
		return -ENAMETOOLONG;
	}
	if (!is_root) {
		path->name[path->name_length++] = '/';
	}
	memcpy(path->name + path->name_length, component.bytes, component.length);
	path->name_length = length;
	path->name[length] = '\0';
	return 0;
}

static enum path_end end_of(struct text component)
{
	if (component.length == 0) {
		return END_ROOT;
	}
	if (text_equal_string(component, ".")) {
		return END_DOT;
	}
	return text_equal_string(component, "..") ? END_DOT_DOT : END_NORMAL;
}

/* Pins what the folder has under the last component, if it has anything. */
static int pin_last(struct path *path)
{
	path->fd = openat(path->folder, path->last, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path->fd >= 0) {
		return fstat(path->fd, &path->status) < 0 ? -errno : 0;
	}
	path->is_missing = errno == ENOENT;
	return path->is_missing ? 0 : -errno;
}

int path_check_search(int folder)
{
	const int fd = openat(folder, ".", O_PATH | O_CLOEXEC);

	if (fd < 0) {
		return -errno;
	}
	(void)close(fd);
	return 0;
}

int path_set_entry(struct path *path, int folder, const char *folder_name,
	struct text component, bool has_slash)
{
	path->folder = folder;
	if (fstat(folder, &path->status) < 0) {
		return -errno;
	}
	note_file_system(path, folder);
	if (folder_name) {
		path_set_name(path, folder_name);
	} else {
		const int named = name_by_descriptor(path, folder);

		if (named < 0) {
			return named;
		}
	}
	path->end = end_of(component);
	if (component.length > NAME_MAX) {
		path->last_error = -ENAMETOOLONG;
		return path_check_search(folder);
	}
	if (path->end == END_ROOT) {
		memcpy(path->last, "/", 2);
		return 0;
	}
	memcpy(path->last, component.bytes, component.length);
	path->last[component.length] = '\0';
	if (path->end != END_NORMAL) {
		return path_check_search(folder);
	}
	const int appended = append_component(path, component);
	const int pinned = appended < 0 ? appended : pin_last(path);

	if (has_slash) {
		memcpy(path->last + component.length, "/", 2);
	}
	return pinned;
}

int path_expect_missing(const struct path *path)
{
	if (path->is_missing) {
		return 0;
	}
	return path->last_error < 0 ? path->last_error : -ELOOP;
}

/*
 * A link may have led through the supervisor's own /proc/self, where something is missing
 * that the caller's has: a failure says nothing about the caller, so the name is walked.
 */
static int failed_for_us(int fd)
{
	return fd < 0 ? -ELOOP : fd;
}

/* The folder that the name starts from, as the entry's: all but the root's is given up. */
static int take_base(int base)
{
	if (base != anchors_get()->root) {
		return base;
	}
	const int copy = fcntl(base, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

/*
 * Resolves the folder by the kernel alone; -ELOOP means that it has to be walked. The
 * path may have taken base then: path->folder says so.
 */
static int pin_entry(struct path *path, const struct path_request *request, int base)
{
	struct path_split split;
	int folder = -ELOOP;
	const char *name = NULL;

	path_split(&split, request);
	if (split.folder_length == 0) {
		/* Whether it may be searched is seen when its entry is looked up. */
		folder = take_base(base);
	} else if (path_is_clean(split.folder, split.folder_length)) {
		name = split.folder;
		folder =
			path_open(base, split.folder, O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	}
	if (folder == -ELOOP) {
		if (path_waits_by_link(request)) {
			return -EAGAIN;
		}
		name = NULL;
		folder = path_open(
			base, split.folder, O_DIRECTORY, RESOLVE_NO_MAGICLINKS);
		folder = failed_for_us(folder);
	}
	if (folder < 0) {
		return folder;
	}
	const int result =
		path_set_entry(path, folder, name, split.last, split.has_slash);

	/* It may have led through the supervisor's own /proc/self. */
	return path->is_proc && !name ? -ELOOP : result;
}

static int pin_object(struct path *path, const struct path_request *request, int base)
{
	const uint64_t flags = (request->flags & PATH_NO_FOLLOW ? O_NOFOLLOW : 0) |
			       (request->flags & PATH_FOLDER ? O_DIRECTORY : 0);
	const bool is_absolute = request->text[0] == '/';
	int fd = -ELOOP;
	const char *name = NULL;

	if (is_absolute && path_open_linked(path, request)) {
		return name_by_descriptor(path, path->fd);
	}
	if (path_is_clean(request->text, request->length) &&
		!path_is_linked(request->text)) {
		name = request->text;
		if (path_open_plain(path, request, name, false)) {
			return 0;
		}
		fd = path_open_clean(request, flags);
	}
	if (fd == -ELOOP) {
		if (path_waits_by_link(request)) {
			return -EAGAIN;
		}
		name = NULL;
		fd = failed_for_us(
			path_open(base, request->text, flags, RESOLVE_NO_MAGICLINKS));
	}
	if (fd < 0) {
		return fd;
	}
	const int result = path_set_object(path, fd, name);

	if (path->is_proc && !name) {
		return -ELOOP;
	}
	if (result == 0 && !name && is_absolute) {
		path_note_linked(path, request->text);
	}
	return result;
}

/* For O_CREAT: the folder of what is missing, unless a link is at the end. */
static int pin_missing(struct path *path, const struct path_request *request, int base)
{
	const int result = pin_entry(path, request, base);

	return result < 0 ? result : path_expect_missing(path);
}

static int pin_plainly(struct path *path, const struct path_request *request, int base)
{
	const bool may_create = (request->flags & PATH_CREATE) != 0;

	if (request->flags & PATH_ENTRY) {
		return pin_entry(path, request, base);
	}
	if (may_create && request->text[request->length - 1] == '/') {
		return -ELOOP;
	}
	const int result = request->flags & PATH_SEEMS_MISSING
				   ? -ENOENT
				   : pin_object(path, request, base);

	if (result == -ENOENT && may_create) {
		path_finish(path);
		path_init(path);
		return pin_missing(path, request, base);
	}
	return result;
}

static int pin_from(struct path *path, const struct path_request *request, int base)
{
	/* Magic links are left to the walk in any case, which can forbid them as well. */
	if ((request->resolve & ~(uint64_t)RESOLVE_NO_MAGICLINKS) != 0) {
		return path_waits_by_link(request)
			       ? -EAGAIN
			       : path_restricted(path, request, base);
	}
	int result = pin_plainly(path, request, base);

	if (result != -ELOOP) {
		return result;
	}
	if (path_waits_by_link(request)) {
		return -EAGAIN;
	}
	if (path->folder == base) {
		path->folder = -1; /* it is walked from */
	}
	for (int attempt = 0; attempt < WALKS_MAX; attempt++) {
		path_finish(path);
		path_init(path);
		result = path_walk(path, request, base);
		if (result != -EAGAIN) {
			return result;
		}
	}
	/* Somebody changes the name all the time. */
	return -EACCES;
}

/* After the short way: resolves from where the name starts. */
static int pin_from_base(struct path *path, const struct path_request *request)
{
	const int base = path_open_base(request);

	if (base < 0) {
		return base;
	}
	if (request->length == 0) {
		return path_set_object(path, base, NULL);
	}
	const bool takes = request->call->has_own_credentials;
	int result = -EACCES;

	if (!takes || credentials_take(request->call->tid)) {
		result = pin_from(path, request, base);
		if (takes) {
			credentials_drop();
		}
	}
	if (base != anchors_get()->root && base != path->folder) {
		(void)close(base);
	}
	return result;
}

int path_pin(struct path *path, const struct path_request *request)
{
	struct path_request rest = *request;

	path_begin_pin();
	path_init(path);
	if (!anchors_get()->ready) {
		return -EACCES;
	}
	if (request->length == 0 && (request->flags & PATH_EMPTY) == 0) {
		return -ENOENT;
	}
	if (path_waits_by_text(request)) {
		return -EAGAIN;
	}
	const int shortcut = path_pin_by_folder_name(path, request);

	if (shortcut == -ENOENT && (request->flags & PATH_CREATE)) {
		rest.flags |= PATH_SEEMS_MISSING;
	} else if (shortcut != -ELOOP) {
		return shortcut;
	}
	path_finish(path);
	path_init(path);
	return path_note_place(path, request, pin_from_base(path, &rest));
}

int path_name_descriptor(struct path *path, int fd)
{
	path_init(path);
	if (path_waits_by_descriptor(fd)) {
		return -EAGAIN;
	}
	if (fstat(fd, &path->status) < 0) {
		return -errno;
	}
	note_file_system(path, fd);
	return name_by_descriptor(path, fd);
}
