/* SPDX-License-Identifier: MIT */
/*
 * Opening what was judged: what exists is opened anew, and nothing but the pinned
 * object is ever handed over; what is missing is created in its pinned folder, and only
 * if it is still missing.
 */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/file_internal.h"
#include "tracer/opened_files.h"
#include "tracer/path_internal.h"
#include "tracer/path_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MEMORY_MAJOR = 1 };

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

	return !file_open_writes(file) && (entry.owner == PROC_CALLER || is_public);
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

/* Shows O_NOFOLLOW as open_by_name does; -1 if its owner may not enter the folder. */
static int open_folder_from_inside(const struct file_call *file, uint64_t flags)
{
	if ((file->flags & O_NOFOLLOW) == 0 || !S_ISDIR(file->path.status.st_mode)) {
		return -1;
	}
	return openat(file->path.fd, ".", (int)(flags | O_NOFOLLOW));
}

static struct file_outcome open_pinned(
	const struct file_call *file, uint64_t flags, bool may_block)
{
	/* A lease would have to be waited for, or a pipe's other end. */
	const bool hurries = !may_block && (flags & O_NONBLOCK) == 0;
	const struct fd_text number = fd_text_of(file->path.fd);
	const uint64_t hasty = flags | (hurries ? O_NONBLOCK : 0);
	int fd = open_folder_from_inside(file, hasty);

	if (fd < 0) {
		fd = openat(anchors_get()->self_fd, number.text, (int)hasty);
	}
	if (fd < 0 && errno == EWOULDBLOCK && hurries) {
		return outcome_of(FILE_BLOCKS, 0);
	}
	if (fd >= 0 && hurries) {
		let_wait(fd, file);
	}
	return result_of(fd, file);
}

/* As O_TRUNC does; what that would have refused was refused when it was opened. */
static struct file_outcome truncate_opened(int fd, const struct file_call *file)
{
	if (ftruncate(fd, 0) < 0) {
		const struct file_outcome outcome = result_of(-1, file);

		(void)close(fd);
		return outcome;
	}
	return result_of(fd, file);
}

static struct file_outcome reopen(const struct file_call *file, bool may_block)
{
	const struct path *path = &file->path;
	const uint64_t flags =
		(file->flags & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC |
		O_NOCTTY;
	/* Of devices nothing is taken away. */
	const bool truncates = (file->flags & O_TRUNC) && S_ISREG(path->status.st_mode);
	const bool shows = (file->flags & O_NOFOLLOW) != 0;
	const bool by_name = !path->is_unnamed && !path->is_deleted &&
			     (shows || (!truncates && !may_block));
	int fd = by_name && !may_block ? open_by_name(file, flags) : -1;

	if (fd >= 0 && !truncates) {
		return result_of(fd, file);
	}
	const uint64_t access = file->flags & O_ACCMODE;

	if (fd >= 0 && (access == O_WRONLY || access == O_RDWR)) {
		return truncate_opened(fd, file);
	}
	struct file_outcome outcome = open_pinned(file, flags, may_block);

	/* What had to be waited for opens at once from now on. */
	if (by_name && may_block && outcome.kind == FILE_HANDOVER) {
		fd = open_by_name(file, flags);
	}
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
	return file_open_check_object(file) < 0
		       ? outcome_of(FILE_RESULT, file_open_check_object(file))
		       : reopen(file, may_block);
}

static int open_with_umask(const struct file_call *file, int folder, const char *name)
{
	mode_t mask = 0;
	const uint64_t flags = file->flags | O_CLOEXEC | O_NOCTTY |
			       (file_open_is_tmpfile(file) ? 0 : O_CREAT | O_EXCL);

	if (!caller_umask_read(file->call.tid, &mask)) {
		errno = EACCES;
		return -1;
	}
	const mode_t own = umask(mask);
	const int fd = openat(folder, name, (int)flags, (mode_t)file->mode);
	const int failed = errno;

	if (own != mask) {
		(void)umask(own);
	}
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

bool file_is_terminal_end(const struct stat *status)
{
	enum { PTS_MAJOR = 136, PTS_MAJOR_LAST = 143 };
	const unsigned number = major(status->st_rdev);

	return S_ISCHR(status->st_mode) && number >= PTS_MAJOR &&
	       number <= PTS_MAJOR_LAST;
}

static bool is_living_entry(const struct path *path)
{
	return path->is_proc && !path->is_deleted;
}

/*
 * In /proc a caller may enter folders of its own that nobody else may, whatever credentials
 * they have: so these are put off to look. What follows must not need them any more.
 */
static bool is_still(const struct file_call *file)
{
	if (is_living_entry(&file->path) && file->call.has_own_credentials) {
		credentials_drop();
	}
	return path_is_still(&file->path);
}

/* In /proc a caller may do to what is its own even what we may not. */
static struct file_outcome unless_natively(
	const struct file_call *file, struct file_outcome outcome)
{
	const bool was_denied = outcome.kind == FILE_RESULT &&
				(outcome.value == -EACCES || outcome.value == -EPERM);

	return file->path.is_proc && was_denied && is_still(file)
		       ? outcome_of(FILE_NATIVE, 0)
		       : outcome;
}

/* By its name, should that still lead there. */
static bool opens_itself(const struct file_call *file)
{
	return file->call.opens_itself && !file->path.is_unnamed &&
	       !file->path.is_deleted && path_is_still(&file->path);
}

static struct file_outcome open_existing(struct file_call *file, bool may_block)
{
	const struct path *path = &file->path;
	const mode_t mode = path->status.st_mode;
	const bool is_handle = (file->flags & O_PATH) != 0;

	if (!is_handle && !is_personal(file) && !opens_itself(file)) {
		return unless_natively(file, reopen(file, may_block));
	}
	if (is_still(file)) {
		return outcome_of(FILE_NATIVE, 0);
	}
	if (is_living_entry(path)) {
		return outcome_of(FILE_CHANGED, 0); /* its process has ended */
	}
	/* /dev/tty and its like would be ours. */
	if (is_handle || ((S_ISCHR(mode) || S_ISBLK(mode)) &&
				 !file_is_terminal_end(&path->status))) {
		return outcome_of(FILE_RESULT, -EACCES);
	}
	return reopen(file, may_block);
}

void file_call_note_opened(
	const struct file_call *file, const struct file_outcome *outcome)
{
	struct stat status = file->path.status;
	const bool is_new = file->path.is_missing || file_open_is_tmpfile(file);

	switch (outcome->kind) {
	case FILE_HANDOVER:
		if (is_new && fstat(outcome->fd, &status) < 0) {
			return;
		}
		break;
	case FILE_NATIVE:
		break;
	case FILE_RESULT:
	case FILE_BLOCKS:
	case FILE_CHANGED:
		return;
	}
	opened_files_note(file->call.opened, &file->call, &status);
}

/* What was judged is open already. */
static struct file_outcome give_opened(struct file_call *file)
{
	struct path *path = &file->path;
	const int fd = path->fd;

	path->fd = -1;
	path->is_opened = false;
	if ((file->flags & O_NONBLOCK) == 0) {
		let_wait(fd, file);
	}
	return result_of(fd, file);
}

struct file_outcome file_open_perform(struct file_call *file, bool may_block)
{
	if (file->path.is_opened) {
		return give_opened(file);
	}
	if (file->path.is_missing) {
		return create(file, may_block);
	}
	if (file_open_is_tmpfile(file)) {
		return unless_natively(file,
			result_of(open_with_umask(file, file->path.fd, "."), file));
	}
	return open_existing(file, may_block);
}
