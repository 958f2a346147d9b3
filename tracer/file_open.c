/* SPDX-License-Identifier: MIT */
/*
 * The open family. What exists is pinned first and then reopened through its
 * descriptor, so that nothing but the judged object is ever opened; what is missing is
 * created in its pinned folder, and only if it is still missing.
 */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/file_internal.h"
#include "tracer/path_internal.h"
#include "tracer/path_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Arguments of openat2, which has no row of positions for what lies in memory. */
enum { OPENAT2_HOW = 2, OPENAT2_SIZE = 3, HOW_SIZE_MIN = 24, HOW_SIZE_MAX = 4096 };

enum { MEMORY_MAJOR = 1 };

/* O_TMPFILE without O_DIRECTORY, which is part of the C library's constant. */
static const uint64_t tmpfile_bit = O_TMPFILE & ~O_DIRECTORY;

/* What open(2) knows; it ignores any other bit. The kernel's O_LARGEFILE is not 0. */
static const uint64_t known_flags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
				    O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_ASYNC |
				    O_DIRECT | 0100000 | O_DIRECTORY | O_NOFOLLOW |
				    O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE;

static const uint64_t path_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

static bool is_tmpfile(const struct file_call *file)
{
	return (file->flags & tmpfile_bit) != 0;
}

/* 3, the access mode for ioctl alone, needs both permissions. */
static bool reads(const struct file_call *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool writes(const struct file_call *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY || (file->flags & O_TRUNC);
}

/* Combinations that the kernel refuses before it looks at the name. */
static int check_flags(const struct file_call *file)
{
	const bool is_odd =
		is_tmpfile(file) ||
		(file->flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY);

	if (!is_odd) {
		return 0;
	}
	/* An empty name opens nothing, but the flags are looked at first. */
	(void)openat(AT_FDCWD, "", (int)file->flags, (mode_t)file->mode);
	return errno == EINVAL ? -EINVAL : 0;
}

static int read_flags(struct file_call *file)
{
	const struct syscall_row *row = file->call.row;

	file->flags = (uint32_t)file_argument(file, row->flags) & known_flags;
	file->mode = file_argument(file, row->mode) & 07777;
	if (file->call.operation == OPERATION_CREAT) {
		file->flags = O_CREAT | O_WRONLY | O_TRUNC;
	}
	if (file->flags & O_PATH) {
		file->flags &= path_flags;
	}
	if ((file->flags & (O_CREAT | tmpfile_bit)) == 0) {
		file->mode = 0;
	}
	return check_flags(file);
}

static int read_how(struct file_call *file)
{
	struct open_how how = {.flags = 0};
	const size_t size = (size_t)file->call.arguments[OPENAT2_SIZE];

	if (size > HOW_SIZE_MAX) {
		return -E2BIG;
	}
	if (size < HOW_SIZE_MIN) {
		return -EINVAL;
	}
	if (!call_read(
		    &file->call, file->call.arguments[OPENAT2_HOW], file->data, size)) {
		return -EFAULT;
	}
	/* As in check_flags. */
	if (syscall(SYS_openat2, AT_FDCWD, "", file->data, size) < 0 &&
		errno != ENOENT) {
		return -errno;
	}
	for (size_t i = sizeof(how); i < size; i++) {
		if (file->data[i] != 0) {
			return -E2BIG; /* newer than what is known here */
		}
	}
	memcpy(&how, file->data, size < sizeof(how) ? size : sizeof(how));
	file->flags = how.flags & known_flags;
	file->mode = how.mode;
	file->resolve = how.resolve;
	if ((how.flags & ~known_flags) != 0) {
		return -EINVAL;
	}
	/* Its caller must be ready for this answer, and to come again without it. */
	return file->resolve & RESOLVE_CACHED ? -EAGAIN : 0;
}

/* Whom creating files acts for. */
static bool caller_fsuid(const struct file_call *file, uid_t *fsuid)
{
	struct caller_status status;

	*fsuid = anchors_get()->fsuid;
	if (!file->call.has_own_credentials) {
		return true;
	}
	if (!caller_status_read(file->call.tid, &status)) {
		return false;
	}
	*fsuid = status.fsuid;
	return true;
}

/*
 * fs.protected_regular and fs.protected_fifos hold for O_CREAT in sticky folders. What
 * is opened through a descriptor passes the kernel's check, so it is made here.
 */
static bool is_protected(const struct file_call *file)
{
	const struct path *path = &file->path;
	const mode_t type = path->status.st_mode & S_IFMT;
	const int level = type == S_IFREG   ? anchors_get()->protected_regular
			  : type == S_IFIFO ? anchors_get()->protected_fifos
					    : 0;
	struct stat folder;
	char name[PATH_NAME_SIZE];
	uid_t fsuid = 0;

	if (level == 0 || path->name_length == 0) {
		return false;
	}
	memcpy(name, path->name, path->name_length + 1);
	*(strrchr(name, '/') + 1) = '\0';
	if (fstatat(anchors_get()->root, name, &folder, 0) < 0) {
		return false;
	}
	if ((folder.st_mode & S_ISVTX) == 0 || path->status.st_uid == folder.st_uid) {
		return false;
	}
	const bool is_shared =
		(folder.st_mode & S_IWOTH) || (level > 1 && (folder.st_mode & S_IWGRP));

	return is_shared &&
	       (!caller_fsuid(file, &fsuid) || path->status.st_uid != fsuid);
}

/* What the kernel finds wrong with an existing object before it opens it. */
static int check_object(const struct file_call *file)
{
	const mode_t type = file->path.status.st_mode & S_IFMT;

	if (file->flags & O_CREAT) {
		if (file->flags & O_EXCL) {
			return -EEXIST;
		}
		if (type == S_IFDIR) {
			return -EISDIR;
		}
		if (is_protected(file)) {
			return -EACCES;
		}
	}
	if (file->flags & O_PATH) {
		return 0;
	}
	if (type == S_IFLNK) {
		return -ELOOP;
	}
	return type == S_IFDIR && writes(file) && !is_tmpfile(file) ? -EISDIR : 0;
}

static void add_actions(struct file_call *file, struct request *request)
{
	struct path *path = &file->path;

	if (reads(file) || (file->flags & O_PATH)) {
		file_add_action(file, request, VERB_READ, path);
	}
	if (writes(file) || path->is_missing) {
		file_add_action(file, request, VERB_WRITE, path);
	}
}

/* A file without a name is judged as a new one in its folder. */
static void add_tmpfile_actions(struct file_call *file, struct request *request)
{
	const bool is_root = file->path.name_length == 1;
	const int length = snprintf(file->shown, sizeof(file->shown), "%s%s",
		is_root ? "" : file->path.name, "/#tmpfile");
	const struct text name = {file->shown, (size_t)length};

	if ((size_t)length >= sizeof(file->shown)) {
		(void)file_refuse(file, request, ENAMETOOLONG, "its name is too long");
		return;
	}
	if (reads(file)) {
		file_add_named_action(file, request, VERB_READ, name);
	}
	file_add_named_action(file, request, VERB_WRITE, name);
}

static int prepare(struct file_call *file, struct request *request)
{
	const bool is_openat2 = file->call.operation == OPERATION_OPENAT2;
	const int checked = is_openat2 ? read_how(file) : read_flags(file);

	if (checked < 0) {
		return checked;
	}
	const bool creates = (file->flags & O_CREAT) != 0;
	const bool excludes = creates && (file->flags & O_EXCL);
	const unsigned flags =
		(creates ? PATH_CREATE : 0U) |
		(excludes || (file->flags & O_NOFOLLOW) ? PATH_NO_FOLLOW : 0U) |
		(file->flags & O_DIRECTORY && !creates ? PATH_FOLDER : 0U);
	const int pinned = file_pin(file, flags);

	if (pinned < 0) {
		return pinned;
	}
	if (!file->path.is_missing) {
		const int wrong = check_object(file);

		if (wrong < 0) {
			return wrong;
		}
	}
	if (is_tmpfile(file)) {
		add_tmpfile_actions(file, request);
	} else {
		add_actions(file, request);
	}
	return 0;
}

static struct file_outcome result_of(int fd, const struct file_call *file)
{
	if (fd < 0) {
		return (struct file_outcome){
			.kind = FILE_RESULT, .value = -errno, .fd = -1};
	}
	return (struct file_outcome){.kind = FILE_HANDOVER,
		.fd = fd,
		.close_on_exec = (file->flags & O_CLOEXEC) != 0};
}

static struct file_outcome outcome_of(enum file_outcome_kind kind, int value)
{
	return (struct file_outcome){.kind = kind, .value = value, .fd = -1};
}

/* Devices that are the same whoever opens them: null, zero, full, random, urandom. */
static bool is_plain_device(const struct stat *status)
{
	static const unsigned minors[] = {3, 5, 7, 8, 9};

	if (!S_ISCHR(status->st_mode) || major(status->st_rdev) != MEMORY_MAJOR) {
		return false;
	}
	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		if (minor(status->st_rdev) == minors[i]) {
			return true;
		}
	}
	return false;
}

