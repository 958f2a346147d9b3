/* SPDX-License-Identifier: MIT */
/*
 * Resolving component by component on pinned descriptors, for what the kernel cannot
 * resolve on the caller's behalf in one go: /proc/self and /proc/thread-self are the
 * caller's here, and a magic link is a jump to the very object, never a text.
 */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/path_internal.h"
#include "tracer/path_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	LINKS_MAX = 40, /* MAXSYMLINKS of the kernel */
	REST_SIZE = 2 * PATH_MAX + 2,
	PROC_ROOT_INODE = 1,
	/* ST_NOSYMFOLLOW of statfs(2), Linux 5.10. */
	MOUNT_NO_LINKS = 0x2000,
};

struct walk {
	struct path *path;
	const struct path_request *request;
	int at; /* where it stands */
	bool owns_at;
	char rest[REST_SIZE]; /* what is still to be walked */
	size_t position;
	int links;
	char component[NAME_MAX + 1];
	struct text text; /* component, or the longer one that is none */
	bool is_last, has_slash;
};

static void walk_to(struct walk *walk, int fd, bool owns)
{
	if (walk->owns_at) {
		(void)close(walk->at);
	}
	walk->at = fd;
	walk->owns_at = owns;
}

/* Takes the next component off the rest; false at the end. */
static bool take_component(struct walk *walk)
{
	const char *rest = walk->rest + walk->position;

	rest += strspn(rest, "/");
	const size_t length = strcspn(rest, "/");
	const char *after = rest + length;
	const size_t slashes = strspn(after, "/");

	if (length == 0) {
		return false;
	}
	walk->text = (struct text){rest, length};
	walk->has_slash = slashes > 0;
	walk->is_last = after[slashes] == '\0';
	walk->position = (size_t)(after - walk->rest);
	if (length <= NAME_MAX) {
		memcpy(walk->component, rest, length);
		walk->component[length] = '\0';
	}
	return true;
}

/* Puts a link's target before what is left. */
static int push_target(struct walk *walk, const char *target, size_t length)
{
	const char *left = walk->rest + walk->position;
	const size_t left_length = strlen(left);

	if (length == 0) {
		return -ENOENT;
	}
	if (length + left_length >= sizeof(walk->rest)) {
		return -ENAMETOOLONG;
	}
	memmove(walk->rest + length, left, left_length + 1);
	memcpy(walk->rest, target, length);
	walk->position = 0;
	if (target[0] == '/') {
		walk_to(walk, anchors_get()->root, false);
	}
	return 0;
}

/* The process that a folder on /proc belongs to, or 0. */
static pid_t process_at(const struct walk *walk)
{
	char name[PATH_MAX];
	struct proc_entry entry;
	const struct fd_text number = fd_text_of(walk->at);
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, name, sizeof(name) - 1);

	if (length <= 0) {
		return 0;
	}
	name[length] = '\0';
	return proc_entry_parse(&entry, walk->request->call, name) ? entry.pid : 0;
}

/*
 * What a process may always do with what is its own below /proc, others may not: then
 * the caller's credentials are put off for a moment. True if they were.
 */
static bool put_credentials_off(const struct walk *walk)
{
	struct stat status;

	if (!walk->request->call->has_own_credentials || fstat(walk->at, &status) < 0 ||
		status.st_dev != anchors_get()->proc_device) {
		return false;
	}
	const pid_t pid = process_at(walk);

	if (pid == 0 || proc_owner_of(walk->request->call, pid) != PROC_CALLER) {
		return false;
	}
	credentials_drop();
	return true;
}

/* Hands a result on, or -EACCES if it cannot have the caller's credentials again. */
static int put_credentials_on(const struct walk *walk, int fd)
{
	if (credentials_take(walk->request->call->tid)) {
		return fd;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return -EACCES;
}

/* True if it stands in the folder of a process' descriptors, or of what is told of them. */
static bool is_at_descriptors(const struct walk *walk)
{
	char name[PATH_MAX];
	struct stat status;

	if (fstat(walk->at, &status) < 0 ||
		status.st_dev != anchors_get()->proc_device) {
		return false;
	}
	const struct fd_text number = fd_text_of(walk->at);
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, name, sizeof(name) - 1);

	if (length <= 0) {
		return false;
	}
	name[length] = '\0';
	const char *last = strrchr(name, '/');

	return last && (strcmp(last, "/fd") == 0 || strcmp(last, "/fdinfo") == 0);
}

