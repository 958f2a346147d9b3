/* SPDX-License-Identifier: MIT */
#include "session/peer.h"

#include "base/xalloc.h"
#include "session/supervisor.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What /proc/PID/stat says of a process, from its state on; "" if nobody can tell. */
static void process_stat(pid_t pid, char *buffer, size_t size)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	size_t length = file != NULL ? fread(buffer, 1, size - 1, file) : 0;
	if (file != NULL) {
		(void)fclose(file);
	}
	buffer[length] = '\0';
	const char *after_name = strrchr(buffer, ')');
	size_t rest = after_name != NULL ? strlen(after_name + 1) : 0;
	memmove(buffer, after_name != NULL ? after_name + 1 : buffer, rest);
	buffer[rest] = '\0';
}

/* The parent of a process; 0: it has none here; -1: nobody can tell. */
static pid_t process_parent(pid_t pid)
{
	char stat[512];
	int parent = 0;
	process_stat(pid, stat, sizeof(stat));
	return sscanf(stat, " %*c %d", &parent) == 1 ? parent : -1;
}

char *peer_terminal(pid_t pid)
{
	enum { PTS_MAJOR_FIRST = 136, PTS_MAJOR_LAST = 143, MINORS_PER_MAJOR = 256 };
	char stat[512];
	int device = 0;
	process_stat(pid, stat, sizeof(stat));
	if (sscanf(stat, " %*c %*d %*d %*d %d", &device) != 1) {
		return NULL;
	}
	unsigned major_number = major((dev_t)(unsigned)device);
	if (major_number < PTS_MAJOR_FIRST || major_number > PTS_MAJOR_LAST) {
		return NULL;
	}
	return xasprintf(
		"/dev/pts/%u", (major_number - PTS_MAJOR_FIRST) * MINORS_PER_MAJOR +
				       minor((dev_t)(unsigned)device));
}

/* Also a process that left the tree's sight may not speak for the person. */
static bool is_of_tree(const struct supervisor *supervisor, pid_t pid)
{
	enum { GENERATIONS_MAX = 128 };
	for (int i = 0; i < GENERATIONS_MAX && pid > 1; i++) {
		if (tracer_has_process(supervisor->tracer, pid)) {
			return true;
		}
		pid = process_parent(pid);
	}
	return pid > 1 || pid < 0;
}

/* The tracer of a process; 0: it has none; -1: nobody can tell. */
static pid_t process_tracer(pid_t pid)
{
	char path[64];
	char line[256];
	int tracer = -1;
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	while (file != NULL && tracer < 0 && fgets(line, sizeof(line), file) != NULL) {
		(void)sscanf(line, "TracerPid: %d", &tracer);
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	return tracer;
}

/* Where a whole terminal is traced, so is the supervisor. */
static bool is_held(pid_t pid)
{
	pid_t tracer = process_tracer(pid);
	return tracer < 0 || (tracer != 0 && tracer != process_tracer(getpid()));
}

pid_t peer_admit(const struct supervisor *supervisor, int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);
	bool is_welcome =
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
		peer.uid == geteuid() && peer.pid > 0 &&
		!is_of_tree(supervisor, peer.pid) && !is_held(peer.pid);
	return is_welcome ? peer.pid : 0;
}
