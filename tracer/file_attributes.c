/* SPDX-License-Identifier: MIT */
/*
 * Calls that change what a file is said to be: mode, owner, times, size, flags. Done on
 * the pinned object, or on a copy of the caller's descriptor where that is the object.
 */
#include "tracer/anchors.h"
#include "tracer/file_internal.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

enum {
	FILE_SETATTR_NUMBER = 469, /* Linux 6.17 */
	FILE_ATTR_SIZE_MIN = 24,
	STRUCT_SIZE_MAX = 4096,
	/* Positions that no column of the table names. */
	INOTIFY_FD = 0,
	INOTIFY_MASK = 2,
	IOCTL_FD = 0,
	IOCTL_REQUEST = 1,
	IOCTL_DATA = 2,
	REQUEST_LOW_BITS = 0xffff,
	REQUEST_FSSETXATTR = 0x5820,
	FSXATTR_SIZE = 28,
	FLAGS_SIZE = 4,
};

static const uint64_t at_flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

/* The first argument after what names the object. */
static int value_position(const struct file_call *file)
{
	const struct syscall_row *row = file->call.row;

	return (row->fd >= 0 ? row->fd : row->path) + 1;
}

/* Pins the object that a name and AT_… flags, or a descriptor, lead to. */
static int pin_object(struct file_call *file, unsigned flags)
{
	const struct syscall_row *row = file->call.row;

	if (row->fd >= 0) {
		return file_pin_descriptor(file, (int)file_argument(file, row->fd));
	}
	file->flags = (uint32_t)file_argument(file, row->flags);
	if (row->flags >= 0 && (file->flags & ~at_flags)) {
		return -EINVAL;
	}
	return file_pin(file,
		flags | (file->flags & AT_SYMLINK_NOFOLLOW ? PATH_NO_FOLLOW : 0U) |
			(file->flags & AT_EMPTY_PATH ? PATH_EMPTY : 0U));
}

static int prepare_meta(struct file_call *file, struct request *request, unsigned flags)
{
	const int result = pin_object(file, flags);

	if (result == 0) {
		file_add_action(file, request, VERB_META, &file->path);
	}
	return result;
}

static int prepare_chmod(struct file_call *file, struct request *request)
{
	file->mode = file_argument(file, file->call.row->mode) & 07777;
	return prepare_meta(file, request, 0);
}

static int64_t change_chmod(struct file_call *file)
{
	const mode_t mode = (mode_t)file->mode;
	const struct fd_text number = fd_text_of(file->path.fd);
	const int result = file->descriptor >= 0 ? fchmod(file->descriptor, mode)
						 : fchmodat(anchors_get()->self_fd,
							   number.text, mode, 0);

	return result < 0 ? -errno : 0;
}

static int prepare_chown(struct file_call *file, struct request *request)
{
	const int position = value_position(file);
	const bool is_link = file->call.operation == OPERATION_LCHOWN;

	file->uid = (uid_t)file_argument(file, position);
	file->gid = (gid_t)file_argument(file, position + 1);
	return prepare_meta(file, request, is_link ? PATH_NO_FOLLOW : 0U);
}

static int64_t change_chown(struct file_call *file)
{
	const int result = file->descriptor >= 0
				   ? fchown(file->descriptor, file->uid, file->gid)
				   : fchownat(file->path.fd, "", file->uid, file->gid,
					     AT_EMPTY_PATH);

	return result < 0 ? -errno : 0;
}

static int read_seconds(struct file_call *file, uint64_t address)
{
	struct utimbuf seconds;

	if (!call_read(&file->call, address, &seconds, sizeof(seconds))) {
		return -EFAULT;
	}
	file->times[0] = (struct timespec){.tv_sec = seconds.actime};
	file->times[1] = (struct timespec){.tv_sec = seconds.modtime};
	return 0;
}

static int read_microseconds(struct file_call *file, uint64_t address)
{
	enum { MICROSECONDS = 1000000, NANOSECONDS = 1000 };
	struct timeval times[2];

	if (!call_read(&file->call, address, times, sizeof(times))) {
		return -EFAULT;
	}
	for (int i = 0; i < 2; i++) {
		if (times[i].tv_usec < 0 || times[i].tv_usec >= MICROSECONDS) {
			return -EINVAL;
		}
		file->times[i] = (struct timespec){
			times[i].tv_sec, times[i].tv_usec * NANOSECONDS};
	}
	return 0;
}

