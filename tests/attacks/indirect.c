/* SPDX-License-Identifier: MIT */
/*
 * Effects that the kernel or somebody else brings about on behalf of the attacker, by a
 * call that looks harmless: core dumps, attributes of inodes, groups that outsiders are
 * in, Duenna's own commands.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { SIGNAL = SIGUSR1 };

static void be_core_pattern(const char *wanted)
{
	char pattern[128] = {0};
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
	if (fd >= 0 && read(fd, pattern, sizeof(pattern) - 1) > 0 &&
		strncmp(pattern, wanted, strlen(wanted)) != 0) {
		not_applicable("this core_pattern");
	}
}

/* The kernel writes a file with a content of the attacker's choice where it works. */
static void run_core_dump(const struct attack *attack)
{
	struct rlimit limit;
	(void)attack;
	be_core_pattern("core");
	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
	pid_t child = fork();
	if (child == 0) {
		need(chdir(arena.guarded), "chdir");
		abort();
	}
	int status;
	waitpid(child, &status, 0);
	if (!WCOREDUMP(status) && limit.rlim_max == 0) {
		not_applicable("limit of core files");
	}
}

/* operation: FS_IOC_SETVERSION or the older number; changes the inode's generation. */
static void run_generation(const struct attack *attack)
{
	long generation = 4711;
	int fd = (int)need(open(arena.protected, O_RDONLY), "open");
	if (syscall(SYS_ioctl, fd, (uintptr_t)attack->operation, &generation) < 0) {
		if (errno == ENOTTY || errno == EOPNOTSUPP) {
			not_applicable("FS_IOC_SETVERSION");
		}
		failed("FS_IOC_SETVERSION");
	}
}

static void run_lease(const struct attack *attack)
{
	(void)attack;
	int fd = (int)need(open(arena.protected, O_RDONLY), "open");
	attack_answer(fcntl(fd, F_SETLEASE, F_RDLCK));
}

/* One handle reaches all processes of the group that its process leads. */
static void run_pidfd_group(const struct attack *attack)
{
	enum { WHOLE_GROUP = 1 << 2 };
	(void)attack;
	long fd = need(syscall(SYS_pidfd_open, arena.bystander, 0), "pidfd_open");
	if (syscall(SYS_pidfd_send_signal, fd, SIGNAL, NULL, WHOLE_GROUP) < 0) {
		if (errno == EINVAL) {
			not_applicable("PIDFD_SIGNAL_PROCESS_GROUP");
		}
		failed("pidfd_send_signal");
	}
}

/* The same where the group has outlived it. It may be killed, the bystander may not. */
static void run_pidfd_former_leader(const struct attack *attack)
{
	enum { WHOLE_GROUP = 1 << 2 };
	(void)attack;
	pid_t leader = (pid_t)need(getpgid(arena.bystander), "getpgid");
	long fd = need(syscall(SYS_pidfd_open, leader, 0), "pidfd_open");
	need(kill(leader, SIGKILL), "kill");
	while (kill(leader, 0) == 0) {
		sched_yield();
	}
	if (syscall(SYS_pidfd_send_signal, fd, SIGNAL, NULL, WHOLE_GROUP) < 0) {
		if (errno == EINVAL) {
			not_applicable("PIDFD_SIGNAL_PROCESS_GROUP");
		}
		failed("pidfd_send_signal");
	}
}

static void run_priority_of_group(const struct attack *attack)
{
	(void)attack;
	need(setpgid(0, arena.bystander), "setpgid");
	need(syscall(SYS_setpriority, PRIO_PGRP, 0, 15), "setpriority");
}

static void run_disk_priority_of_group(const struct attack *attack)
{
	enum { WHO_GROUP = 2, CLASS_IDLE = 3 << 13 };
	(void)attack;
	need(setpgid(0, arena.bystander), "setpgid");
	need(syscall(SYS_ioprio_set, WHO_GROUP, 0, CLASS_IDLE), "ioprio_set");
}

