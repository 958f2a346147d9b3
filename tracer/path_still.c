/* SPDX-License-Identifier: MIT */
/* Whether names still lead to what was pinned. */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/mounts.h"
#include "tracer/path_internal.h"
#include "tracer/terminal_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char path_elsewhere_reason[] =
	"it lies on a mount of another namespace, where names say other things";

static bool leads_to(const char *name, const struct stat *expected)
{
	struct stat status;
	const int fd =
		path_open(anchors_get()->root, name, O_NOFOLLOW, RESOLVE_NO_SYMLINKS);

	if (fd < 0) {
		return false;
	}
	const bool is_same = fstat(fd, &status) == 0 &&
			     status.st_dev == expected->st_dev &&
			     status.st_ino == expected->st_ino;

	(void)close(fd);
	return is_same;
}

bool path_is_still(const struct path *path)
{
	return path->name[0] == '/' && leads_to(path->name, &path->status);
}

bool path_folder_is_still(const struct path *path)
{
	char name[PATH_MAX];
	const struct fd_text number = fd_text_of(path->folder);
	const char *last = strrchr(path->name, '/');
	const size_t expected = last == path->name ? 1 : (size_t)(last - path->name);
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, name, sizeof(name));

	return length == (ssize_t)expected && memcmp(name, path->name, expected) == 0;
}

bool path_entry_is_still(const struct path *path)
{
	char last[PATH_LAST_SIZE];
	struct stat status;

	/* A slash at the end would have links followed. */
	(void)snprintf(
		last, sizeof(last), "%.*s", (int)strcspn(path->last, "/"), path->last);
	const int found = fstatat(path->folder, last, &status, AT_SYMLINK_NOFOLLOW);

	if (path->is_missing) {
		return found < 0 && errno == ENOENT;
	}
	return found == 0 && status.st_dev == path->status.st_dev &&
	       status.st_ino == path->status.st_ino;
}

static bool is_mounted_here(int fd)
{
	struct statx status;

	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		       &status) == 0 &&
	       mounts_have_number(status.stx_mnt_id);
}

/* The folder of an entry goes by its name up to the last slash. */
static bool folder_is_here(const struct path *path)
{
	char name[PATH_NAME_SIZE];
	struct stat status;

	memcpy(name, path->name, path->name_length + 1);
	if (path->end == END_NORMAL) {
		char *slash = strrchr(name, '/');

		slash[slash == name ? 1 : 0] = '\0';
	}
	return fstat(path->folder, &status) == 0 && leads_to(name, &status);
}

/* A terminal may be one of another namespace: it is known by its number. */
static bool is_terminal(const struct path *path)
{
	return S_ISCHR(path->status.st_mode) &&
	       terminal_is_device(path->status.st_rdev);
}

static bool is_named_here(const struct path *path)
{
	const bool is_entry = path->folder >= 0;
	const int fd = is_entry ? path->folder : path->fd;

	if (path->is_unnamed || path->name[0] != '/' || is_mounted_here(fd) ||
		(!is_entry && is_terminal(path)) ||
		(is_entry ? folder_is_here(path) : path_is_still(path))) {
		return true;
	}
	mounts_read_again();
	return is_mounted_here(fd);
}

/*
 * What FUSE shows only to who mounted it, the kernel shows to us as who we really are,
 * whatever credentials we took over.
 */
static bool is_closed_to(const struct path *path, const struct call *call)
{
	struct statx status;

	if (!call->has_own_credentials || path->is_unnamed ||
		!mounts_exist(MOUNT_SLOW) || caller_ids_are_own(call->tid)) {
		return false;
	}
	return statx(path->folder >= 0 ? path->folder : path->fd, "",
		       AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0 ||
	       mounts_are_closed(status.stx_mnt_id);
}

int path_note_place(struct path *path, const struct path_request *request, int result)
{
	const bool is_from_root =
		request->text[0] == '/' && (request->resolve & RESOLVE_IN_ROOT) == 0;

	if (result < 0) {
		return result;
	}
	/* From the root on, only magic links lead out of this namespace. */
	path->is_elsewhere =
		(!is_from_root || path->has_jumped) && !is_named_here(path);
	path->is_only_handle = (path->is_unnamed || path->is_deleted) &&
			       path_is_by_handle(path, request);
	return is_closed_to(path, request->call) ? -EACCES : 0;
}
