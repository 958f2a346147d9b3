/* SPDX-License-Identifier: MIT */
/*
 * The open family up to the judgement: flags are checked as the kernel checks them, the
 * name is pinned, and what opening it would do is listed. The rest is file_reopen.c.
 */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/file_internal.h"
#include "tracer/terminal_owner.h"

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

/* O_TMPFILE without O_DIRECTORY, which is part of the C library's constant. */
static const uint64_t tmpfile_bit = O_TMPFILE & ~O_DIRECTORY;

/* What open(2) knows; it ignores any other bit. The kernel's O_LARGEFILE is not 0. */
static const uint64_t known_flags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
				    O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_ASYNC |
				    O_DIRECT | 0100000 | O_DIRECTORY | O_NOFOLLOW |
				    O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE;

static const uint64_t path_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool file_open_is_tmpfile(const struct file_call *file)
{
	return (file->flags & tmpfile_bit) != 0;
}

/* 3, the access mode for ioctl alone, needs both permissions. */
static bool reads(const struct file_call *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

bool file_open_writes(const struct file_call *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY || (file->flags & O_TRUNC);
}

/* Combinations that the kernel refuses before it looks at the name. */
static int check_flags(const struct file_call *file)
{
	const bool is_odd =
		file_open_is_tmpfile(file) ||
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
int file_open_check_object(const struct file_call *file)
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
	return type == S_IFDIR && file_open_writes(file) && !file_open_is_tmpfile(file)
		       ? -EISDIR
		       : 0;
}

/* Another session's terminal is a way to its person: to be asked as such. */
static void add_terminal_owner(struct file_call *file, struct request *request)
{
	pid_t owner = 0;
	const int found = terminal_foreign_owner(
		file->call.tid, file->path.status.st_rdev, &owner);

	if (found < 0) {
		(void)file_refuse(
			file, request, EACCES, "whose terminal it is cannot be told");
	} else if (found > 0) {
		file_add_inspection(file, request, owner);
	}
}

/*
 * To ioctl(2) most drivers listen whatever a device was opened for. Not so where requests
 * mean nothing, or mean something for the tree's own terminal only.
 */
static bool obeys_readers(const struct file_call *file)
{
	enum { MEMORY_MAJOR = 1, TTY_MAJOR = 5, TTY_MINOR = 0, PTMX_MINOR = 2 };
	const struct stat *status = &file->path.status;
	const dev_t device = status->st_rdev;

	if (file->path.is_missing || (file->flags & O_PATH) != 0) {
		return false;
	}
	if (S_ISCHR(status->st_mode)) {
		return major(device) != MEMORY_MAJOR && !file_is_terminal_end(status) &&
		       device != makedev(TTY_MAJOR, TTY_MINOR) &&
		       device != makedev(TTY_MAJOR, PTMX_MINOR);
	}
	return S_ISBLK(status->st_mode);
}

static void add_actions(struct file_call *file, struct request *request)
{
	struct path *path = &file->path;

	if (reads(file) || (file->flags & O_PATH)) {
		file_add_action(file, request, VERB_READ, path);
	}
	if (file_open_writes(file) || path->is_missing || obeys_readers(file)) {
		file_add_action(file, request, VERB_WRITE, path);
	}
	if (!path->is_missing && S_ISCHR(path->status.st_mode) &&
		(file->flags & O_PATH) == 0 &&
		terminal_is_device(path->status.st_rdev)) {
		add_terminal_owner(file, request);
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

/* Nothing but reading: what any plain file can be opened for before it is judged. */
static bool is_plain_read(const struct file_call *file)
{
	const uint64_t plain_flags =
		O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_DIRECTORY | 0100000;

	return (file->flags & ~plain_flags) == 0;
}

static int prepare_open(struct file_call *file, struct request *request)
{
	const bool is_openat2 = file->call.operation == OPERATION_OPENAT2;
	const int checked = is_openat2 ? read_how(file) : read_flags(file);

	if (checked < 0) {
		return checked;
	}
	const bool creates = (file->flags & O_CREAT) != 0;
	const bool excludes = creates && (file->flags & O_EXCL);
	const unsigned flags =
		(creates ? PATH_CREATE : 0U) | (excludes ? PATH_SEEMS_MISSING : 0U) |
		(excludes || (file->flags & O_NOFOLLOW) ? PATH_NO_FOLLOW : 0U) |
		(file->flags & O_DIRECTORY && !creates ? PATH_FOLDER : 0U) |
		(is_plain_read(file) ? PATH_READ : 0U);
	const int pinned = file_pin(file, flags);

	if (pinned < 0) {
		return pinned;
	}
	if (!file->path.is_missing) {
		const int wrong = file_open_check_object(file);

		if (wrong < 0) {
			return wrong;
		}
	}
	if (file_open_is_tmpfile(file) && !file->path.is_elsewhere) {
		add_tmpfile_actions(file, request);
	} else {
		add_actions(file, request);
	}
	return 0;
}

static bool has_descriptors_left(const struct file_call *file, unsigned wanted)
{
	return caller_has_descriptors_left(file->call.tid, file->call.pid, wanted);
}

/* Comes before all that is wrong with a name once it is read; where it was so before. */
static bool is_out_of_descriptors(const struct file_call *file)
{
	return file->call.is_at_limit && file->text[0] != '\0' &&
	       !has_descriptors_left(file, 1);
}

bool file_open_is_in_vain(const struct file_call *file)
{
	if (file->path.is_missing || file_open_is_tmpfile(file)) {
		/* It takes one more to hand one over by detours. */
		return !has_descriptors_left(file, file->call.opens_itself ? 2 : 1);
	}
	return (file->flags & O_TRUNC) && !has_descriptors_left(file, 1);
}

static int prepare(struct file_call *file, struct request *request)
{
	const int result = prepare_open(file, request);

	return result < 0 && is_out_of_descriptors(file) ? -EMFILE : result;
}

void file_call_native(const struct file_call *file, struct file_native *native)
{
	const struct path *path = &file->path;
	const bool creates = path->is_missing || file_open_is_tmpfile(file);
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
