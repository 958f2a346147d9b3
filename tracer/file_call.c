/* SPDX-License-Identifier: MIT */
/*
 * The way of a file call, whatever it does: reading its names, taking over the caller's
 * credentials and umask around the one operation.
 */
#include "tracer/file_call.h"

#include "base/defence.h"
#include "base/xalloc.h"
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/file_internal.h"
#include "tracer/syscall_numbers_x86_64.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Folders moved by the tree so far. A name that was resolved before such a move, and is
 * acted on after it (a person took their time), is checked once more.
 */
static atomic_uint_fast64_t moves;

void file_note_move(void)
{
	(void)atomic_fetch_add(&moves, 1);
}

struct file_call *file_call_create(void)
{
	struct file_call *file = xcalloc(1, sizeof(*file));

	path_init(&file->path);
	path_init(&file->path2);
	file->descriptor = -1;
	return file;
}

void file_call_destroy(struct file_call *file)
{
	if (file) {
		file_call_finish(file);
		free(file);
	}
}

void file_call_finish(struct file_call *file)
{
	path_finish(&file->path);
	path_finish(&file->path2);
	if (file->descriptor >= 0) {
		(void)close(file->descriptor);
	}
	file->descriptor = -1;
}

bool file_call_thread_start(struct error *err)
{
	if (unshare(CLONE_FS) < 0) {
		return error_set(
			err, errno, "separate a thread's folders: %s", strerror(errno));
	}
	if (!anchors_get()->ready) {
		return error_set(err, ENOENT, "open / and /proc: is /proc mounted?");
	}
	return true;
}

uint64_t file_argument(const struct file_call *file, int position)
{
	return position < 0 ? 0 : file->call.arguments[position];
}

int file_folder_argument(const struct file_call *file, int position)
{
	return position < 0 ? AT_FDCWD : (int)file->call.arguments[position];
}

ssize_t file_read_name(struct file_call *file, uint64_t address, char *text)
{
	const ssize_t length = call_read_string(&file->call, address, text, PATH_MAX);

	if (length < 0) {
		text[0] = '\0';
	}
	return length;
}

/* The newest calls take no name at all for an empty one. */
static bool takes_null(enum operation operation)
{
	return operation == OPERATION_SETXATTRAT ||
	       operation == OPERATION_REMOVEXATTRAT ||
	       operation == OPERATION_FILE_SETATTR;
}

static int pin_at(
	struct file_call *file, struct path *path, unsigned flags, bool is_second)
{
	const struct syscall_row *row = file->call.row;
	char *text = is_second ? file->text2 : file->text;
	const uint64_t address =
		file_argument(file, is_second ? row->path2 : row->path);
	const bool may_be_null = address == 0 && (flags & PATH_EMPTY) &&
				 takes_null(file->call.operation);
	const ssize_t length = may_be_null ? 0 : file_read_name(file, address, text);

	if (length < 0) {
		return (int)length;
	}
	const struct path_request request = {
		.call = &file->call,
		.folder = file_folder_argument(
			file, is_second ? row->folder2 : row->folder),
		.text = text,
		.length = (size_t)length,
		.flags = flags,
		.resolve = file->resolve,
		.opening = file->flags,
	};
	const int result = path_pin(path, &request);

	file->is_remote = file->is_remote || path->may_block;
	return result;
}

int file_pin(struct file_call *file, unsigned flags)
{
	return pin_at(file, &file->path, flags, false);
}

int file_pin_opened(struct file_call *file, unsigned flags)
{
	const struct syscall_row *row = file->call.row;
	const int fd = file_folder_argument(file, row->folder);
	const uint64_t address = file_argument(file, row->path);
	char first = '\0';

	if ((flags & PATH_EMPTY) == 0 || fd == AT_FDCWD) {
		return file_pin(file, flags);
	}
	if (address != 0 && !call_read(&file->call, address, &first, sizeof(first))) {
		return -EFAULT;
	}
	/* Should the name not stay empty, the descriptor alone is what is pinned. */
	return first == '\0' ? file_pin_descriptor(file, fd)
			     : file_pin(file, flags & ~(unsigned)PATH_EMPTY);
}

