/* SPDX-License-Identifier: MIT */
#include "session/temporary.h"

#include "base/xalloc.h"
#include "session/recorded_places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name_prefix[] = "duenna-";
enum { RANDOM_LENGTH = 6, DEPTH_MAX = 200 };

enum { OPEN_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Root's tree may become others, who find their temporary files where they do natively. */
static mode_t folder_mode(void)
{
	return geteuid() == 0 ? S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO : S_IRWXU;
}

static bool folder_open_up(const char *path)
{
	const int fd = open(path, OPEN_FLAGS);
	const bool is_done = fd >= 0 && fchmod(fd, folder_mode()) == 0;
	if (fd >= 0) {
		close(fd);
	}
	return is_done;
}

char *temporary_make(struct error *err)
{
	const char *wish = getenv("TMPDIR");
	char *parent = realpath(wish != NULL && wish[0] == '/' ? wish : "/tmp", NULL);
	if (parent == NULL) {
		parent = xstrdup("/tmp");
	}
	char *path = xasprintf("%s/%sXXXXXX", parent, name_prefix);
	free(parent);
	if (mkdtemp(path) == NULL || !folder_open_up(path)) {
		error_set(err, errno, "make a temporary folder %s: %s", path,
			strerror(errno));
		free(path);
		return NULL;
	}
	return path;
}

int temporary_hold(const char *path)
{
	int fd = open(path, OPEN_FLAGS);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Empties the folder that fd is, on that device; takes fd. What stays, stays. */
// NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX
static void folder_empty(int fd, dev_t device, int depth)
{
	struct stat status;
	const struct dirent *entry;
	(void)fchmod(fd, S_IRWXU); /* caches make their folders read-only */
	DIR *folder = fdopendir(fd);
	if (folder == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
			unlinkat(fd, name, 0) == 0) {
			continue;
		}
		int below = openat(fd, name, OPEN_FLAGS);
		if (below < 0) {
			continue;
		}
		if (depth == DEPTH_MAX || fstat(below, &status) != 0 ||
			status.st_dev != device) {
			close(below);
			continue;
		}
		folder_empty(below, device, depth + 1);
		(void)unlinkat(fd, name, AT_REMOVEDIR);
	}
	(void)closedir(folder);
}

void temporary_remove(const char *path)
{
	struct stat status;
	int fd = open(path, OPEN_FLAGS);
	if (fd < 0) {
		return;
	}
	if (fstat(fd, &status) == 0 && status.st_uid == geteuid()) {
		folder_empty(fd, status.st_dev, 0);
		(void)rmdir(path);
	} else {
		close(fd);
	}
}

/* Only a name as temporary_make gives: whatever a database says. */
static bool is_name(const char *path)
{
	const char *name = strrchr(path, '/');
	size_t prefix = strlen(name_prefix);
	return name != NULL && strncmp(name + 1, name_prefix, prefix) == 0 &&
	       strlen(name + 1) == prefix + RANDOM_LENGTH;
}

/* Held: another session has the same name by chance, or is seen from elsewhere. */
static void leftover_remove(const char *path)
{
	struct stat status;
	int fd = is_name(path) ? temporary_hold(path) : -1;
	if (fd < 0) {
		return;
	}
	if (fstat(fd, &status) == 0 && (status.st_mode & ALLPERMS) == folder_mode()) {
		temporary_remove(path);
	}
	close(fd);
}

void temporaries_clear(struct db *db)
{
	struct session_record session;
	struct places places;
	struct error err = {0};
	if (!db_unended_begin(db, &err)) {
		return;
	}
	while (db_unended_next(db, &session, &err)) {
		if (!session_is_running(&session) &&
			recorded_places_read(&session, &places)) {
			leftover_remove(places.temporary);
			places_forget(&places);
		}
	}
}
