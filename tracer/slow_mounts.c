/* SPDX-License-Identifier: MIT */
#include "tracer/slow_mounts.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "tracer/anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The beginnings of file systems' types: "fuse.sshfs", "nfs4" … */
static const char *const slow_types[] = {"9p", "afs", "autofs", "beegfs", "ceph",
	"cifs", "coda", "fuse", "lustre", "nfs", "smb", "vboxsf", "virtiofs"};

static struct {
	char **names;
	size_t count;
} mounts;

static struct {
	int fd, stop_fd;
	bool is_running;
	pthread_t thread;
} watcher;

static atomic_bool is_stale;

static void names_free(void)
{
	for (size_t i = 0; i < mounts.count; i++) {
		free(mounts.names[i]);
	}
	free(mounts.names);
	mounts.names = NULL;
	mounts.count = 0;
}

static bool is_slow_type(const char *type)
{
	for (size_t i = 0; i < sizeof(slow_types) / sizeof(slow_types[0]); i++) {
		if (strncmp(type, slow_types[i], strlen(slow_types[i])) == 0) {
			return true;
		}
	}
	return false;
}

static void name_add(char *name)
{
	text_unescape_octal(name);
	/* What systemd mounts there on demand waits for no server. */
	if (strncmp(name, "/proc/", 6) == 0) {
		return;
	}
	mounts.names =
		xreallocarray(mounts.names, mounts.count + 1, sizeof(mounts.names[0]));
	mounts.names[mounts.count++] = xstrdup(name);
}

/* proc_pid_mountinfo(5): the mount point is the fifth field, the type the first after -. */
static void line_read(char *line)
{
	char *rest = line;
	char *name = NULL;

	for (int field = 0; field < 5 && rest != NULL; field++) {
		name = strsep(&rest, " ");
	}
	char *type = rest != NULL ? strstr(rest, " - ") : NULL;
	if (type != NULL && is_slow_type(type + 3)) {
		name_add(name);
	}
}

static void mounts_read(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	names_free();
	while (file != NULL && getline(&line, &size, file) > 0) {
		line_read(line);
	}
	free(line);
	if (file != NULL) {
		(void)fclose(file);
	}
}

static void *watcher_main(void *nothing)
{
	struct pollfd sources[] = {
		{.fd = watcher.fd, .events = POLLPRI},
		{.fd = watcher.stop_fd, .events = POLLIN},
	};

	(void)nothing;
	while (sources[1].revents == 0) {
		if (poll(sources, 2, -1) > 0 && sources[0].revents != 0) {
			atomic_store(&is_stale, true);
		}
	}
	return NULL;
}

bool slow_mounts_start(struct error *err)
{
	sigset_t all;
	sigset_t before;

	watcher.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	watcher.stop_fd = eventfd(0, EFD_CLOEXEC);
	if (watcher.fd < 0 || watcher.stop_fd < 0) {
		return error_set(err, errno, "watch mounts: %s", strerror(errno));
	}
	atomic_store(&is_stale, true);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = pthread_create(&watcher.thread, NULL, watcher_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	watcher.is_running = failure == 0;
	return watcher.is_running ||
	       error_set(err, failure, "cannot start a thread: %s", strerror(failure));
}

void slow_mounts_stop(void)
{
	static const uint64_t one = 1;

	if (!watcher.is_running) {
		return;
	}
	(void)!write(watcher.stop_fd, &one, sizeof(one));
	pthread_join(watcher.thread, NULL);
	close(watcher.fd);
	close(watcher.stop_fd);
	watcher.is_running = false;
	atomic_store(&is_stale, false);
	names_free();
}

bool slow_mounts_exist(void)
{
	if (atomic_load_explicit(&is_stale, memory_order_relaxed)) {
		atomic_store(&is_stale, false);
		mounts_read();
	}
	return mounts.count > 0;
}

bool slow_mounts_have(const char *name)
{
	for (size_t i = 0; i < mounts.count; i++) {
		size_t length = strlen(mounts.names[i]);
		bool is_root = length == 1;
		if (is_root || (strncmp(name, mounts.names[i], length) == 0 &&
				       (name[length] == '/' || name[length] == '\0'))) {
			return true;
		}
	}
	return false;
}

enum { LINKS_MAX = 40, REST_SIZE = 2 * PATH_MAX };

/* What was walked, without links, and what is still to be walked. */
struct look {
	char name[PATH_MAX];
	size_t length;
	char rest[REST_SIZE];
	int links;
};

/* Takes the next component over into the name; false if there is none that fits. */
static bool look_step(struct look *look)
{
	char *rest = look->rest + strspn(look->rest, "/");
	size_t length = strcspn(rest, "/");

	if (length == 0 || look->length + 1 + length >= sizeof(look->name)) {
		return false;
	}
	if (length == 2 && memcmp(rest, "..", 2) == 0) {
		while (look->length > 0 && look->name[--look->length] != '/') {
		}
	} else if (length != 1 || rest[0] != '.') {
		look->name[look->length++] = '/';
		memcpy(look->name + look->length, rest, length);
		look->length += length;
	}
	look->name[look->length] = '\0';
	memmove(look->rest, rest + length, strlen(rest + length) + 1);
	return true;
}

/* Where the name leads if it is a link: its length; 0 if it is none. */
static size_t link_read(
	const struct look *look, const struct call *call, char target[PATH_MAX])
{
	if (strcmp(look->name, "/proc/self") == 0) {
		return (size_t)snprintf(target, PATH_MAX, "%d", (int)call->pid);
	}
	if (strcmp(look->name, "/proc/thread-self") == 0) {
		return (size_t)snprintf(
			target, PATH_MAX, "%d/task/%d", (int)call->pid, (int)call->tid);
	}
	const ssize_t length =
		readlinkat(anchors_get()->root, look->name + 1, target, PATH_MAX - 1);

	return length > 0 ? (size_t)length : 0;
}

/* The link's target takes its place; false if that is too long. */
static bool look_follow(struct look *look, const char *target, size_t length)
{
	size_t rest_length = strlen(look->rest);

	if (++look->links > LINKS_MAX ||
		length + rest_length + 1 > sizeof(look->rest)) {
		return false;
	}
	memmove(look->rest + length, look->rest, rest_length + 1);
	memcpy(look->rest, target, length);
	while (look->length > 0 && look->name[--look->length] != '/') {
	}
	if (target[0] == '/') {
		look->length = 0;
	}
	look->name[look->length] = '\0';
	return true;
}

bool slow_mounts_are_behind(const struct call *call, const char *name)
{
	char target[PATH_MAX];
	struct look look;

	look.length = 0;
	look.links = 0;
	look.name[0] = '\0';
	(void)snprintf(look.rest, sizeof(look.rest), "%s", name);
	while (look_step(&look)) {
		if (slow_mounts_have(look.name)) {
			return true;
		}
		const size_t length =
			look.length > 0 ? link_read(&look, call, target) : 0;
		if (length > 0 && !look_follow(&look, target, length)) {
			return false;
		}
	}
	return false;
}
