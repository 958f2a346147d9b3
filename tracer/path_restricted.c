/* SPDX-License-Identifier: MIT */
/*
 * Resolving within limits that the caller itself set by openat2. The kernel alone
 * resolves, since only it knows what the limits mean; magic links are left out where
 * the limits do not forbid them anyway.
 */
#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DANGLING_MAX = 40 };

static uint64_t resolve_of(const struct path_request *request)
{
	const uint64_t scoped = RESOLVE_BENEATH | RESOLVE_IN_ROOT;

	return request->resolve |
	       (request->resolve & scoped ? 0 : RESOLVE_NO_MAGICLINKS);
}

/* Whose /proc/self it led through, if links were followed, cannot be told: not opened. */
static void note_proc(struct path *path, const struct path_request *request)
{
	path->is_foreign_proc =
		path->is_foreign_proc ||
		(path->is_proc && (request->resolve & RESOLVE_NO_SYMLINKS) == 0);
}

static int pin_object(struct path *path, const struct path_request *request, int base)
{
	const uint64_t flags = (request->flags & PATH_NO_FOLLOW ? O_NOFOLLOW : 0) |
			       (request->flags & PATH_FOLDER ? O_DIRECTORY : 0);
	const int fd = path_open(base, request->text, flags, resolve_of(request));

	if (fd < 0) {
		return fd;
	}
	const int result = path_set_object(path, fd, NULL);

	note_proc(path, request);
	return result;
}

/* For O_CREAT: the folder, and what is there under the last component. */
static int pin_entry(struct path *path, const struct path_request *request, int base,
	struct path_split *split)
{
	path_split(split, request);
	const char *text = split->folder_length == 0 ? "." : split->folder;
	const int folder = path_open(base, text, O_DIRECTORY, resolve_of(request));

	if (folder < 0) {
		return folder;
	}
	if (split->has_slash) {
		(void)close(folder);
		return -EISDIR;
	}
	const int result = path_set_entry(path, folder, NULL, split->last, false);

	note_proc(path, request);
	return result < 0 ? result : path->last_error;
}

/* Where the dangling link leads that was found; its length or a negative errno. */
static ssize_t next_text(
	const struct path *path, const struct path_split *split, char text[PATH_MAX])
{
	char target[PATH_MAX];
	const ssize_t length = readlinkat(path->fd, "", target, sizeof(target) - 1);

	if (length <= 0) {
		/* Not a link, or an empty one: it has just been changed. */
		return -EAGAIN;
	}
	target[length] = '\0';
	const bool is_absolute = target[0] == '/' || split->folder_length == 0;
	const int written = snprintf(text, PATH_MAX, "%s%s%s",
		is_absolute ? "" : split->folder, is_absolute ? "" : "/", target);

	return written >= PATH_MAX ? -ENAMETOOLONG : written;
}

int path_restricted(struct path *path, const struct path_request *request, int base)
{
	char text[PATH_MAX];
	struct path_request next = *request;
	const bool may_create = (request->flags & PATH_CREATE) != 0;

	for (int i = 0; i < DANGLING_MAX; i++) {
		const bool has_slash = next.text[next.length - 1] == '/';
		const int result = may_create && has_slash
					   ? -ENOENT
					   : pin_object(path, &next, base);
		struct path_split split;

		if (result != -ENOENT || !may_create) {
			return result;
		}
		const int pinned = pin_entry(path, &next, base, &split);

		if (pinned < 0 || path->is_missing) {
			return pinned;
		}
		const ssize_t length = next_text(path, &split, text);

		if (length < 0) {
			return (int)length;
		}
		path_finish(path);
		path_init(path);
		next.text = text;
		next.length = (size_t)length;
	}
	return -ELOOP;
}
