/* SPDX-License-Identifier: MIT */
/* Extended attributes: set and removed, by name or by descriptor. */
#include "tracer/file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

enum { ARGUMENTS_SIZE_MIN = 16, ARGUMENTS_SIZE_MAX = 4096 };

/* struct xattr_args of setxattrat(2), Linux 6.13. */
struct attribute_arguments {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static const uint64_t at_flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

static int read_attribute_name(struct file_call *file)
{
	const ssize_t length =
		call_read_string(&file->call, file_argument(file, file->call.row->text),
			file->xattr_name, sizeof(file->xattr_name));

	if (length == -ENAMETOOLONG || length == 0) {
		return -ERANGE;
	}
	return length < 0 ? (int)length : 0;
}

/* Reads what is set, in the kernel's order: flags, name, size, value. */
static int read_value(
	struct file_call *file, const struct attribute_arguments *arguments)
{
	file->xattr_flags = arguments->flags;
	file->data_size = arguments->size;
	if (arguments->flags & ~(uint32_t)(XATTR_CREATE | XATTR_REPLACE)) {
		return -EINVAL;
	}
	const int named = read_attribute_name(file);

	if (named < 0) {
		return named;
	}
	if (arguments->size > FILE_DATA_SIZE) {
		return -E2BIG;
	}
	return call_read(&file->call, arguments->value, file->data, arguments->size)
		       ? 0
		       : -EFAULT;
}

static int read_arguments(struct file_call *file, struct attribute_arguments *arguments)
{
	const int position = file->call.row->data;
	const uint64_t address = file_argument(file, position);
	const uint64_t size = file_argument(file, position + 1);

	if (size < ARGUMENTS_SIZE_MIN) {
		return -EINVAL;
	}
	if (size > ARGUMENTS_SIZE_MAX) {
		return -E2BIG;
	}
	if (!call_read(&file->call, address, file->data, size)) {
		return -EFAULT;
	}
	for (uint64_t i = sizeof(*arguments); i < size; i++) {
		if (file->data[i] != 0) {
			return -E2BIG;
		}
	}
	memcpy(arguments, file->data, sizeof(*arguments));
	return 0;
}

static bool is_of_link(enum operation operation)
{
	return operation == OPERATION_LSETXATTR || operation == OPERATION_LREMOVEXATTR;
}

static bool has_at_flags(enum operation operation)
{
	return operation == OPERATION_SETXATTRAT ||
	       operation == OPERATION_REMOVEXATTRAT;
}

static int judge(struct file_call *file, struct request *request)
{
	const struct syscall_row *row = file->call.row;
	const unsigned flags =
		(is_of_link(file->call.operation) || (file->flags & AT_SYMLINK_NOFOLLOW)
				? PATH_NO_FOLLOW
				: 0U) |
		(file->flags & AT_EMPTY_PATH ? PATH_EMPTY : 0U);
	const int result = row->fd >= 0 ? file_pin_descriptor(file,
						  (int)file_argument(file, row->fd))
					: file_pin_opened(file, flags);

	if (result == 0) {
		file_add_action(file, request, VERB_META, &file->path);
	}
	return result;
}

/* The AT_… flags of the newest variants. */
static int read_at_flags(struct file_call *file)
{
	file->flags = has_at_flags(file->call.operation)
			      ? (uint32_t)file_argument(file, file->call.row->flags)
			      : 0;
	return file->flags & ~at_flags ? -EINVAL : 0;
}

static int prepare_set(struct file_call *file, struct request *request)
{
	const struct syscall_row *row = file->call.row;
	struct attribute_arguments arguments = {
		.value = file_argument(file, row->data),
		.flags = (uint32_t)file_argument(file, row->flags),
	};
	/* A size_t: what does not fit in the struct is too big anyway. */
	const uint64_t size = file_argument(file, row->data + 1);

	arguments.size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	int result = read_at_flags(file);

	if (result == 0 && file->call.operation == OPERATION_SETXATTRAT) {
		result = read_arguments(file, &arguments);
	}
	if (result == 0) {
		result = read_value(file, &arguments);
	}
	return result < 0 ? result : judge(file, request);
}

static int64_t change_set(struct file_call *file)
{
	const struct file_link link = file_link_of(file->path.fd);
	const int flags = (int)file->xattr_flags;
	const int result = file->descriptor >= 0
				   ? fsetxattr(file->descriptor, file->xattr_name,
					     file->data, file->data_size, flags)
				   : setxattr(link.text, file->xattr_name, file->data,
					     file->data_size, flags);

	return result < 0 ? -errno : 0;
}

static int prepare_remove(struct file_call *file, struct request *request)
{
	int result = read_at_flags(file);

	if (result == 0) {
		result = read_attribute_name(file);
	}
	return result < 0 ? result : judge(file, request);
}

static int64_t change_remove(struct file_call *file)
{
	const struct file_link link = file_link_of(file->path.fd);
	const int result = file->descriptor >= 0
				   ? fremovexattr(file->descriptor, file->xattr_name)
				   : removexattr(link.text, file->xattr_name);

	return result < 0 ? -errno : 0;
}

const struct file_operation *file_xattr_operation(enum operation operation)
{
	static const struct file_operation set = {prepare_set, change_set, false};
	static const struct file_operation remove = {
		prepare_remove, change_remove, false};

	switch ((int)operation) {
	case OPERATION_SETXATTR:
	case OPERATION_LSETXATTR:
	case OPERATION_FSETXATTR:
	case OPERATION_SETXATTRAT:
		return &set;
	case OPERATION_REMOVEXATTR:
	case OPERATION_LREMOVEXATTR:
	case OPERATION_FREMOVEXATTR:
	case OPERATION_REMOVEXATTRAT:
		return &remove;
	default:
		return NULL;
	}
}