static int read_nanoseconds(struct file_call *file, uint64_t address)
{
	return call_read(&file->call, address, file->times, sizeof(file->times))
		       ? 0
		       : -EFAULT;
}

static int read_times(struct file_call *file)
{
	const uint64_t address = file_argument(file, file->call.row->data);

	file->has_times = address != 0;
	if (!file->has_times) {
		return 0;
	}
	if (file->call.operation == OPERATION_UTIME) {
		return read_seconds(file, address);
	}
	return file->call.operation == OPERATION_UTIMENSAT
		       ? read_nanoseconds(file, address)
		       : read_microseconds(file, address);
}

static int prepare_utime(struct file_call *file, struct request *request)
{
	const struct syscall_row *row = file->call.row;
	const int read = read_times(file);

	if (read < 0) {
		return read;
	}
	if (file->call.operation == OPERATION_UTIMENSAT && file->has_times &&
		file->times[0].tv_nsec == UTIME_OMIT &&
		file->times[1].tv_nsec == UTIME_OMIT) {
		/* Not even the name is looked at. */
		file->is_done = true;
		return 0;
	}
	const int fd = file_folder_argument(file, row->folder);

	/* Without a name, but with a descriptor, that is the object. */
	if (file_argument(file, row->path) != 0 || fd == AT_FDCWD) {
		return prepare_meta(file, request, 0);
	}
	if (file_argument(file, row->flags) != 0) {
		return -EINVAL;
	}
	const int result = file_pin_descriptor(file, fd);

	if (result == 0) {
		file_add_action(file, request, VERB_META, &file->path);
	}
	return result;
}

static int64_t change_utime(struct file_call *file)
{
	const struct timespec *times = file->has_times ? file->times : NULL;
	const long result =
		file->descriptor >= 0
			? syscall(SYS_utimensat, file->descriptor, NULL, times, 0)
			: syscall(SYS_utimensat, file->path.fd, "", times,
				  AT_EMPTY_PATH);

	return result < 0 ? -errno : 0;
}

static int prepare_truncate(struct file_call *file, struct request *request)
{
	file->length = (int64_t)file_argument(file, value_position(file));
	if (file->length < 0) {
		return -EINVAL;
	}
	const int result = file_pin(file, 0);

	if (result < 0) {
		return result;
	}
	if (!S_ISREG(file->path.status.st_mode)) {
		return S_ISDIR(file->path.status.st_mode) ? -EISDIR : -EINVAL;
	}
	file_add_action(file, request, VERB_WRITE, &file->path);
	return 0;
}

/* As the kernel does for a caller who would make a file larger than it may. */
static bool exceeds_limit(const struct file_call *file)
{
	struct stat status;

	if (fstat(file->path.fd, &status) < 0) {
		return true;
	}
	if (file->size_limit == RLIM_INFINITY || file->length <= status.st_size ||
		(uint64_t)file->length <= file->size_limit) {
		return false;
	}
	(void)syscall(SYS_tgkill, file->call.pid, file->call.tid, SIGXFSZ);
	return true;
}

static int64_t change_truncate(struct file_call *file)
{
	/* It may wait for a lease, and cannot say so. Who watches sees no open here. */
	if (!file->may_block) {
		return -EWOULDBLOCK;
	}
	/* Who may not write is not told of limits, nor signalled. */
	if (faccessat(file->path.fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) < 0) {
		return -errno;
	}
	if (exceeds_limit(file)) {
		return -EFBIG;
	}
	return truncate(file_link_of(file->path.fd).text, file->length) < 0 ? -errno
									    : 0;
}

static int prepare_file_setattr(struct file_call *file, struct request *request)
{
	const int position = file->call.row->data;
	const uint64_t size = file_argument(file, position + 1);

	if (file_argument(file, file->call.row->flags) & ~at_flags & UINT32_MAX) {
		return -EINVAL;
	}
	if (size > STRUCT_SIZE_MAX) {
		return -E2BIG;
	}
	if (size < FILE_ATTR_SIZE_MIN) {
		return -EINVAL;
	}
	file->data_size = (size_t)size;
	if (!call_read(&file->call, file_argument(file, position), file->data, size)) {
		return -EFAULT;
	}
	const uint64_t flags = file_argument(file, file->call.row->flags);
	const int result = file_pin_opened(
		file, (flags & AT_SYMLINK_NOFOLLOW ? PATH_NO_FOLLOW : 0U) |
			      (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0U));

	if (result == 0) {
		file_add_action(file, request, VERB_META, &file->path);
	}
	return result;
}