int file_pin_second(struct file_call *file, unsigned flags)
{
	return pin_at(file, &file->path2, flags, true);
}

int file_pin_descriptor(struct file_call *file, int fd)
{
	file->descriptor = path_take_descriptor(&file->call, fd);
	if (file->descriptor < 0) {
		return file->descriptor;
	}
	const int flags = fcntl(file->descriptor, F_GETFL);

	if (flags < 0 || (flags & O_PATH)) {
		return -EBADF;
	}
	const int result = path_name_descriptor(&file->path, file->descriptor);

	file->is_remote = file->path.may_block;
	return result;
}

struct file_link file_link_of(int fd)
{
	struct file_link link;

	(void)snprintf(link.text, sizeof(link.text), "/proc/self/fd/%d", fd);
	return link;
}

static const struct file_operation *operation_of(enum operation operation)
{
	if (operation == OPERATION_OPEN || operation == OPERATION_CREAT ||
		operation == OPERATION_OPENAT2) {
		return &file_open_operation;
	}
	const struct file_operation *found = file_change_operation(operation);

	if (!found) {
		found = file_attribute_operation(operation);
	}
	return found ? found : file_xattr_operation(operation);
}

/* A kernel that is older than a call says so, whatever its arguments are. */
static bool is_unknown_to_kernel(const struct call *call)
{
	enum { LAST_OF_OLDEST_KERNEL = SYSCALL_memfd_secret };

	return call->number > LAST_OF_OLDEST_KERNEL &&
	       syscall((long)call->number, -1, NULL, 0, NULL, NULL, 0) < 0 &&
	       errno == ENOSYS;
}

int file_call_prepare(
	struct file_call *file, const struct call *call, struct request *request)
{
	const struct file_operation *operation = operation_of(call->operation);

	file_call_finish(file);
	file->call = *call;
	file->is_remote = false;
	file->inspected = 0;
	file->is_done = false;
	file->moves = atomic_load(&moves);
	file->flags = 0;
	file->mode = 0;
	file->resolve = 0;
	file->text[0] = '\0';
	file->text2[0] = '\0';
	path_init(&file->path);
	path_init(&file->path2);
	request->action_count = 0;
	request->refused = 0;
	request->reason = NULL;
	if (!operation || !anchors_get()->ready) {
		return file_refuse(file, request, EACCES, "it cannot be carried out");
	}
	if (is_unknown_to_kernel(call)) {
		return -ENOSYS;
	}
	const int result = operation->prepare(file, request);

	if (result < 0 && (file_refuse_path(file, request, &file->path) ||
				  file_refuse_path(file, request, &file->path2))) {
		return 0;
	}
	return result;
}

/* Runs change with the caller's umask; the thread's folders are its own. */
static int64_t change_with_umask(
	struct file_call *file, const struct file_operation *operation)
{
	mode_t mask = 0;

	if (!operation->uses_umask) {
		return operation->change(file);
	}
	if (!caller_umask_read(file->call.tid, &mask)) {
		return -EACCES;
	}
	const mode_t own = umask(mask);
	const int64_t result = operation->change(file);

	if (own != mask) {
		(void)umask(own);
	}
	return result;
}

bool file_call_is_remote(const struct file_call *file)
{
	return file->is_remote;
}

const char *file_call_opened_name(const struct file_call *file)
{
	const struct syscall_row *row = file->call.row;
	const bool is_read = file->call.operation == OPERATION_OPEN &&
			     file->path.fd >= 0 &&
			     (file->flags & O_ACCMODE) == O_RDONLY;
	const bool has_folder = row->folder != POSITION_NONE &&
				(int)file_argument(file, row->folder) != AT_FDCWD;

	return is_read && (file->text[0] == '/' || !has_folder) ? file->text : NULL;
}

