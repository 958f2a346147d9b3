/* SPDX-License-Identifier: MIT */
/*
 * Credentials by raw system calls, since the C library would change every thread of the
 * process. Only what differs is set: an ordinary user's supervisor has no right to set
 * anything, and needs none.
 */
#include "tracer/credentials.h"

#include "base/error.h"
#include "base/hash.h"
#include "tracer/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STATUS_SIZE = 16384 };

/*
 * Kept open, since a thread mostly asks several times about the same one. It means the
 * thread that it was opened for and no other: once that is gone, reading fails, whoever
 * has its number then.
 */
static _Thread_local struct {
	pid_t tid;
	int fd;
} kept_status = {.fd = -1};

void caller_status_forget(void)
{
	if (kept_status.fd >= 0) {
		(void)close(kept_status.fd);
	}
	kept_status.fd = -1;
}

static bool status_open(pid_t tid)
{
	char name[32];

	caller_status_forget();
	(void)snprintf(name, sizeof(name), "%d/status", (int)tid);
	kept_status.fd = openat(anchors_get()->proc, name, O_RDONLY | O_CLOEXEC);
	kept_status.tid = tid;
	return kept_status.fd >= 0;
}

static ssize_t status_text(pid_t tid, char *buffer, size_t size)
{
	ssize_t length = -1;

	if (kept_status.fd >= 0 && kept_status.tid == tid) {
		length = pread(kept_status.fd, buffer, size - 1, 0);
	}
	if (length <= 0 && status_open(tid)) {
		length = pread(kept_status.fd, buffer, size - 1, 0);
	}
	if (length > 0) {
		buffer[length] = '\0';
	}
	/* A full buffer may have been cut. */
	return length > 0 && (size_t)length < size - 1 ? length : -1;
}

/* The text after "\nNAME:", or NULL. */
static const char *field(const char *text, const char *label)
{
	const char *found = strstr(text, label);

	return found ? found + strlen(label) : NULL;
}

/* Of the lines Uid: and Gid:. */
enum id_kind { ID_REAL, ID_EFFECTIVE, ID_SAVED, ID_FILE_SYSTEM, ID_COUNT };

static bool ids_parse(const char *line, unsigned ids[ID_COUNT])
{
	char *end = NULL;

	if (!line) {
		return false;
	}
	for (int i = 0; i < ID_COUNT; i++) {
		ids[i] = (unsigned)strtoul(line, &end, 10);
		if (end == line) {
			return false;
		}
		line = end;
	}
	return true;
}

static bool parse_groups(const char *line, struct caller_status *status)
{
	if (!line) {
		return false;
	}
	status->group_count = 0;
	while (*line != '\n' && *line != '\0') {
		char *end = NULL;

		if (*line == ' ' || *line == '\t') {
			line++;
			continue;
		}
		const unsigned long group = strtoul(line, &end, 10);

		if (end == line || status->group_count == CALLER_GROUPS_MAX) {
			return false;
		}
		status->groups[status->group_count++] = (gid_t)group;
		line = end;
	}
	return true;
}

bool caller_real_ids_read(pid_t tid, uid_t *uid, gid_t *gid)
{
	char text[STATUS_SIZE];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	const char *users = field(text, "\nUid:");
	const char *groups = field(text, "\nGid:");

	if (!users || !groups) {
		return false;
	}
	*uid = (uid_t)strtoul(users, NULL, 10);
	*gid = (gid_t)strtoul(groups, NULL, 10);
	return true;
}

bool caller_ids_are_own(pid_t tid)
{
	char text[STATUS_SIZE];
	unsigned users[ID_COUNT];
	unsigned groups[ID_COUNT];
	uid_t own_users[3];
	gid_t own_groups[3];

	if (getresuid(&own_users[0], &own_users[1], &own_users[2]) < 0 ||
		getresgid(&own_groups[0], &own_groups[1], &own_groups[2]) < 0 ||
		status_text(tid, text, sizeof(text)) < 0 ||
		!ids_parse(field(text, "\nUid:"), users) ||
		!ids_parse(field(text, "\nGid:"), groups)) {
		return false;
	}
	return memcmp(users, own_users, sizeof(own_users)) == 0 &&
	       memcmp(groups, own_groups, sizeof(own_groups)) == 0;
}