static int64_t change_file_setattr(struct file_call *file)
{
	const struct file_link link = file_link_of(file->path.fd);
	const bool is_opened = file->descriptor >= 0;
	const long result = syscall(FILE_SETATTR_NUMBER,
		is_opened ? file->descriptor : AT_FDCWD, is_opened ? "" : link.text,
		file->data, file->data_size, is_opened ? AT_EMPTY_PATH : 0);

	return result < 0 ? -errno : 0;
}

static int prepare_ioctl(struct file_call *file, struct request *request)
{
	const uint32_t number =
		(uint32_t)file_argument(file, IOCTL_REQUEST) & REQUEST_LOW_BITS;
	const int result =
		file_pin_descriptor(file, (int)file_argument(file, IOCTL_FD));

	if (result < 0) {
		return result;
	}
	file->flags = (uint32_t)file_argument(file, IOCTL_REQUEST);
	memset(file->data, 0, FSXATTR_SIZE);
	if (!call_read(&file->call, file_argument(file, IOCTL_DATA), file->data,
		    number == REQUEST_FSSETXATTR ? FSXATTR_SIZE : FLAGS_SIZE)) {
		return -EFAULT;
	}
	if (!S_ISREG(file->path.status.st_mode) &&
		!S_ISDIR(file->path.status.st_mode)) {
		return file_refuse(
			file, request, ENOTTY, "a device may understand it otherwise");
	}
	file_add_action(file, request, VERB_META, &file->path);
	return 0;
}

static int64_t change_ioctl(struct file_call *file)
{
	const int result = ioctl(file->descriptor, file->flags, file->data);

	return result < 0 ? -errno : result;
}

static int prepare_inotify(struct file_call *file, struct request *request)
{
	const uint32_t mask = (uint32_t)file_argument(file, INOTIFY_MASK);

	file->flags = mask;
	file->descriptor =
		path_take_descriptor(&file->call, (int)file_argument(file, INOTIFY_FD));
	if (file->descriptor < 0) {
		return file->descriptor;
	}
	/* An empty name watches nothing, but mask and descriptor are looked at first. */
	if (inotify_add_watch(file->descriptor, "", mask) < 0 && errno != ENOENT) {
		return -errno;
	}
	const int result =
		file_pin(file, (mask & IN_DONT_FOLLOW ? PATH_NO_FOLLOW : 0U) |
				       (mask & IN_ONLYDIR ? PATH_FOLDER : 0U));

	if (result == 0) {
		file_add_action(file, request, VERB_READ, &file->path);
	}
	return result;
}

static int64_t change_inotify(struct file_call *file)
{
	const struct file_link link = file_link_of(file->path.fd);
	const uint32_t mask = (uint32_t)file->flags & ~(uint32_t)IN_DONT_FOLLOW;
	const int watch = inotify_add_watch(file->descriptor, link.text, mask);

	return watch < 0 ? -errno : watch;
}

const struct file_operation *file_attribute_operation(enum operation operation)
{
	static const struct file_operation operations[OPERATION_COUNT] = {
		[OPERATION_CHMOD] = {prepare_chmod, change_chmod, false},
		[OPERATION_FCHMOD] = {prepare_chmod, change_chmod, false},
		[OPERATION_CHOWN] = {prepare_chown, change_chown, false},
		[OPERATION_LCHOWN] = {prepare_chown, change_chown, false},
		[OPERATION_FCHOWN] = {prepare_chown, change_chown, false},
		[OPERATION_UTIME] = {prepare_utime, change_utime, false},
		[OPERATION_UTIMES] = {prepare_utime, change_utime, false},
		[OPERATION_FUTIMESAT] = {prepare_utime, change_utime, false},
		[OPERATION_UTIMENSAT] = {prepare_utime, change_utime, false},
		[OPERATION_TRUNCATE] = {prepare_truncate, change_truncate, false},
		[OPERATION_FILE_SETATTR] = {prepare_file_setattr, change_file_setattr,
			false},
		[OPERATION_IOCTL_ATTRIBUTES] = {prepare_ioctl, change_ioctl, false},
		[OPERATION_INOTIFY_ADD] = {prepare_inotify, change_inotify, false},
	};

	return operations[operation].prepare ? &operations[operation] : NULL;
}