/*
 * Entries of a process depend on who opens them. Not so what the caller reads of itself,
 * nor what everybody may read.
 */
static bool is_plain_entry(const struct file_call *file)
{
	struct proc_entry entry;
	const mode_t mode = file->path.status.st_mode;

	if (!proc_entry_parse(&entry, &file->call, file->path.name) ||
		entry.owner == PROC_NOBODY) {
		return true;
	}
	const bool is_public = (mode & S_IROTH) && !entry.is_private;

	return !writes(file) && (entry.owner == PROC_CALLER || is_public);
}

/* True if opening it means something for who opens it, or waits for somebody. */
static bool is_personal(const struct file_call *file)
{
	const struct path *path = &file->path;

	switch (path->status.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return path->is_proc && !is_plain_entry(file);
	case S_IFLNK:
	case S_IFSOCK:
		return false;
	default:
		return !is_plain_device(&path->status);
	}
}

/* O_NONBLOCK was only there for the sake of the open itself. */
static void let_wait(int fd, const struct file_call *file)
{
	const uint64_t kept = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME;

	(void)fcntl(fd, F_SETFL, (int)(file->flags & kept));
}

/*
 * Opening by name costs half as much as by the pinned descriptor, and shows O_NOFOLLOW
 * among the flags where the caller asked for it. It counts only if it gave the pinned
 * object; O_NONBLOCK keeps a FIFO that was put there from stopping us. -1 if not.
 */