bool caller_credentials_hash(pid_t tid, uint64_t *hash)
{
	static const char *const labels[] = {"\nUid:", "\nGid:", "\nGroups:",
		"\nCapInh:", "\nCapPrm:", "\nCapEff:", "\nCapBnd:", "\nCapAmb:"};
	char text[STATUS_SIZE];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	*hash = HASH_START;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const char *line = field(text, labels[i]);

		if (!line) {
			return false;
		}
		*hash = hash_bytes(*hash, line, strcspn(line, "\n"));
	}
	return true;
}

bool caller_umask_read(pid_t tid, mode_t *mask)
{
	char text[STATUS_SIZE];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	const char *line = field(text, "\nUmask:");

	if (!line) {
		return false;
	}
	*mask = (mode_t)strtoul(line, NULL, 8) & 0777;
	return true;
}

static bool filters_read(pid_t tid, unsigned *count)
{
	char text[STATUS_SIZE];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	const char *line = field(text, "\nSeccomp_filters:");

	if (!line) {
		return false;
	}
	*count = (unsigned)strtoul(line, NULL, 10);
	return true;
}

bool caller_is_filtered_further(pid_t tid)
{
	unsigned own;
	unsigned count;

	return !filters_read(tid, &count) || !filters_read(anchors_get()->self, &own) ||
	       count > own + 1;
}

static bool limits_text(pid_t pid, char *buffer, size_t size)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%d/limits", (int)pid);
	const int fd = openat(anchors_get()->proc, name, O_RDONLY | O_CLOEXEC);
	const ssize_t length = fd < 0 ? -1 : pread(fd, buffer, size - 1, 0);

	if (fd >= 0) {
		(void)close(fd);
	}
	buffer[length > 0 ? length : 0] = '\0';
	return length > 0;
}

static bool limit_read(
	pid_t pid, __rlimit_resource_t resource, const char *label, uint64_t *limit)
{
	char text[STATUS_SIZE];
	struct rlimit limits;
	char *end = NULL;

	if (prlimit(pid, resource, NULL, &limits) == 0) {
		*limit = limits.rlim_cur;
		return true;
	}
	const char *line =
		limits_text(pid, text, sizeof(text)) ? field(text, label) : NULL;

	if (!line) {
		return false;
	}
	line += strspn(line, " ");
	if (strncmp(line, "unlimited", strlen("unlimited")) == 0) {
		*limit = RLIM_INFINITY;
		return true;
	}
	*limit = strtoull(line, &end, 10);
	return end != line;
}

bool caller_size_limit_read(pid_t pid, uint64_t *limit)
{
	return limit_read(pid, RLIMIT_FSIZE, "\nMax file size", limit);
}

/* How many numbers its table has, of which any may be free. */
static bool table_size_read(pid_t tid, uint64_t *size)
{
	char text[STATUS_SIZE];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	const char *line = field(text, "\nFDSize:");

	*size = line ? strtoull(line, NULL, 10) : 0;
	return line != NULL;
}

