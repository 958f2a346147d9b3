/* SPDX-License-Identifier: MIT */
/*
 * Calls that make, remove or move names: mkdir, mknod, symlink, link, unlink, rmdir and
 * rename, each relative to pinned folders. What always fails is answered without a
 * question, in the order in which the kernel looks at things.
 */
#include "tracer/anchors.h"
#include "tracer/file_internal.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_folder(const struct path *path)
{
	return !path->is_missing && S_ISDIR(path->status.st_mode);
}

static bool has_slash(const struct path *path)
{
	return path->last[0] != '\0' && path->last[strlen(path->last) - 1] == '/';
}

/* Pins a name that has to be free; folders alone may be asked for with a slash. */
static int check_new_name(const struct path *path, bool for_folder)
{
	if (path->end != END_NORMAL) {
		return -EEXIST;
	}
	if (path->last_error < 0) {
		return path->last_error;
	}
	if (!path->is_missing) {
		return -EEXIST;
	}
	/* A procfs knows no names that are free. */
	if (path->is_proc) {
		return -ENOENT;
	}
	return has_slash(path) && !for_folder ? -ENOENT : 0;
}

static int prepare_mkdir(struct file_call *file, struct request *request)
{
	file->mode = file_argument(file, file->call.row->mode) & 07777;
	int result = file_pin(file, PATH_ENTRY);

	if (result == 0) {
		result = check_new_name(&file->path, true);
	}
	if (result < 0) {
		return result;
	}
	file_add_action(file, request, VERB_WRITE, &file->path);
	if (request->action_count > 0) {
		request->actions[request->action_count - 1].is_folder = true;
	}
	return 0;
}

static int64_t change_mkdir(struct file_call *file)
{
	return mkdirat(file->path.folder, file->path.last, (mode_t)file->mode) < 0
		       ? -errno
		       : 0;
}

/* A way to the device under a name that rules may be generous with. */
static void add_device(struct file_call *file, struct request *request)
{
	const size_t count = request->action_count;

	(void)snprintf(file->shown, sizeof(file->shown), "%s device %u:%u",
		S_ISBLK(file->mode) ? "block" : "character", major((dev_t)file->device),
		minor((dev_t)file->device));
	file_add_named_action(file, request, VERB_SYSTEM, text_of("device-node"));
	if (request->action_count > count) {
		request->actions[count].asked_as = text_of(file->shown);
	}
}

static int prepare_mknod(struct file_call *file, struct request *request)
{
	const struct syscall_row *row = file->call.row;
	const mode_t mode = (mode_t)file_argument(file, row->mode);

	file->mode = mode;
	file->device = (uint32_t)file_argument(file, row->mode + 1);
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	int result = file_pin(file, PATH_ENTRY);

	if (result == 0) {
		result = check_new_name(&file->path, false);
	}
	if (result < 0) {
		return result;
	}
	file_add_action(file, request, VERB_WRITE, &file->path);
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		add_device(file, request);
	}
	return 0;
}

static int64_t change_mknod(struct file_call *file)
{
	const int result = mknodat(
		file->path.folder, file->path.last, (mode_t)file->mode, file->device);

	return result < 0 ? -errno : 0;
}

static int prepare_symlink(struct file_call *file, struct request *request)
{
	const ssize_t length = file_read_name(
		file, file_argument(file, file->call.row->text), file->data);

	if (length <= 0) {
		return length < 0 ? (int)length : -ENOENT;
	}
	int result = file_pin(file, PATH_ENTRY);

	if (result == 0) {
		result = check_new_name(&file->path, false);
	}
	if (result < 0) {
		return result;
	}
	file_add_action(file, request, VERB_WRITE, &file->path);
	return 0;
}

static int64_t change_symlink(struct file_call *file)
{
	return symlinkat(file->data, file->path.folder, file->path.last) < 0 ? -errno
									     : 0;
}

/* Names below this one: of a folder, or of a symbolic link, which may lead to one. */
static bool leads_below(const struct path *path)
{
	return is_folder(path) || (!path->is_missing && S_ISLNK(path->status.st_mode));
}

/* Says of what moves whether names below it go along, not of what is there now. */
static void add_moved(struct file_call *file, struct request *request, enum verb verb,
	struct path *place, const struct path *moved)
{
	const size_t count = request->action_count;