/* Notes on path whose magic link is followed; false if it must not be. */
static bool note_crossing(struct walk *walk, enum proc_owner *owner)
{
	const pid_t pid = process_at(walk);

	*owner = pid == 0 ? PROC_OTHER : proc_owner_of(walk->request->call, pid);
	if (*owner == PROC_SUPERVISOR) {
		walk->path->is_ours = true;
		return false;
	}
	if (pid == 0) {
		walk->path->is_foreign_proc = true;
		return false;
	}
	walk->path->has_jumped = true;
	walk->path->holder = is_at_descriptors(walk) ? pid : 0;
	walk->path->held_number = atoi(walk->component);
	if (*owner == PROC_OTHER) {
		walk->path->through = pid;
	}
	return true;
}

/* Follows a magic link to its very object. */
static int jump(struct walk *walk)
{
	enum proc_owner owner = PROC_OTHER;

	if (!note_crossing(walk, &owner)) {
		return -EACCES;
	}
	const bool is_off = put_credentials_off(walk);
	int fd = openat(walk->at, walk->component, O_PATH | O_CLOEXEC);

	fd = fd < 0 ? -errno : fd;
	if (is_off) {
		fd = put_credentials_on(walk, fd);
	}
	if (fd < 0) {
		return fd;
	}
	walk_to(walk, fd, true);
	return 0;
}

/* /proc/self and /proc/thread-self name the caller. */
static int push_self(struct walk *walk, bool is_thread)
{
	const struct call *call = walk->request->call;
	char target[64];
	struct stat status;

	if (fstat(walk->at, &status) < 0 ||
		status.st_dev != anchors_get()->proc_device) {
		walk->path->is_foreign_proc = true;
		return -EACCES;
	}
	const int length =
		is_thread ? snprintf(target, sizeof(target), "%d/task/%d",
				    (int)call->pid, (int)call->tid)
			  : snprintf(target, sizeof(target), "%d", (int)call->pid);

	return push_target(walk, target, (size_t)length);
}

static int push_text(struct walk *walk, int link)
{
	char target[PATH_MAX];
	const ssize_t length = readlinkat(link, "", target, sizeof(target));

	if (length < 0) {
		return -errno;
	}
	return length == PATH_MAX ? -ENAMETOOLONG
				  : push_target(walk, target, (size_t)length);
}

static int follow_proc_link(struct walk *walk, int link)
{
	struct stat status;

	if (fstat(walk->at, &status) < 0) {
		return -errno;
	}
	if (status.st_ino != PROC_ROOT_INODE) {
		const bool is_off = put_credentials_off(walk);
		int probe =
			path_open(walk->at, walk->component, 0, RESOLVE_NO_MAGICLINKS);

		if (is_off) {
			probe = put_credentials_on(walk, probe);
		}
		if (probe == -ELOOP) {
			return walk->request->resolve & RESOLVE_NO_MAGICLINKS
				       ? -ELOOP
				       : jump(walk);
		}
		if (probe >= 0) {
			(void)close(probe);
		}
		return push_text(walk, link);
	}
	if (strcmp(walk->component, "self") == 0) {
		return push_self(walk, false);
	}
	if (strcmp(walk->component, "thread-self") == 0) {
		return push_self(walk, true);
	}
	return push_text(walk, link);
}

/*
 * fs.protected_symlinks is enforced where a link is followed by the kernel: let it
 * follow this one, to learn whether it would.
 */
static bool is_protected(const struct walk *walk)
{
	struct stat status;

	if (fstat(walk->at, &status) < 0) {
		return true;
	}
	if ((status.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH)) {
		return false;
	}
	const int probe = openat(walk->at, walk->component, O_PATH | O_CLOEXEC);

	if (probe >= 0) {
		(void)close(probe);
	}
	return probe < 0 && errno == EACCES;
}

static int follow_link(struct walk *walk, int link)
{
	struct statfs system;

	if (++walk->links > LINKS_MAX) {
		return -ELOOP;
	}
	if (fstatfs(link, &system) < 0) {
		return -errno;
	}
	if ((uint32_t)system.f_flags & MOUNT_NO_LINKS) {
		return -ELOOP;
	}
	if (system.f_type == PROC_SUPER_MAGIC) {
		return follow_proc_link(walk, link);
	}
	return is_protected(walk) ? -EACCES : push_text(walk, link);
}

