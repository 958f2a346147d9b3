/* SPDX-License-Identifier: MIT */
/*
 * Attacks on Duenna: its database and the process that supervises. Natively another
 * process and another file stand in their places.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *database(void)
{
	return path_in(arena.store, "duenna.db");
}

static void run_store_read(const struct attack *attack)
{
	(void)attack;
	leak((int)need(open(database(), O_RDONLY), "open"));
}

static void run_store_read_log(const struct attack *attack)
{
	(void)attack;
	DIR *folder = opendir(arena.store);
	if (folder == NULL) {
		failed("opendir");
	}
	struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		leak(open(path_in(arena.store, entry->d_name), O_RDONLY));
	}
}

static void run_store_write(const struct attack *attack)
{
	int fd = (int)need(
		open(database(), O_WRONLY | (int)(intptr_t)attack->operation), "open");
	need(write(fd, "not a database any more", 23), "write");
}

static void run_store_truncate(const struct attack *attack)
{
	(void)attack;
	need(truncate(database(), 0), "truncate");
}

static void run_store_unlink(const struct attack *attack)
{
	(void)attack;
	need(unlink(database()), "unlink");
}

static void run_store_rename(const struct attack *attack)
{
	(void)attack;
	need(rename(database(), "stolen"), "rename");
}

static void run_store_replace(const struct attack *attack)
{
	(void)attack;
	write_file("own", "own database");
	need(rename("own", database()), "rename");
}

static void run_store_exchange(const struct attack *attack)
{
	(void)attack;
	need(mkdir("own", 0700), "mkdir");
	need(syscall(SYS_renameat2, AT_FDCWD, "own", AT_FDCWD, arena.store,
		     RENAME_EXCHANGE),
		"renameat2");
}

static void run_store_move_folder(const struct attack *attack)
{
	(void)attack;
	need(rename(arena.store, "moved"), "rename");
}

static void run_store_chmod(const struct attack *attack)
{
	(void)attack;
	need(chmod(database(), 0), "chmod");
}

static void run_store_link(const struct attack *attack)
{
	(void)attack;
	need(link(database(), "stolen"), "link");
	leak((int)need(open("stolen", O_RDONLY), "open"));
}

/* What the supervisor opens next is what a link in its place leads to. */
static void run_store_journal(const struct attack *attack)
{
	(void)attack;
	write_file(path_in(arena.store, "duenna.db-journal"), "own journal");
}

static void run_parent_kill(const struct attack *attack)
{
	need(kill(getppid(), (int)(intptr_t)attack->operation), "kill");
	usleep(50000);
	write_file("acted", "");
	usleep(100000);
}

static void run_parent_thread_kill(const struct attack *attack)
{
	char path[64];
	(void)attack;
	snprintf(path, sizeof(path), "/proc/%d/task", getppid());
	DIR *folder = opendir(path);
	if (folder == NULL) {
		failed("opendir");
	}
	struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		if (atoi(entry->d_name) > 0) {
			need(syscall(SYS_tgkill, getppid(), atoi(entry->d_name),
				     SIGKILL),
				"tgkill");
		}
	}
	usleep(50000);
}

static void run_parent_pidfd(const struct attack *attack)
{
	(void)attack;
	long fd = need(syscall(SYS_pidfd_open, getppid(), 0), "pidfd_open");
	need(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0), "pidfd_send_signal");
	usleep(50000);
}

/* The group of the command may be the one that the supervisor is in. */
static void run_parent_group(const struct attack *attack)
{
	(void)attack;
	need(kill(-getpgid(getppid()), SIGKILL), "kill");
	usleep(50000);
}

static void run_own_group(const struct attack *attack)
{
	(void)attack;
	signal(SIGTERM, SIG_IGN);
	if (getpgrp() != getpgid(getppid())) {
		not_applicable("a group of its own");
	}
	need(kill(0, SIGTERM), "kill");
	usleep(50000);
}

static void run_parent_attach(const struct attack *attack)
{
	(void)attack;
	need(ptrace(PTRACE_SEIZE, getppid(), 0, 0), "ptrace");
	need(ptrace(PTRACE_INTERRUPT, getppid(), 0, 0), "ptrace");
	write_file("acted", "");
	usleep(100000);
	kill(getppid(), SIGKILL);
}

static void stack_of_parent(unsigned long *start, unsigned long *end)
{
	char line[512], path[64];
	snprintf(path, sizeof(path), "/proc/%d/maps", getppid());
	FILE *maps = fopen(path, "re");
	if (maps == NULL) {
		failed(path);
	}
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (strstr(line, "[stack]") != NULL) {
			*start = strtoul(line, NULL, 16);
			*end = strtoul(strchr(line, '-') + 1, NULL, 16);
		}
	}
	fclose(maps);
}

/* Overwrites the stack with nonsense. */
static void run_parent_memory(const struct attack *attack)
{
	static char nonsense[1 << 14];
	unsigned long start = 0, end = 0;
	char path[64];
	(void)attack;
	stack_of_parent(&start, &end);
	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	int fd = (int)need(open(path, O_WRONLY), path);
	memset(nonsense, 0xfe, sizeof(nonsense));
	need(pwrite(fd, nonsense, sizeof(nonsense), (off_t)(end - sizeof(nonsense))),
		"pwrite");
}

