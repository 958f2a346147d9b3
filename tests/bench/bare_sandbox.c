/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own part of sealed reads: runs a command where Landlock lets it read below
 * some folders alone, under a filter that lets every call through, with nobody behind.
 * usage: bare_sandbox FOLDER... -- COMMAND [ARG...]
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct landlock_ruleset_attr handled = {
	.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
};

static bool folder_allow(int ruleset, const char *folder)
{
	const struct landlock_path_beneath_attr beneath = {
		.allowed_access = handled.handled_access_fs,
		.parent_fd = open(folder, O_PATH | O_CLOEXEC),
	};
	const bool is_added = syscall(SYS_landlock_add_rule, ruleset,
				      LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;

	(void)close(beneath.parent_fd);
	return is_added;
}

static bool filter_install(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int main(int argc, char **argv)
{
	const int ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	int i = 1;
	bool is_good = ruleset >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

	for (; is_good && i < argc && strcmp(argv[i], "--") != 0; i++) {
		is_good = folder_allow(ruleset, argv[i]);
	}
	if (i + 1 >= argc) {
		fputs("usage: bare_sandbox FOLDER... -- COMMAND [ARG...]\n", stderr);
		return 2;
	}
	if (!is_good || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0 ||
		!filter_install()) {
		perror("bare_sandbox");
		return 125;
	}
	(void)close(ruleset);
	(void)execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