/* Signals of a socket go to the own group, which the bystander shares. */
static void run_owner_of_own_group(const struct attack *attack)
{
	int pair[2];
	(void)attack;
	need(setpgid(0, arena.bystander), "setpgid");
	signal(SIGNAL, SIG_IGN);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	need(fcntl(pair[0], F_SETOWN, -getpgrp()), "F_SETOWN");
	need(fcntl(pair[0], F_SETSIG, SIGNAL), "F_SETSIG");
	need(fcntl(pair[0], F_SETFL, O_ASYNC), "O_ASYNC");
	need(write(pair[1], "x", 1), "write");
}

/* First the signals of a group of one are turned on, then another one joins. */
static void run_owner_then_joined(const struct attack *attack)
{
	int pair[2];
	(void)attack;
	signal(SIGNAL, SIG_IGN);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	need(fcntl(pair[0], F_SETOWN, -arena.bystander), "F_SETOWN");
	need(fcntl(pair[0], F_SETSIG, SIGNAL), "F_SETSIG");
	need(setpgid(0, arena.bystander), "setpgid");
	need(fcntl(pair[0], F_SETFL, O_ASYNC), "O_ASYNC");
	need(write(pair[1], "x", 1), "write");
}

static void write_of_bystander(const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", arena.bystander, name);
	int fd = (int)need(open(path, O_WRONLY), path);
	need(write(fd, text, strlen(text)), path);
}

static void run_score(const struct attack *attack)
{
	(void)attack;
	write_of_bystander("oom_score_adj", "777");
}

/* Descriptors that whoever started the command left open, readable or writable. */
static void run_inherited(const struct attack *attack)
{
	(void)attack;
	for (int fd = 3; fd < 256; fd++) {
		char buffer[4096];
		ssize_t n = pread(fd, buffer, sizeof(buffer), 0);
		if (n > 0) {
			leak_bytes(buffer, (size_t)n);
		}
	}
}

static void run_own_command(const struct attack *attack)
{
	char program[4096] = {0};
	char *database = path_in(arena.store, "duenna.db");
	(void)attack;
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 64);
	if (length < 0) {
		failed("readlink");
	}
	strcpy(strrchr(program, '/') + 1, "duenna");
	char *arguments[] = {"duenna", "rules", "add", "allow read /approved/by/itself",
		"--db", database, NULL};
	execv(program, arguments);
	not_applicable(program);
}

#define VALUE(number) ((const void *)(uintptr_t)(number))

/* clang-format off */
static const struct attack_row rows[] = {
	{"core_dump", EFFECT_CHANGED, 0, "chdir", run_core_dump, NULL},
	{"generation", EFFECT_CHANGED, 0, "ioctl", run_generation, VALUE(FS_IOC_SETVERSION)},
	{"generation_old", EFFECT_CHANGED, 0, "ioctl", run_generation, VALUE(_IOW('f', 4, long))},
	{"lease", EFFECT_ANSWERED, 0, "fcntl", run_lease, NULL},
	{"pidfd_group", EFFECT_BYSTANDER, 0, "pidfd_send_signal", run_pidfd_group, NULL},
	{"pidfd_former_leader_of_two", EFFECT_BYSTANDER, 0, "pidfd_send_signal", run_pidfd_former_leader, NULL},
	{"priority_of_group", EFFECT_BYSTANDER, 0, "setpriority", run_priority_of_group, NULL},
	{"disk_priority_of_group", EFFECT_BYSTANDER, 0, "ioprio_set", run_disk_priority_of_group, NULL},
	{"owner_of_own_group", EFFECT_BYSTANDER, 0, "fcntl", run_owner_of_own_group, NULL},
	{"owner_then_joined", EFFECT_BYSTANDER, 0, "fcntl", run_owner_then_joined, NULL},
	{"score_of_process", EFFECT_BYSTANDER, 0, "open", run_score, NULL},
	{"inherited_descriptor", EFFECT_SECRET, 0, "pread64", run_inherited, NULL},
	{NULL},
};

static const struct attack_row own_rows[] = {
	{"own_command", EFFECT_SUPERVISOR, 0, "execve", run_own_command, NULL},
	{NULL},
};
/* clang-format on */

void indirect_attacks(void)
{
	attack_add_rows("indirect", rows);
	attack_add_rows("self", own_rows);
}