static void run_parent_writev(const struct attack *attack)
{
	static char nonsense[1 << 14];
	unsigned long start = 0, end = 0;
	(void)attack;
	stack_of_parent(&start, &end);
	memset(nonsense, 0xfe, sizeof(nonsense));
	struct iovec here = {nonsense, sizeof(nonsense)};
	struct iovec there = {(void *)(end - sizeof(nonsense)), sizeof(nonsense)};
	need(process_vm_writev(getppid(), &here, 1, &there, 1, 0), "process_vm_writev");
}

static void acted(void)
{
	write_file("acted", "");
	usleep(100000);
}

static void run_parent_limit(const struct attack *attack)
{
	struct rlimit limit = {5, 5};
	need(prlimit(getppid(), (enum __rlimit_resource)(intptr_t)attack->operation,
		     &limit, NULL),
		"prlimit");
	acted();
}

static void run_parent_priority(const struct attack *attack)
{
	(void)attack;
	need(setpriority(PRIO_PROCESS, (id_t)getppid(), 19), "setpriority");
	acted();
}

static void run_parent_affinity(const struct attack *attack)
{
	cpu_set_t one;
	(void)attack;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		not_applicable("one processor");
	}
	need(sched_setaffinity(getppid(), sizeof(one), &one), "sched_setaffinity");
	acted();
}

/* First in line when memory runs out. */
static void run_parent_score(const struct attack *attack)
{
	char path[64];
	(void)attack;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", getppid());
	int fd = (int)need(open(path, O_WRONLY), path);
	need(write(fd, "1000", 4), "write");
	acted();
}

#define VALUE(number) ((const void *)(uintptr_t)(number))

/* clang-format off */
static const struct attack_row rows[] = {
	{"store_read", EFFECT_SECRET, 0, "open", run_store_read, NULL},
	{"store_read_all", EFFECT_SECRET, 0, "open", run_store_read_log, NULL},
	{"store_write", EFFECT_SUPERVISOR, 0, "open", run_store_write, VALUE(0)},
	{"store_write_truncate", EFFECT_SUPERVISOR, 0, "open", run_store_write, VALUE(O_TRUNC)},
	{"store_append", EFFECT_SUPERVISOR, 0, "open", run_store_write, VALUE(O_APPEND)},
	{"store_truncate", EFFECT_SUPERVISOR, 0, "truncate", run_store_truncate, NULL},
	{"store_unlink", EFFECT_SUPERVISOR, 0, "unlink", run_store_unlink, NULL},
	{"store_rename", EFFECT_SUPERVISOR, 0, "rename", run_store_rename, NULL},
	{"store_replace", EFFECT_SUPERVISOR, 0, "rename", run_store_replace, NULL},
	{"store_exchange", EFFECT_SUPERVISOR, 0, "renameat2", run_store_exchange, NULL},
	{"store_move_folder", EFFECT_SUPERVISOR, 0, "rename", run_store_move_folder, NULL},
	{"store_chmod", EFFECT_SUPERVISOR, 0, "chmod", run_store_chmod, NULL},
	{"store_link", EFFECT_SECRET, 0, "link", run_store_link, NULL},
	{"store_journal", EFFECT_SUPERVISOR, 0, "open", run_store_journal, NULL},
	{"parent_kill", EFFECT_SUPERVISOR, 0, "kill", run_parent_kill, VALUE(SIGKILL)},
	{"parent_terminate", EFFECT_SUPERVISOR, 0, "kill", run_parent_kill, VALUE(SIGTERM)},
	{"parent_stop", EFFECT_SUPERVISOR, 0, "kill", run_parent_kill, VALUE(SIGSTOP)},
	{"parent_thread_kill", EFFECT_SUPERVISOR, 0, "tgkill", run_parent_thread_kill, NULL},
	{"parent_pidfd", EFFECT_SUPERVISOR, 0, "pidfd_send_signal", run_parent_pidfd, NULL},
	{"parent_group", EFFECT_SUPERVISOR, 0, "kill", run_parent_group, NULL},
	{"own_group", EFFECT_SUPERVISOR, 0, "kill", run_own_group, NULL},
	{"parent_attach", EFFECT_SUPERVISOR, 0, "ptrace", run_parent_attach, NULL},
	{"parent_memory", EFFECT_SUPERVISOR, 0, "open", run_parent_memory, NULL},
	{"parent_writev", EFFECT_SUPERVISOR, 0, "process_vm_writev", run_parent_writev, NULL},
	{"parent_limit_files", EFFECT_SUPERVISOR, 0, "prlimit64", run_parent_limit, VALUE(RLIMIT_NOFILE)},
	{"parent_limit_time", EFFECT_SUPERVISOR, 0, "prlimit64", run_parent_limit, VALUE(RLIMIT_CPU)},
	{"parent_priority", EFFECT_SUPERVISOR, 0, "setpriority", run_parent_priority, NULL},
	{"parent_affinity", EFFECT_SUPERVISOR, 0, "sched_setaffinity", run_parent_affinity, NULL},
	{"parent_score", EFFECT_SUPERVISOR, 0, "open", run_parent_score, NULL},
	{NULL},
};
/* clang-format on */

void self_attacks(void)
{
	attack_add_rows("self", rows);
}
