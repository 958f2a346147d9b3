/* SPDX-License-Identifier: MIT */
/* Where session sockets lie, and how a client gets to one. */
#include "base/hash.h"
#include "base/xalloc.h"
#include "session/protocol.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Others could answer in a folder that is not ours alone. */
static bool folder_is_ours(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
	       status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

static bool folder_make(const char *path, struct error *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		return error_set(
			err, errno, "make the folder %s: %s", path, strerror(errno));
	}
	if (!folder_is_ours(path)) {
		return error_set(err, ERROR_REFUSED,
			"the folder %s is not ours alone (it must have mode 0700)",
			path);
	}
	return true;
}

static bool folder_path(char *buffer, size_t size, struct error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char own[64];
	(void)snprintf(own, sizeof(own), "/run/user/%u", geteuid());
	int length;
	if (runtime != NULL && runtime[0] == '/') {
		length = snprintf(buffer, size, "%s/duenna", runtime);
	} else if (folder_is_ours(own)) {
		length = snprintf(buffer, size, "%s/duenna", own);
	} else {
		length = snprintf(buffer, size, "/tmp/duenna-%u", geteuid());
	}
	if (length < 0 || (size_t)length >= size) {
		return error_set(err, ENAMETOOLONG, "XDG_RUNTIME_DIR is too long");
	}
	if (!folder_make(buffer, err)) {
		return false;
	}
	/* Rules and messages know it by the name that the tree reaches it by. */
	char *canonical = realpath(buffer, NULL);
	if (canonical == NULL || strlen(canonical) >= size) {
		free(canonical);
		return error_set(err, ENAMETOOLONG, "XDG_RUNTIME_DIR is too long");
	}
	memcpy(buffer, canonical, strlen(canonical) + 1);
	free(canonical);
	return true;
}

/* Over the canonical path: it need only tell a person's own databases apart. */
static uint64_t database_hash(const char *database)
{
	char *canonical = realpath(database, NULL);
	const char *path = canonical != NULL ? canonical : database;
	const uint64_t hash = hash_text(HASH_START, text_of(path));
	free(canonical);
	return hash;
}

bool protocol_socket_path(const char *database, int64_t session, char *buffer,
	size_t size, struct error *err)
{
	if (!folder_path(buffer, size, err)) {
		return false;
	}
	if (session == 0) {
		return true;
	}
	size_t used = strlen(buffer);
	int length = snprintf(buffer + used, size - used,
		"/%" PRId64 "-%016" PRIx64 ".sock", session, database_hash(database));
	if (length < 0 || (size_t)length >= size - used) {
		return error_set(err, ENAMETOOLONG, "XDG_RUNTIME_DIR is too long");
	}
	return true;
}

int protocol_socket_connect(const char *database, int64_t session, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!protocol_socket_path(database, session, address.sun_path,
		    sizeof(address.sun_path), err)) {
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error_set(err, errno, "create a socket: %s", strerror(errno));
		return -1;
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		error_set(err, ERROR_NOT_FOUND, "session %" PRId64 " is not running",
			session);
		close(fd);
		return -1;
	}
	return fd;
}