bool file_call_replace(struct file_call *file, int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || dup3(fd, file->path.fd, O_CLOEXEC) < 0) {
		return false;
	}
	file->path.status = status;
	file->path.is_opened = false;
	file->path.is_deleted = true; /* its name may lead elsewhere the next moment */
	return true;
}

/* True if the call can make a name lead to another object than before, of any kind. */
static bool moves_names(const struct file_call *file)
{
	const enum operation operation = file->call.operation;

	return operation == OPERATION_MKNOD || operation == OPERATION_LINK ||
	       operation == OPERATION_SYMLINK || operation == OPERATION_RENAME;
}

static bool names_have_changed(const struct file_call *file)
{
	if (file->moves == atomic_load(&moves)) {
		return false;
	}
	return (file->path.folder >= 0 && !path_folder_is_still(&file->path)) ||
	       (file->path2.folder >= 0 && !path_folder_is_still(&file->path2));
}

/* What makes races: the names are read and resolved anew after they were judged. */
static int read_again(struct file_call *file)
{
	const struct call call = file->call;
	struct request unjudged = {.id = 0};

	return file_call_prepare(file, &call, &unjudged);
}

/* What keeps it from being performed now; true with the outcome. */
static bool is_hindered(struct file_call *file, const struct file_operation *operation,
	struct file_outcome *outcome)
{
	const bool is_change = operation->change || (file->flags & O_TRUNC);

	if (!file->may_block &&
		(file->is_remote || (is_change && file_takes_long(file)))) {
		outcome->kind = FILE_BLOCKS;
		return true;
	}
	/* Before the caller's credentials are taken over: with these we may not ask. */
	if (file->call.operation == OPERATION_TRUNCATE &&
		!caller_size_limit_read(file->call.pid, &file->size_limit)) {
		return true;
	}
	if (!operation->change && file_open_is_in_vain(file)) {
		outcome->value = -EMFILE;
		return true;
	}
	return false;
}

/* With the caller's folders for itself, unless others have them and it may not wait. */
static bool change_in_order(
	struct file_call *file, const struct file_operation *operation, int64_t *result)
{
	struct file_order order;
	const bool is_move = moves_names(file);

	if (!file_order_take(&order, file)) {
		return false;
	}
	const bool may = !is_move || path_begin_moving(file->may_block);

	if (may) {
		*result = change_with_umask(file, operation);
	}
	if (may && is_move) {
		path_end_moving();
	}
	file_order_leave(&order);
	return may;
}

static void change(struct file_call *file, const struct file_operation *operation,
	struct file_outcome *outcome)
{
	if (!change_in_order(file, operation, &outcome->value) ||
		(outcome->value == -EWOULDBLOCK && !file->may_block)) {
		outcome->kind = FILE_BLOCKS;
	}
	if (outcome->value == file_names_changed) {
		outcome->kind = FILE_CHANGED;
	}
}

struct file_outcome file_call_perform(struct file_call *file, bool may_block)
{
	const struct file_operation *operation = operation_of(file->call.operation);
	struct file_outcome outcome = {.kind = FILE_RESULT, .value = -EACCES, .fd = -1};
	const bool takes = file->call.has_own_credentials;

	if (!operation) {
		return outcome;
	}
	if (defence_is_off(DEFENCE_PINS)) {
		outcome.value = read_again(file);
		if (outcome.value < 0) {
			return outcome;
		}
	}
	if (file->is_done) {
		outcome.value = 0;
		return outcome;
	}
	file->may_block = may_block;
	if (names_have_changed(file)) {
		outcome.kind = FILE_CHANGED;
		return outcome;
	}
	if (is_hindered(file, operation, &outcome) ||
		(takes && !credentials_take(file->call.tid))) {
		return outcome;
	}
	if (operation->change) {
		change(file, operation, &outcome);
	} else {
		outcome = file_open_perform(file, may_block);
	}
	if (takes) {
		credentials_drop();
	}
	return outcome;
}
