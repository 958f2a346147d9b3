/* SPDX-License-Identifier: MIT */
/*
 * Opening for reading what is known to be a plain file or folder, at once instead of
 * pinning it first and opening it after: half the system calls. What the real open gave
 * is what is judged and handed over. It is only tried on names that led to something
 * whose open has no effect of its own (no FIFO, no device, nothing that a server
 * answers for), so that it does no harm to open what is then denied; what came instead
 * meanwhile is put back and pinned the careful way.
 *
 * Names found plain are remembered by their hash until a call of the tree moves names.
 * So are names that led there through links, which are then followed again: what is
 * judged is where they lead now, by its own name. And so are names that nothing had,
 * which a compiler looks for in many folders: that nothing has them yet is told without
 * opening. While performers move names none is known, and none begins to before an open
 * has ended.
 *
 * Never opened so, nor for the supervisor's own sake, are files that it has open already:
 * closing them again would drop the locks that SQLite holds on them (fcntl(2)).
 */
#include "base/defence.h"
#include "base/error.h"
#include "base/keyed_hash.h"
#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { NAMES = 4096, DEVICES = 16, OWN_FILES_MAX = 64 };

static const uint32_t zfs_magic = 0x2fc12fc1;

static _Atomic uint64_t names[NAMES];
/* How often names were moved, and at this thread's present name. */
static _Atomic uint64_t generation = 1;
static _Thread_local uint64_t pinned_generation;
/* Who moves names, or is about to; and what these wait for: opens of what is known. */
static atomic_uint movers;
static pthread_rwlock_t opening = PTHREAD_RWLOCK_INITIALIZER;
/* Local file systems without a block device of their own; 0 where there is none. */
static _Atomic dev_t devices[DEVICES];

struct own_file {
	dev_t device;
	ino_t inode;
};

/* Filled before the first plain open, and not changed after. */
static struct hash_key key; /* or the tree could make one name pass for another */
static struct own_file own_files[OWN_FILES_MAX];
static size_t own_file_count;
static atomic_bool is_started, is_usable;
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

bool path_begin_moving(bool may_wait)
{
	(void)atomic_fetch_add(&movers, 1);
	const int failed = may_wait ? pthread_rwlock_wrlock(&opening)
				    : pthread_rwlock_trywrlock(&opening);

	if (failed == 0) {
		(void)pthread_rwlock_unlock(&opening);
	} else {
		(void)atomic_fetch_sub(&movers, 1);
	}
	return failed == 0;
}

void path_end_moving(void)
{
	(void)atomic_fetch_add(&generation, 1);
	(void)atomic_fetch_sub(&movers, 1);
}

static void end_opening(void)
{
	(void)pthread_rwlock_unlock(&opening);
}

/* False if names are moved at this moment; else they are not until it has ended. */
static bool begin_opening(void)
{
	if (pthread_rwlock_tryrdlock(&opening) != 0) {
		return false;
	}
	if (atomic_load(&movers) == 0 || defence_is_off(DEFENCE_NAME_ORDER)) {
		return true;
	}
	end_opening();
	return false;
}

void path_begin_pin(void)
{
	pinned_generation = atomic_load(&generation);
}

/* How a name led to what is plain, if it did; part of its hash. */
enum way { WAY_ITSELF, WAY_LINKS, WAY_MISSING, WAY_COUNT };

/* Of the name, as long as names are not moved. */
static uint64_t hash_of(const char *name, enum way way, uint64_t moment)
{
	struct hash_key own = key;

	own.words[0] ^= moment * WAY_COUNT + way;
	return keyed_hash(own, text_of(name));
}

static bool is_local(dev_t device)
{
	return major(device) != 0 ||
	       atomic_load_explicit(&devices[minor(device) % DEVICES],
		       memory_order_relaxed) == device;
}

static bool is_own(const struct stat *status)
{
	for (size_t i = 0; i < own_file_count; i++) {
		if (own_files[i].inode == status->st_ino &&
			own_files[i].device == status->st_dev) {
			return true;
		}
	}
	return false;
}

static bool is_plain(const struct stat *status)
{
	return (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)) &&
	       is_local(status->st_dev) && !is_own(status);
}

/* Handles (O_PATH) hold no locks, and are of what is looked at for the tree. */
static bool has_open(int folder, const char *number, struct stat *status)
{
	const int flags = fcntl(atoi(number), F_GETFL);

	return flags >= 0 && (flags & O_PATH) == 0 &&
	       fstatat(folder, number, status, 0) == 0 && S_ISREG(status->st_mode);
}

bool path_plain_start(void)
{
	const int folder = openat(anchors_get()->self_fd, ".", O_RDONLY | O_CLOEXEC);
	DIR *descriptors = folder < 0 ? NULL : fdopendir(folder);
	const struct dirent *entry;
	struct stat status;

	atomic_store(&is_usable, false);
	invariant(getrandom(&key, sizeof(key), 0) == (ssize_t)sizeof(key));
	own_file_count = 0;
	if (!descriptors) {
		atomic_store(&is_started, true);
		return false;
	}
	while ((entry = readdir(descriptors)) != NULL) {
		if (!has_open(folder, entry->d_name, &status) || is_own(&status)) {
			continue;
		}
		if (own_file_count == OWN_FILES_MAX) {
			break;
		}
		own_files[own_file_count++] =
			(struct own_file){status.st_dev, status.st_ino};
	}
	(void)closedir(descriptors);
	atomic_store(&is_usable, own_file_count < OWN_FILES_MAX);
	atomic_store(&is_started, true);
	return atomic_load(&is_usable);
}

