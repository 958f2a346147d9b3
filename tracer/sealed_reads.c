/* SPDX-License-Identifier: MIT */
#include "tracer/sealed_reads.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READ_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR };

/* LANDLOCK_ACCESS_FS_IOCTL_DEV: most drivers listen to whoever may read. */
enum { REQUEST_RIGHT = 1 << 15, REQUEST_VERSION = 5 };

/* Devices to which the tree's own terminal or its plain ones lead. */
static const char *const heard_devices[] = {"/dev/tty", "/dev/ptmx", "/dev/pts",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL};

static uint64_t request_right(void)
{
	const long version = syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return version >= REQUEST_VERSION ? REQUEST_RIGHT : 0;
}

static bool add_rule(int ruleset, struct landlock_path_beneath_attr *rule)
{
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule,
		       0) == 0;
}

static bool allow_requests(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = REQUEST_RIGHT,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (rule.parent_fd < 0) {
		return true;
	}
	const bool added = add_rule(ruleset, &rule);
	close(rule.parent_fd);
	return added;
}

/* landlock(7): a rule for a file may not name rights of folders. */
static bool allow_reading(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = READ_RIGHTS,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat status;

	if (rule.parent_fd < 0) {
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
	}
	bool added = fstat(rule.parent_fd, &status) == 0;
	if (added && !S_ISDIR(status.st_mode)) {
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	} else if (path[strlen(path) - 1] == '/') {
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_DIR;
	}
	added = added && add_rule(ruleset, &rule);
	close(rule.parent_fd);
	return added;
}

bool sealed_reads_apply(const char *const *folders)
{
	const uint64_t requests = request_right();
	const struct landlock_ruleset_attr attributes = {
		.handled_access_fs = READ_RIGHTS | requests};
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	bool applied = ruleset >= 0;

	for (; applied && *folders; folders++) {
		applied = allow_reading(ruleset, *folders);
	}
	for (int i = 0; requests != 0 && applied && heard_devices[i]; i++) {
		applied = allow_requests(ruleset, heard_devices[i]);
	}
	applied = applied && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0) {
		close(ruleset);
	}
	return applied;
}
