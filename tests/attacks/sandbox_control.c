/* SPDX-License-Identifier: MIT */
/*
 * Programs that give up rights of their own accord must have given them up under Duenna
 * too, or be told that they cannot.
 */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* As xz and others do: without Landlock they go on, with it they rely on it. */
static bool give_up_files(void)
{
	const struct landlock_ruleset_attr handled = {
		.handled_access_fs =
			LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE,
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled,
		sizeof(handled.handled_access_fs), 0);
	if (ruleset < 0) {
		return false;
	}
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	need(syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock_restrict_self");
	return true;
}

static void try_what_was_given_up(void)
{
	static const char *const names[] = {"read", "write", "make", "remove"};
	bool has_given_up = give_up_files();
	bool can_read = open("file", O_RDONLY) >= 0;
	bool can_write = open("file", O_WRONLY) >= 0;
	bool can_make = mkdir("folder", 0755) == 0;
	bool can_remove = unlink("file") == 0;
	const bool keeps[] = {can_read, can_write, can_make, can_remove};

	for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
		show_text(names[i],
			has_given_up == keeps[i] ? "not as promised" : "as promised");
	}
}

static void control_files_given_up(const struct attack *attack)
{
	(void)attack;
	write_file("file", "text\n");
	run_in_child(try_what_was_given_up);
	(void)rmdir("folder");
	(void)unlink("file");
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"files_given_up", EFFECT_NONE, 0, "openat mkdir unlink", control_files_given_up, NULL},
	{NULL},
};
/* clang-format on */

void sandbox_controls(void)
{
	attack_add_rows("control_sandbox", rows);
}
