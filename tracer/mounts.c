/* SPDX-License-Identifier: MIT */
#include "tracer/mounts.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define KIND(kind) (1U << (kind))

enum {
	SLOW = KIND(MOUNT_SLOW),
	LOOSE = KIND(MOUNT_IGNORES_CASE),
	BOTH = SLOW | LOOSE,
};

/*
 * The beginnings of file systems' types ("fuse.sshfs", "nfs4", "ntfs3" …), the first that
 * fits counts. Of what lies behind a server nothing is known: a folder that Windows or
 * macOS shares takes no heed of case.
 */
static const struct {
	const char *type;
	unsigned kinds;
} types[] = {
	{"9p", BOTH},
	{"adfs", LOOSE},
	{"affs", LOOSE},
	{"afs", BOTH},
	{"apfs", LOOSE},
	{"autofs", SLOW},
	{"beegfs", SLOW},
	{"ceph", SLOW},
	{"cifs", BOTH},
	{"coda", SLOW},
	{"exfat", LOOSE},
	{"fuse", BOTH},
	{"hfs", LOOSE},
	{"hpfs", LOOSE},
	{"iso9660", LOOSE},
	{"jfs", LOOSE},
	{"lustre", SLOW},
	{"msdos", LOOSE},
	{"nfs", BOTH},
	{"ntfs", LOOSE},
	{"smb", BOTH},
	{"udf", LOOSE},
	{"umsdos", LOOSE},
	{"vboxsf", BOTH},
	{"vfat", LOOSE},
	{"virtiofs", BOTH},
};

struct mount {
	char *name;
	size_t length;
	unsigned kinds;
};

static struct {
	struct mount *all;
	size_t count;
} mounts;

static atomic_uint kinds_found;				  /* of all of them */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* for mounts */

static struct {
	int fd, stop_fd;
	bool is_running;
	pthread_t thread;
} watcher;

static atomic_bool is_stale = true;

static void mounts_free(void)
{
	for (size_t i = 0; i < mounts.count; i++) {
		free(mounts.all[i].name);
	}
	free(mounts.all);
	mounts.all = NULL;
	mounts.count = 0;
}

/* Options: " - TYPE SOURCE OPTIONS"; tmpfs says there that its folders may ignore case. */
static unsigned kinds_of(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strncmp(type, types[i].type, strlen(types[i].type)) == 0) {
			return types[i].kinds;
		}
	}
	return strstr(type, ",casefold") != NULL ? LOOSE : 0;
}

/* Returns the kinds that it is of. */
static unsigned mount_add(char *name, unsigned kinds)
{
	text_unescape_octal(name);
	/* What systemd mounts there on demand waits for no server. */
	if (strncmp(name, "/proc/", 6) == 0) {
		return 0;
	}
	/* The root's own name counts as empty: what is below goes on with a slash. */
	const size_t length = strcmp(name, "/") == 0 ? 0 : strlen(name);
	mounts.all = xreallocarray(mounts.all, mounts.count + 1, sizeof(mounts.all[0]));
	mounts.all[mounts.count++] = (struct mount){xstrdup(name), length, kinds};
	return kinds;
}

/* proc_pid_mountinfo(5): the mount point is the fifth field, the type the first after -. */
static unsigned line_read(char *line)
{
	char *rest = line;
	char *name = NULL;

	for (int field = 0; field < 5 && rest != NULL; field++) {
		name = strsep(&rest, " ");
	}
	const char *type = rest != NULL ? strstr(rest, " - ") : NULL;
	const unsigned kinds = type != NULL ? kinds_of(type + 3) : 0;
	return kinds != 0 ? mount_add(name, kinds) : 0;
}

static void mounts_read(void)
{
	char *line = NULL;
	size_t size = 0;
	unsigned kinds = 0;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	mounts_free();
	while (file != NULL && getline(&line, &size, file) > 0) {
		kinds |= line_read(line);
	}
	atomic_store(&kinds_found, kinds);
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

bool mounts_start(struct error *err)
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

void mounts_stop(void)
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
	pthread_mutex_lock(&mutex);
	atomic_store(&is_stale, true);
	mounts_free();
	pthread_mutex_unlock(&mutex);
}

bool mounts_exist(enum mount_kind kind)
{
	if (atomic_load_explicit(&is_stale, memory_order_relaxed)) {
		pthread_mutex_lock(&mutex);
		if (atomic_exchange(&is_stale, false)) {
			mounts_read();
		}
		pthread_mutex_unlock(&mutex);
	}
	return (atomic_load_explicit(&kinds_found, memory_order_relaxed) &
		       KIND(kind)) != 0;
}

static bool is_at_or_below(
	const char *name, size_t length, const char *folder, size_t folder_length)
{
	return length >= folder_length && memcmp(name, folder, folder_length) == 0 &&
	       (length == folder_length || name[folder_length] == '/');
}

/* Whether there is a mount of this kind that the name is in, or that is in the name. */
static bool mounts_find(
	enum mount_kind kind, const char *name, size_t length, bool is_below)
{
	bool is_found = false;

	if (!mounts_exist(kind)) {
		return false;
	}
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < mounts.count && !is_found; i++) {
		const struct mount *mount = &mounts.all[i];
		const bool is_there = is_below ? is_at_or_below(mount->name,
							 mount->length, name, length)
					       : is_at_or_below(name, length,
							 mount->name, mount->length);
		is_found = (mount->kinds & KIND(kind)) != 0 && is_there;
	}
	pthread_mutex_unlock(&mutex);
	return is_found;
}

bool mounts_have(enum mount_kind kind, struct text name)
{
	return mounts_find(kind, name.bytes, name.length, false);
}

bool mounts_are_below(enum mount_kind kind, struct text folder)
{
	const size_t length = text_equal_string(folder, "/") ? 0 : folder.length;

	return mounts_find(kind, folder.bytes, length, true);
}