	file_add_action(file, request, verb, place);
	/* That a process is looked into on the way to it comes before. */
	if (request->action_count > count) {
		request->actions[request->action_count - 1].is_folder =
			leads_below(moved);
	}
}

/* True if both lie on the same mount, as rename and link demand. */
static bool share_mount(int fd, int fd2)
{
	struct statx status, status2;

	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) == 0 &&
	       statx(fd2, "", AT_EMPTY_PATH, STATX_MNT_ID, &status2) == 0 &&
	       status.stx_mnt_id == status2.stx_mnt_id;
}

static int pin_link(struct file_call *file)
{
	const unsigned flags = (file->flags & AT_SYMLINK_FOLLOW ? 0U : PATH_NO_FOLLOW) |
			       (file->flags & AT_EMPTY_PATH ? PATH_EMPTY : 0U);
	int result = file_pin(file, flags);

	if (result == 0) {
		result = file_link_check_opened(file);
	}
	if (result == 0) {
		result = file_pin_second(file, PATH_ENTRY);
	}
	if (result == 0) {
		result = check_new_name(&file->path2, false);
	}
	if (result == 0 && !share_mount(file->path.fd, file->path2.folder)) {
		result = -EXDEV;
	}
	return result;
}

static int prepare_link(struct file_call *file, struct request *request)
{
	file->flags = (uint32_t)file_argument(file, file->call.row->flags);
	if (file->flags & ~(uint64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) {
		return -EINVAL;
	}
	const int result = pin_link(file);

	if (result < 0) {
		return result;
	}
	add_moved(file, request, VERB_WRITE, &file->path2, &file->path);
	/* The old file can be read and written by its new name. */
	file_add_action(file, request, VERB_READ, &file->path);
	file_add_action(file, request, VERB_WRITE, &file->path);
	file_add_socket(request, &file->path, file->data);
	return 0;
}

/* What a name that is none of the folder's own entries gives. */
static int unlink_special(enum path_end end)
{
	switch (end) {
	case END_NORMAL:
		return 0;
	case END_DOT:
	case END_DOT_DOT:
	case END_ROOT:
		return -EISDIR;
	}
	return -EISDIR;
}

static int rmdir_special(enum path_end end)
{
	switch (end) {
	case END_NORMAL:
		return 0;
	case END_DOT:
		return -EINVAL;
	case END_DOT_DOT:
		return -ENOTEMPTY;
	case END_ROOT:
		return -EBUSY;
	}
	return -EINVAL;
}

static int check_removal(const struct path *path, bool removes_folder)
{
	const int special =
		removes_folder ? rmdir_special(path->end) : unlink_special(path->end);

	if (special < 0) {
		return special;
	}
	if (path->last_error < 0) {
		return path->last_error;
	}
	if (path->is_missing) {
		return -ENOENT;
	}
	if (has_slash(path) && !removes_folder) {
		return is_folder(path) ? -EISDIR : -ENOTDIR;
	}
	return 0;
}

static int prepare_unlink(struct file_call *file, struct request *request)
{
	file->flags = (uint32_t)file_argument(file, file->call.row->flags);
	if (file->call.operation == OPERATION_RMDIR) {
		file->flags = AT_REMOVEDIR;
	}
	if (file->flags & ~(uint64_t)AT_REMOVEDIR) {
		return -EINVAL;
	}
	int result = file_pin(file, PATH_ENTRY);

	if (result == 0) {
		result = check_removal(&file->path, file->flags != 0);
	}
	if (result < 0) {
		return result;
	}
	file_add_action(file, request, VERB_DELETE, &file->path);
	return 0;
}

static int64_t change_unlink(struct file_call *file)
{
	const int result =
		unlinkat(file->path.folder, file->path.last, (int)file->flags);

	return result < 0 ? -errno : 0;
}

/* In the order of the kernel's do_renameat2. */
static int check_rename(const struct file_call *file)
{
	const struct path *from = &file->path;
	const struct path *to = &file->path2;
	const bool keeps = (file->flags & RENAME_NOREPLACE) != 0;
	const bool swaps = (file->flags & RENAME_EXCHANGE) != 0;

	if (!share_mount(from->folder, to->folder)) {
		return -EXDEV;
	}
	if (from->end != END_NORMAL) {
		return -EBUSY;
	}
	if (to->end != END_NORMAL) {
		return keeps ? -EEXIST : -EBUSY;
	}
	if (from->is_missing || from->last_error < 0) {
		return from->is_missing ? -ENOENT : from->last_error;
	}
	if (to->last_error < 0) {
		return to->last_error;
	}
	if (keeps && !to->is_missing) {
		return -EEXIST;
	}
	if (swaps && to->is_missing) {
		return -ENOENT;
	}
	if (!is_folder(from) && (has_slash(from) || (!swaps && has_slash(to)))) {
		return -ENOTDIR;
	}
	return 0;
}

static void add_rename_actions(struct file_call *file, struct request *request)
{
	struct path *from = &file->path;
	struct path *to = &file->path2;

	add_moved(file, request, VERB_DELETE, from, from);
	if (file->flags & RENAME_EXCHANGE) {
		add_moved(file, request, VERB_WRITE, from, to);
		add_moved(file, request, VERB_DELETE, to, to);
	} else if (!to->is_missing) {
		file_add_action(file, request, VERB_DELETE, to);
	}
	add_moved(file, request, VERB_WRITE, to, from);
	file_add_socket(request, from, file->data);
	if (file->flags & RENAME_EXCHANGE) {
		file_add_socket(request, to, file->data + FILE_DATA_SIZE / 2);
	}
}

static int prepare_rename(struct file_call *file, struct request *request)
{
	const uint64_t known = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;

	file->flags = (uint32_t)file_argument(file, file->call.row->flags);
	if ((file->flags & ~known) ||
		((file->flags & RENAME_EXCHANGE) &&
			(file->flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))) {
		return -EINVAL;
	}
	int result = file_pin(file, PATH_ENTRY);

	if (result == 0) {
		result = file_pin_second(file, PATH_ENTRY);
	}
	if (result == 0) {
		result = check_rename(file);
	}
	if (result < 0) {
		return result;
	}
	add_rename_actions(file, request);
	if (file->flags & RENAME_WHITEOUT) {
		return file_refuse(
			file, request, EPERM, "it would leave a whiteout device");
	}
	return 0;
}

static int64_t rename_now(const struct file_call *file, unsigned flags)
{
	const long result = syscall(SYS_renameat2, file->path.folder, file->path.last,
		file->path2.folder, file->path2.last, flags);

	return result < 0 ? -errno : 0;
}

/*
 * Only what was judged is moved, and only what was judged is overwritten: nobody else of
 * the tree changes names meanwhile (file_order.c), so looking first is enough for them.
 */
static int64_t change_rename(struct file_call *file)
{
	const unsigned flags = (unsigned)file->flags;
	const bool finds_free = file->path2.is_missing && flags == 0;

	if (!path_entry_is_still(&file->path) || !path_entry_is_still(&file->path2)) {
		return file_names_changed;
	}
	int64_t result = rename_now(file, finds_free ? RENAME_NOREPLACE : flags);

	if (finds_free && result == -EEXIST) {
		return file_names_changed;
	}
	if (finds_free && result == -EINVAL) {
		/* Not every file system knows the flag. */
		result = rename_now(file, flags);
	}
	if (result == 0 && (is_folder(&file->path) || (flags & RENAME_EXCHANGE))) {
		file_note_move();
	}
	return result;
}

static bool is_large(const struct path *path)
{
	enum { LARGE = 8 << 20, BLOCK = 512 }; /* bytes; of st_blocks */
	const struct stat *status = &path->status;

	return path->fd >= 0 && S_ISREG(status->st_mode) &&
	       (status->st_size >= LARGE || status->st_blocks >= LARGE / BLOCK);
}

bool file_takes_long(const struct file_call *file)
{
	return is_large(&file->path) || is_large(&file->path2);
}

const struct file_operation *file_change_operation(enum operation operation)
{
	static const struct file_operation operations[OPERATION_COUNT] = {
		[OPERATION_MKDIR] = {prepare_mkdir, change_mkdir, true},
		[OPERATION_MKNOD] = {prepare_mknod, change_mknod, true},
		[OPERATION_SYMLINK] = {prepare_symlink, change_symlink, false},
		[OPERATION_LINK] = {prepare_link, file_link_change, false},
		[OPERATION_UNLINK] = {prepare_unlink, change_unlink, false},
		[OPERATION_RMDIR] = {prepare_unlink, change_unlink, false},
		[OPERATION_RENAME] = {prepare_rename, change_rename, false},
	};

	return operations[operation].prepare ? &operations[operation] : NULL;
}
