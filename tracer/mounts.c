/* SPDX-License-Identifier: MIT */
#include "tracer/mounts.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	uint64_t mark; /* of its name, never 0 */
};

static struct {
	struct mount *all;
	size_t count;
	struct number {
		uint64_t number;
		bool is_closed;
	} * numbers; /* of these and all others */
	size_t number_count;
} mounts;

static atomic_uint kinds_found;				  /* of all of them */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* for mounts */

static int changes_fd = -1;
static atomic_bool is_read; /* at least once */

static void mounts_free(void)
{
	for (size_t i = 0; i < mounts.count; i++) {
		free(mounts.all[i].name);
	}
	free(mounts.all);
	free(mounts.numbers);
	mounts.all = NULL;
	mounts.count = 0;
	mounts.numbers = NULL;
	mounts.number_count = 0;
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
	mounts.all[mounts.count++] = (struct mount){
		xstrdup(name), length, kinds, hash_text(HASH_START, text_of(name)) | 1};
	return kinds;
}

static void number_add(uint64_t number, const char *type)
{
	const bool is_fuse = type != NULL && strncmp(type, "fuse", 4) == 0;

	mounts.numbers = xreallocarray(
		mounts.numbers, mounts.number_count + 1, sizeof(mounts.numbers[0]));
	mounts.numbers[mounts.number_count++] = (struct number){
		number, is_fuse && strstr(type, ",allow_other") == NULL};
}

/*
 * proc_pid_mountinfo(5): the number is the first field, the mount point the fifth, the type
 * the first after -.
 */
static unsigned line_read(char *line)
{
	char *rest = line;
	char *name = NULL;

	const uint64_t number = strtoull(line, NULL, 10);
	for (int field = 0; field < 5 && rest != NULL; field++) {
		name = strsep(&rest, " ");
	}
	const char *type = rest != NULL ? strstr(rest, " - ") : NULL;
	number_add(number, type != NULL ? type + 3 : NULL);
	const unsigned kinds = type != NULL ? kinds_of(type + 3) : 0;
	return kinds != 0 ? mount_add(name, kinds) : 0;
}

static void mounts_read(void)
{
	char *line = NULL;
	size_t size = 0;
	unsigned kinds = 0;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	if (file == NULL) {
		return; /* what was known is better than nothing */
	}
	mounts_free();
	while (getline(&line, &size, file) > 0) {
		kinds |= line_read(line);
	}
	atomic_store(&kinds_found, kinds);
	free(line);
	(void)fclose(file);
}

void mounts_read_again(void)
{
	pthread_mutex_lock(&mutex);
	mounts_read();
	atomic_store(&is_read, true);
	pthread_mutex_unlock(&mutex);
}

bool mounts_start(struct error *err)
{
	changes_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (changes_fd < 0) {
		return error_set(err, errno, "watch mounts: %s", strerror(errno));
	}
	mounts_read_again();
	return true;
}

void mounts_stop(void)
{
	if (changes_fd < 0) {
		return;
	}
	close(changes_fd);
	changes_fd = -1;
	pthread_mutex_lock(&mutex);
	mounts_free();
	atomic_store(&is_read, false);
	pthread_mutex_unlock(&mutex);
}

int mounts_waker(void)
{
	return changes_fd;
}

void mounts_look(void)
{
	struct pollfd changes = {.fd = changes_fd, .events = POLLPRI};

	if (poll(&changes, 1, 0) > 0) {
		mounts_read_again();
	}
}

/* With the mutex held; NULL: it is not known. */
static const struct number *number_find(uint64_t number)
{
	for (size_t i = 0; i < mounts.number_count; i++) {
		if (mounts.numbers[i].number == number) {
			return &mounts.numbers[i];
		}
	}
	return NULL;
}

bool mounts_have_number(uint64_t number)
{
	pthread_mutex_lock(&mutex);
	const bool is_found = number_find(number) != NULL;

	pthread_mutex_unlock(&mutex);
	return is_found;
}

bool mounts_are_closed(uint64_t number)
{
	pthread_mutex_lock(&mutex);
	const struct number *found = number_find(number);
	const bool are_closed = found == NULL || found->is_closed;

	pthread_mutex_unlock(&mutex);
	return are_closed;
}

bool mounts_exist(enum mount_kind kind)
{
	if (!atomic_load_explicit(&is_read, memory_order_relaxed)) {
		mounts_read_again();
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

/* The mount of this kind that the name is in, or that is in the name: its mark; 0: none. */
static uint64_t mounts_find(
	enum mount_kind kind, const char *name, size_t length, bool is_below)
{
	uint64_t found = 0;

	if (!mounts_exist(kind)) {
		return 0;
	}
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < mounts.count && found == 0; i++) {
		const struct mount *mount = &mounts.all[i];
		const bool is_there = is_below ? is_at_or_below(mount->name,
							 mount->length, name, length)
					       : is_at_or_below(name, length,
							 mount->name, mount->length);
		if ((mount->kinds & KIND(kind)) != 0 && is_there) {
			found = mount->mark;
		}
	}
	pthread_mutex_unlock(&mutex);
	return found;
}

bool mounts_have(enum mount_kind kind, struct text name)
{
	return mounts_find(kind, name.bytes, name.length, false) != 0;
}

uint64_t mounts_mark(enum mount_kind kind, struct text name)
{
	return mounts_find(kind, name.bytes, name.length, false);
}

bool mounts_are_below(enum mount_kind kind, struct text folder)
{
	const size_t length = text_equal_string(folder, "/") ? 0 : folder.length;

	return mounts_find(kind, folder.bytes, length, true) != 0;
}
