/* SPDX-License-Identifier: MIT */
/* Opening what every file call starts from. */
#include "tracer/anchors.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct anchors anchors;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool open_descriptors(void)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	struct stat status;

	anchors.root = open("/", flags);
	anchors.proc = open("/proc", flags);
	anchors.self_fd = open("/proc/self/fd", flags);
	anchors.self_task = open("/proc/self/task", flags);
	if (anchors.root < 0 || anchors.proc < 0 || anchors.self_fd < 0 ||
		anchors.self_task < 0 || fstat(anchors.proc, &status) < 0) {
		return false;
	}
	anchors.proc_device = status.st_dev;
	anchors.self = getpid();
	return true;
}

static bool find_memory_device(void)
{
	struct stat status;
	const int fd = memfd_create("duenna", MFD_CLOEXEC);

	if (fd < 0) {
		return false;
	}
	const bool found = fstat(fd, &status) == 0;

	(void)close(fd);
	anchors.memory_device = status.st_dev;
	return found;
}

static bool read_credentials(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	const int count = getgroups(OWN_GROUPS_MAX, anchors.groups);

	if (count < 0 || syscall(SYS_capget, &header, data) < 0) {
		return false;
	}
	anchors.group_count = (size_t)count;
	anchors.fsuid = (uid_t)setfsuid((uid_t)-1);
	anchors.fsgid = (gid_t)setfsgid((gid_t)-1);
	anchors.effective = data[0].effective | (uint64_t)data[1].effective << 32;
	anchors.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	anchors.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return true;
}

/* A sysctl's small number; 0 if there is none. */
static int read_setting(const char *name)
{
	char digit = '0';
	const int fd = openat(anchors.proc, name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!read(fd, &digit, 1);
		(void)close(fd);
	}
	return digit >= '0' && digit <= '9' ? digit - '0' : 0;
}

static void fill(void)
{
	anchors.ready =
		open_descriptors() && find_memory_device() && read_credentials();
	if (anchors.ready) {
		anchors.protected_regular = read_setting("sys/fs/protected_regular");
		anchors.protected_fifos = read_setting("sys/fs/protected_fifos");
	}
}

const struct anchors *anchors_get(void)
{
	(void)pthread_once(&once, fill);
	return &anchors;
}
