/* SPDX-License-Identifier: MIT */
/*
 * Programs that give up rights of their own accord must have given them up under Duenna
 * too, or be told that they cannot.
 */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
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

/* Browsers and service managers do so in every process that they start. */
static void try_with_a_filter(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_swapon, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
	const struct sockaddr_in allowed = {.sin_family = AF_INET,
		.sin_port = htons(arena.tcp_allowed),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
	show_text("swapon", swapon("nothing", 0) < 0 ? strerror(errno) : "done");
	show_text("connect",
		connect(fd, (const struct sockaddr *)&allowed, sizeof(allowed)) < 0
			? strerror(errno)
			: "done");
	show_text("write",
		open("file", O_WRONLY | O_CREAT, 0600) < 0 ? strerror(errno) : "done");
}

static void control_own_filter(const struct attack *attack)
{
	(void)attack;
	run_in_child(try_with_a_filter);
	(void)unlink("file");
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"files_given_up", EFFECT_NONE, 0, "openat mkdir unlink", control_files_given_up, NULL},
	{"own_filter", EFFECT_NONE, 0, "connect openat", control_own_filter, NULL},
	{NULL},
};
/* clang-format on */

void sandbox_controls(void)
{
	attack_add_rows("control_sandbox", rows);
}