/* True if it is known what the supervisor has open. */
static bool knows_own_files(void)
{
	if (!atomic_load(&is_started)) {
		pthread_mutex_lock(&starting);
		if (!atomic_load(&is_started)) {
			(void)path_plain_start();
		}
		pthread_mutex_unlock(&starting);
	}
	return atomic_load(&is_usable);
}

int path_open_regular(int handle, struct stat *status)
{
	const struct fd_text number = fd_text_of(handle);

	if (fstat(handle, status) < 0) {
		return -1;
	}
	if (!S_ISREG(status->st_mode) || !knows_own_files() || is_own(status)) {
		errno = EACCES;
		return -1;
	}
	return openat(anchors_get()->self_fd, number.text,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static void note_device(dev_t device, int fd)
{
	struct statfs system;

	if (is_local(device) || fstatfs(fd, &system) < 0) {
		return;
	}
	const uint32_t type = (uint32_t)system.f_type;

	if (type == TMPFS_MAGIC || type == OVERLAYFS_SUPER_MAGIC ||
		type == BTRFS_SUPER_MAGIC || type == zfs_magic) {
		atomic_store(&devices[minor(device) % DEVICES], device);
	}
}

/* What was found before names were moved says nothing of what is there now. */
static void remember(const char *name, enum way way)
{
	const uint64_t hash = hash_of(name, way, pinned_generation);

	atomic_store_explicit(&names[hash % NAMES], hash, memory_order_relaxed);
}

static void note(const struct path *path, const char *name, enum way way)
{
	if (path->is_proc || path->may_block || !atomic_load(&is_usable)) {
		return;
	}
	note_device(path->status.st_dev, path->fd);
	if (is_plain(&path->status)) {
		remember(name, way);
	}
}

void path_note_plain(const struct path *path)
{
	note(path, path->name, WAY_ITSELF);
}

void path_note_linked(const struct path *path, const char *text)
{
	note(path, text, WAY_LINKS);
}

static bool is_known(const char *name, enum way way)
{
	const uint64_t hash = hash_of(name, way, atomic_load(&generation));

	return atomic_load_explicit(&names[hash % NAMES], memory_order_relaxed) == hash;
}

static bool may_try(const struct path_request *request)
{
	return (request->flags & PATH_READ) != 0 &&
	       !request->call->has_own_credentials && !request->call->opens_itself &&
	       knows_own_files();
}

/* Opens for reading; true if it is plain. */
static bool try_open(struct path *path, const struct path_request *request,
	const char *name, uint64_t resolve)
{
	const struct open_how how = {
		.flags = request->opening | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = resolve,
	};
	const int fd =
		(int)syscall(SYS_openat2, anchors_get()->root, name, &how, sizeof(how));

	if (fd < 0) {
		return false;
	}
	if (fstat(fd, &path->status) < 0 || !is_plain(&path->status)) {
		if (!is_own(&path->status)) {
			(void)close(fd);
		}
		return false;
	}
	path->fd = fd;
	path->is_opened = true;
	return true;
}

/* Whether the name leads to what is plain, without opening it. */
static bool seems_plain(
	struct path *path, const struct path_request *request, const char *name)
{
	return !path_waits_by_link(request) &&
	       fstatat(anchors_get()->root, name, &path->status, AT_SYMLINK_NOFOLLOW) ==
		       0 &&
	       is_plain(&path->status);
}

bool path_open_plain(struct path *path, const struct path_request *request,
	const char *name, bool looks)
{
	if (!may_try(request) || !begin_opening()) {
		return false;
	}
	const bool is_opened = (is_known(name, WAY_ITSELF) ||
				       (looks && seems_plain(path, request, name))) &&
			       try_open(path, request, name, RESOLVE_NO_SYMLINKS);

	end_opening();
	if (is_opened) {
		path_set_name(path, name);
	}
	return is_opened;
}

bool path_is_linked(const char *text)
{
	return is_known(text, WAY_LINKS);
}

bool path_open_linked(struct path *path, const struct path_request *request)
{
	if (!may_try(request) || !begin_opening()) {
		return false;
	}
	const bool is_opened =
		is_known(request->text, WAY_LINKS) && !path_waits_by_link(request) &&
		try_open(path, request, request->text, RESOLVE_NO_MAGICLINKS);

	end_opening();
	return is_opened;
}

/* Nothing had the name, and nothing has it still. */
static bool is_missing_still(const struct path_request *request)
{
	struct stat status;

	return is_known(request->text, WAY_MISSING) && !path_waits_by_link(request) &&
	       fstatat(anchors_get()->root, request->text, &status,
		       AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT;
}

int path_open_clean(const struct path_request *request, uint64_t flags)
{
	if (is_missing_still(request)) {
		return -ENOENT;
	}
	const int fd = path_open(
		anchors_get()->root, request->text, flags, RESOLVE_NO_SYMLINKS);

	if (fd == -ENOENT) {
		remember(request->text, WAY_MISSING);
	}
	return fd;
}
