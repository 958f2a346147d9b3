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
	added = added && syscall(SYS_landlock_add_rule, ruleset,
				 LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return added;
}

bool sealed_reads_apply(const char *const *folders)
{
	const struct landlock_ruleset_attr attributes = {
		.handled_access_fs = READ_RIGHTS};
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	bool applied = ruleset >= 0;

	for (; applied && *folders; folders++) {
		applied = allow_reading(ruleset, *folders);
	}
	applied = applied && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0) {
		close(ruleset);
	}
	return applied;
}