static int open_by_name(const struct file_call *file, uint64_t flags)
{
	const struct open_how how = {
		.flags = (flags & ~(uint64_t)O_TRUNC) | O_NONBLOCK |
			 (file->flags & O_NOFOLLOW),
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	const struct path *path = &file->path;
	struct stat status;
	const int fd = (int)syscall(
		SYS_openat2, anchors_get()->root, path->name, &how, sizeof(how));

	if (fd < 0) {
		return -1;
	}
	if (fstat(fd, &status) < 0 || status.st_dev != path->status.st_dev ||
		status.st_ino != path->status.st_ino) {
		(void)close(fd);
		return -1;
	}
	if ((flags & O_NONBLOCK) == 0) {
		let_wait(fd, file);
	}
	return fd;
}

static struct file_outcome open_pinned(
	const struct file_call *file, uint64_t flags, bool may_block)
{
	/* A lease would have to be waited for, or a pipe's other end. */
	const bool hurries = !may_block && (flags & O_NONBLOCK) == 0;
	const struct fd_text number = fd_text_of(file->path.fd);
	const int fd = openat(anchors_get()->self_fd, number.text,
		(int)(flags | (hurries ? O_NONBLOCK : 0)));

	if (fd < 0 && errno == EWOULDBLOCK && hurries) {
		return outcome_of(FILE_BLOCKS, 0);
	}
	if (fd >= 0 && hurries) {
		let_wait(fd, file);
	}
	return result_of(fd, file);
}

static struct file_outcome reopen(const struct file_call *file, bool may_block)
{
	const struct path *path = &file->path;
	const uint64_t flags =
		(file->flags & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC |
		O_NOCTTY;
	const bool truncates = (file->flags & O_TRUNC) != 0;
	const bool has_name = !path->is_unnamed && !path->is_deleted && !may_block;
	const bool by_name = has_name && (!truncates || (file->flags & O_NOFOLLOW));
	const int fd = by_name ? open_by_name(file, flags) : -1;

	if (fd >= 0 && !truncates) {
		return result_of(fd, file);
	}
	struct file_outcome outcome = open_pinned(file, flags, may_block);

	/* Only what is pinned is truncated, but the other shows the right flags. */
	if (fd >= 0 && outcome.kind == FILE_HANDOVER) {
		(void)close(outcome.fd);
		outcome.fd = fd;
	} else if (fd >= 0) {
		(void)close(fd);
	}
	return outcome;
}

/* Something appeared where a file was to be created. */
static struct file_outcome open_appeared(struct file_call *file, bool may_block)
{
	struct path *path = &file->path;

	path->fd = openat(path->folder, path->last, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path->fd < 0) {
		return errno == ENOENT ? outcome_of(FILE_CHANGED, 0)
				       : result_of(-1, file);
	}
	path->is_missing = false;
	if (fstat(path->fd, &path->status) < 0 || !S_ISREG(path->status.st_mode)) {
		return outcome_of(FILE_CHANGED, 0);
	}
	/* It has the name that was judged, and no link leads elsewhere. */
	return check_object(file) < 0 ? outcome_of(FILE_RESULT, check_object(file))
				      : reopen(file, may_block);
}

static int open_with_umask(const struct file_call *file, int folder, const char *name)
{
	mode_t mask = 0;
	const uint64_t flags = file->flags | O_CLOEXEC | O_NOCTTY |
			       (is_tmpfile(file) ? 0 : O_CREAT | O_EXCL);

	if (!caller_umask_read(file->call.tid, &mask)) {
		errno = EACCES;
		return -1;
	}
	const mode_t own = umask(mask);
	const int fd = openat(folder, name, (int)flags, (mode_t)file->mode);
	const int failed = errno;

	(void)umask(own);
	errno = failed;
	return fd;
}

static struct file_outcome create(struct file_call *file, bool may_block)
{
	const struct path *path = &file->path;
	const int fd = open_with_umask(file, path->folder, path->last);

	if (fd >= 0 || errno != EEXIST || (file->flags & O_EXCL)) {
		return result_of(fd, file);
	}
	return open_appeared(file, may_block);
}

/* A device that may be opened here although no name leads to it: a terminal's end. */
static bool is_terminal_end(const struct stat *status)
{
	enum { PTS_MAJOR = 136, PTS_MAJOR_LAST = 143 };
	const unsigned number = major(status->st_rdev);

	return S_ISCHR(status->st_mode) && number >= PTS_MAJOR &&
	       number <= PTS_MAJOR_LAST;
}

static struct file_outcome open_existing(struct file_call *file, bool may_block)
{
	const struct path *path = &file->path;
	const mode_t mode = path->status.st_mode;
	const bool is_handle = (file->flags & O_PATH) != 0;

	if (!is_handle && !is_personal(file)) {
		const struct file_outcome outcome = reopen(file, may_block);
		/* What is its own a caller may open even where we may not. */
		const bool was_denied =
			outcome.kind == FILE_RESULT &&
			(outcome.value == -EACCES || outcome.value == -EPERM);

		return path->is_proc && was_denied && path_is_still(path)
			       ? outcome_of(FILE_NATIVE, 0)
			       : outcome;
	}
	if (path_is_still(path)) {
		return outcome_of(FILE_NATIVE, 0);
	}
	/* /dev/tty and its like would be ours. */
	if (is_handle ||
		((S_ISCHR(mode) || S_ISBLK(mode)) && !is_terminal_end(&path->status))) {
		return outcome_of(FILE_RESULT, -EACCES);
	}
	return reopen(file, may_block);
}

struct file_outcome file_open_perform(struct file_call *file, bool may_block)
{
	if (file->path.is_missing) {
		return create(file, may_block);
	}
	if (is_tmpfile(file)) {
		return result_of(open_with_umask(file, file->path.fd, "."), file);
	}
	return open_existing(file, may_block);
}

void file_call_native(const struct file_call *file, struct file_native *native)
{
	const struct path *path = &file->path;
	const bool creates = path->is_missing || is_tmpfile(file);
	const bool has_name =
		path->name[0] == '/' && !path->is_unnamed && !path->is_deleted;

	*native = (struct file_native){
		.path = has_name ? path->name : NULL,
		.flags = file->flags & ~(creates ? 0UL : (uint64_t)(O_CREAT | O_EXCL)),
		.mode = creates ? file->mode : 0,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
}

const struct file_operation file_open_operation = {.prepare = prepare};