/* Hands out the descriptor on which the walk stands. */
static int release(struct walk *walk)
{
	if (walk->owns_at) {
		walk->owns_at = false;
		return walk->at;
	}
	const int fd = openat(walk->at, ".", O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The folder and the last component are what is wanted. */
static int end_at_entry(struct walk *walk)
{
	const int folder = release(walk);

	return folder < 0 ? folder
			  : path_set_entry(walk->path, folder, NULL, walk->text,
				    walk->has_slash);
}

/* What O_CREAT will create; it may have appeared in this moment. */
static int end_at_missing(struct walk *walk)
{
	const int result = end_at_entry(walk);

	if (result < 0 || walk->path->is_missing) {
		return result;
	}
	return walk->path->last_error < 0 ? walk->path->last_error : -EAGAIN;
}

static int end_at_object(struct walk *walk)
{
	const int fd = release(walk);

	if (fd < 0) {
		return fd;
	}
	const int result = path_set_object(walk->path, fd, NULL);

	if (result < 0) {
		return result;
	}
	const bool wants_folder =
		(walk->request->flags & PATH_FOLDER) || walk->has_slash;

	return wants_folder && !S_ISDIR(walk->path->status.st_mode) ? -ENOTDIR : 0;
}

/* The next component itself, wherever it leads; the descriptor or a negative errno. */
static int open_component(const struct walk *walk)
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(walk->at, walk->component, flags);

	if (fd >= 0) {
		return fd;
	}
	/* Of all folders, these alone are open to a process whatever it has become. */
	const int failed = errno;

	if (failed != EACCES || !is_at_descriptors(walk) ||
		!put_credentials_off(walk)) {
		return -failed;
	}
	fd = openat(walk->at, walk->component, flags);
	return put_credentials_on(walk, fd < 0 ? -errno : fd);
}

/* What is wrong with a component, unless nothing can be looked up where it stands. */
static int fails_below(const struct walk *walk, int failure)
{
	const int searched = path_check_search(walk->at);

	return searched < 0 ? searched : failure;
}

/* Steps over one component. */
static int step(struct walk *walk)
{
	const unsigned flags = walk->request->flags;
	struct stat status;

	if (walk->text.length > NAME_MAX) {
		return fails_below(walk, -ENAMETOOLONG);
	}
	const int next = open_component(walk);

	if (next < 0) {
		return next;
	}
	if (fstat(next, &status) < 0) {
		(void)close(next);
		return -EACCES;
	}
	const bool stays =
		walk->is_last && !walk->has_slash && (flags & PATH_NO_FOLLOW);

	if (!S_ISLNK(status.st_mode) || stays) {
		walk_to(walk, next, true);
		return 0;
	}
	const int result = follow_link(walk, next);

	(void)close(next);
	return result;
}

static bool is_dots(const struct walk *walk)
{
	return text_equal_string(walk->text, ".") ||
	       text_equal_string(walk->text, "..");
}

static int run(struct walk *walk)
{
	const unsigned flags = walk->request->flags;

	while (take_component(walk)) {
		if ((flags & PATH_ENTRY) && walk->is_last) {
			return end_at_entry(walk);
		}
		const bool creates =
			(flags & PATH_CREATE) && walk->is_last && !is_dots(walk);

		if (creates && walk->has_slash) {
			return fails_below(walk, -EISDIR);
		}
		const int result = step(walk);

		/* Nobody makes descriptors by name. */
		if (result == -ENOENT && creates && !is_at_descriptors(walk)) {
			return end_at_missing(walk);
		}
		if (result < 0) {
			return result;
		}
	}
	/* Nothing but slashes. */
	return flags & PATH_ENTRY ? end_at_entry(walk) : end_at_object(walk);
}

int path_walk(struct path *path, const struct path_request *request, int base)
{
	struct walk walk;

	walk.path = path;
	walk.request = request;
	walk.at = base;
	walk.owns_at = false;
	walk.position = 0;
	walk.links = 0;
	walk.has_slash = false;
	walk.text = (struct text){"", 0};
	memcpy(walk.rest, request->text, request->length);
	walk.rest[request->length] = '\0';
	const int result = run(&walk);

	if (walk.owns_at) {
		(void)close(walk.at);
	}
	return result;
}