/* How many of the numbers below limit are in use. */
static uint64_t count_descriptors(pid_t tid, uint64_t limit)
{
	char name[32];
	uint64_t count = 0;
	const struct dirent *entry;

	(void)snprintf(name, sizeof(name), "%d/fd", (int)tid);
	const int fd =
		openat(anchors_get()->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	while (folder && (entry = readdir(folder)) != NULL) {
		count += entry->d_name[0] != '.' &&
			 strtoull(entry->d_name, NULL, 10) < limit;
	}
	if (folder) {
		(void)closedir(folder);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	return count;
}

bool caller_has_descriptors_left(pid_t tid, pid_t pid, unsigned wanted)
{
	char name[32];
	struct stat status;
	uint64_t limit = 0;
	uint64_t size = 0;

	if (!limit_read(pid, RLIMIT_NOFILE, "\nMax open files", &limit)) {
		return true;
	}
	(void)snprintf(name, sizeof(name), "%d/fd", (int)tid);
	/* Since Linux 6.2 it says how many there are; that costs least. */
	if (fstatat(anchors_get()->proc, name, &status, 0) == 0 && status.st_size > 0) {
		if ((uint64_t)status.st_size + wanted <= limit) {
			return true;
		}
	} else if (!table_size_read(tid, &size) || limit >= size + wanted) {
		return true;
	}
	return count_descriptors(tid, limit) + wanted <= limit;
}

bool caller_may_signal(pid_t tid, pid_t target, int sig)
{
	char text[STATUS_SIZE];
	unsigned own[ID_COUNT];
	unsigned ids[ID_COUNT];

	if (status_text(tid, text, sizeof(text)) < 0 ||
		!ids_parse(field(text, "\nUid:"), own)) {
		return false;
	}
	const char *effective = field(text, "\nCapEff:");

	if (effective &&
		(strtoull(effective, NULL, 16) & (UINT64_C(1) << CAP_KILL)) != 0) {
		return true;
	}
	if (sig == SIGCONT && getsid(tid) == getsid(target)) {
		return true;
	}
	return status_text(target, text, sizeof(text)) >= 0 &&
	       ids_parse(field(text, "\nUid:"), ids) &&
	       (own[ID_EFFECTIVE] == ids[ID_SAVED] ||
		       own[ID_EFFECTIVE] == ids[ID_REAL] ||
		       own[ID_REAL] == ids[ID_SAVED] || own[ID_REAL] == ids[ID_REAL]);
}

bool caller_status_read(pid_t tid, struct caller_status *status)
{
	char text[STATUS_SIZE];
	unsigned users[ID_COUNT];
	unsigned groups[ID_COUNT];

	if (status_text(tid, text, sizeof(text)) < 0) {
		return false;
	}
	const char *mask = field(text, "\nUmask:");
	const char *effective = field(text, "\nCapEff:");

	if (!mask || !effective || !ids_parse(field(text, "\nUid:"), users) ||
		!ids_parse(field(text, "\nGid:"), groups) ||
		!parse_groups(field(text, "\nGroups:"), status)) {
		return false;
	}
	status->fsuid = users[ID_FILE_SYSTEM];
	status->fsgid = groups[ID_FILE_SYSTEM];
	status->umask = (mode_t)strtoul(mask, NULL, 8) & 0777;
	status->effective = strtoull(effective, NULL, 16);
	return true;
}

static bool has_own_groups(const struct caller_status *status)
{
	const struct anchors *own = anchors_get();

	return status->group_count == own->group_count &&
	       memcmp(status->groups, own->groups,
		       own->group_count * sizeof(own->groups[0])) == 0;
}

bool credentials_are_own(const struct caller_status *status)
{
	const struct anchors *own = anchors_get();

	return status->fsuid == own->fsuid && status->fsgid == own->fsgid &&
	       status->effective == own->effective && has_own_groups(status);
}

static bool set_effective(uint64_t effective)
{
	const struct anchors *own = anchors_get();
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct data[2] = {
		{(uint32_t)effective, (uint32_t)own->permitted,
			(uint32_t)own->inheritable},
		{(uint32_t)(effective >> 32), (uint32_t)(own->permitted >> 32),
			(uint32_t)(own->inheritable >> 32)},
	};

	return syscall(SYS_capset, &header, data) == 0;
}

static bool set_ids(uid_t fsuid, gid_t fsgid)
{
	/* They report no failure: asking with an impossible id does. */
	(void)syscall(SYS_setfsgid, fsgid);
	(void)syscall(SYS_setfsuid, fsuid);
	return (gid_t)syscall(SYS_setfsgid, -1) == fsgid &&
	       (uid_t)syscall(SYS_setfsuid, -1) == fsuid;
}

bool credentials_take(pid_t tid)
{
	struct caller_status status;
	const struct anchors *own = anchors_get();

	if (!own->ready || !caller_status_read(tid, &status) ||
		(status.effective & ~own->permitted) != 0) {
		return false;
	}
	if (credentials_are_own(&status)) {
		return true;
	}
	const bool groups_set =
		has_own_groups(&status) ||
		syscall(SYS_setgroups, status.group_count, status.groups) == 0;

	if (groups_set && set_ids(status.fsuid, status.fsgid) &&
		set_effective(status.effective)) {
		return true;
	}
	credentials_drop();
	return false;
}

void credentials_drop(void)
{
	const struct anchors *own = anchors_get();

	/* First the capabilities: they are what allows the rest. */
	const bool dropped = set_effective(own->effective) &&
			     set_ids(own->fsuid, own->fsgid) &&
			     set_effective(own->effective);
	gid_t groups[OWN_GROUPS_MAX];
	const int count = getgroups(OWN_GROUPS_MAX, groups);

	invariant(dropped && count >= 0);
	if ((size_t)count != own->group_count ||
		memcmp(groups, own->groups, (size_t)count * sizeof(groups[0])) != 0) {
		invariant(syscall(SYS_setgroups, own->group_count, own->groups) == 0);
	}
}
