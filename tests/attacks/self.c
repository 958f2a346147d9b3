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
#include <sys/socket.h>
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

/* Everything around it as well. */
static void run_store_move_above(const struct attack *attack)
{
	char above[4096];
	(void)attack;
	snprintf(above, sizeof(above), "%s", arena.store);
	*strrchr(above, '/') = '\0';
	need(rename(above, path_in(above, "../moved")), "rename");
	write_file(path_in(above, "../moved/store/duenna.db"), "own database");
	need(rename(path_in(above, "../moved"), above), "rename");
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

/* Natively the parent is in the same group, and so may the supervisor be. */
static void be_in_group_of_parent(int sig)
{
	signal(sig, SIG_IGN);
	if (getpgrp() != getpgid(getppid())) {
		not_applicable("a group of its own");
	}
}

static void run_group_signal(const struct attack *attack)
{
	int sig = (int)(intptr_t)attack->operation;
	be_in_group_of_parent(sig);
	need(kill(0, sig), "kill");
	usleep(50000);
}

static int own_group_by_fcntl(int fd)
{
	return fcntl(fd, F_SETOWN, -getpgrp());
}

static int own_group_extended(int fd)
{
	struct f_owner_ex owner = {F_OWNER_PGRP, getpgrp()};
	return fcntl(fd, F_SETOWN_EX, &owner);
}

static int own_group_by_ioctl(int fd)
{
	enum { SET_OWNER = 0x8901 };
	int group = -getpgrp();
	return ioctl(fd, SET_OWNER, &group);
}

static int parent_by_fcntl(int fd)
{
	return fcntl(fd, F_SETOWN, getppid());
}

static int (*const own_group_fcntl)(int) = own_group_by_fcntl;
static int (*const own_group_fcntl_extended)(int) = own_group_extended;
static int (*const own_group_ioctl)(int) = own_group_by_ioctl;
static int (*const parent_fcntl)(int) = parent_by_fcntl;

/* operation: how the owner of a socket is set, to whom its signals go. */
static void run_owner(const struct attack *attack)
{
	int (*const *set_owner)(int) = attack->operation;
	int pair[2];
	be_in_group_of_parent(SIGALRM);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	need((*set_owner)(pair[0]), "set the owner");
	need(fcntl(pair[0], F_SETSIG, SIGALRM), "F_SETSIG");
	need(fcntl(pair[0], F_SETFL, O_ASYNC), "O_ASYNC");
	need(write(pair[1], "x", 1), "write");
	usleep(50000);
}

static siginfo_t queued_info(void)
{
	siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
	info.si_pid = getpid();
	info.si_uid = getuid();
	return info;
}

static void run_parent_tkill(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_tkill, getppid(), SIGKILL), "tkill");
	usleep(50000);
}

static void run_parent_queue(const struct attack *attack)
{
	siginfo_t info = queued_info();
	(void)attack;
	need(syscall(SYS_rt_sigqueueinfo, getppid(), SIGKILL, &info),
		"rt_sigqueueinfo");
	usleep(50000);
}

static void run_parent_thread_queue(const struct attack *attack)
{
	siginfo_t info = queued_info();
	(void)attack;
	need(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), SIGKILL, &info),
		"rt_tgsigqueueinfo");
	usleep(50000);
}

/* One handle reaches the whole group. */
static void run_parent_pidfd_group(const struct attack *attack)
{
	enum { WHOLE_GROUP = 1 << 2 };
	be_in_group_of_parent(SIGALRM);
	(void)attack;
	long fd = need(syscall(SYS_pidfd_open, getppid(), 0), "pidfd_open");
	if (syscall(SYS_pidfd_send_signal, fd, SIGALRM, NULL, WHOLE_GROUP) < 0 &&
		errno == EINVAL) {
		not_applicable("PIDFD_SIGNAL_PROCESS_GROUP");
	}
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

static void run_parent_limit(const struct attack *attack)
{
	struct rlimit limit = {5, 5};
	need(prlimit(getppid(), (enum __rlimit_resource)(intptr_t)attack->operation,
		     &limit, NULL),
		"prlimit");
	acted();
}

/* The lowest that there is; whoever runs the tests may be there already. */
enum { LOWEST = 19 };

static void need_higher_priority(void)
{
	errno = 0;
	if (getpriority(PRIO_PROCESS, 0) == LOWEST) {
		not_applicable("nothing is lower than the present priority");
	}
}

static void run_parent_priority(const struct attack *attack)
{
	(void)attack;
	need_higher_priority();
	need(setpriority(PRIO_PROCESS, (id_t)getppid(), LOWEST), "setpriority");
	acted();
}

static void run_group_priority(const struct attack *attack)
{
	(void)attack;
	need_higher_priority();
	be_in_group_of_parent(SIGALRM);
	need(setpriority(PRIO_PGRP, 0, LOWEST), "setpriority");
	acted();
}

static void run_parent_disk_priority(const struct attack *attack)
{
	enum { CLASS_IDLE = 3 << 13 };
	int kind = (int)(intptr_t)attack->operation;
	be_in_group_of_parent(SIGALRM);
	need(syscall(SYS_ioprio_set, kind, kind == 1 ? getppid() : 0, CLASS_IDLE),
		"ioprio_set");
	acted();
}

static void run_parent_scheduler(const struct attack *attack)
{
	struct sched_param parameters = {0};
	(void)attack;
	need(sched_setscheduler(getppid(), SCHED_BATCH, &parameters),
		"sched_setscheduler");
	acted();
}

static void run_parent_scheduler_attributes(const struct attack *attack)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = {.size = 48, .policy = SCHED_IDLE};
	(void)attack;
	need(syscall(SYS_sched_setattr, getppid(), &attributes, 0), "sched_setattr");
	acted();
}

static void write_of_parent(const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", getppid(), name);
	int fd = open(path, O_WRONLY);
	if (fd < 0 && errno == ENOENT) {
		not_applicable(path);
	}
	need(write((int)need(fd, path), text, strlen(text)), path);
}

/* operation: the file's name; what is written to it follows after the next 0. */
static void run_parent_file(const struct attack *attack)
{
	const char *name = attack->operation;
	write_of_parent(name, name + strlen(name) + 1);
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
	{"store_move_above", EFFECT_SUPERVISOR, 0, "rename", run_store_move_above, NULL},
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
	{"parent_score", EFFECT_SUPERVISOR, 0, "open", run_parent_file, "oom_score_adj\0" "1000"},
	{"parent_old_score", EFFECT_SUPERVISOR, 0, "open", run_parent_file, "oom_adj\0" "15"},
	{"parent_timer_slack", EFFECT_SUPERVISOR, ATTACK_ROOT, "open", run_parent_file, "timerslack_ns\0" "999999999"},
	{"parent_disk_priority", EFFECT_SUPERVISOR, 0, "ioprio_set", run_parent_disk_priority, VALUE(1)},
	{"parent_scheduler", EFFECT_SUPERVISOR, 0, "sched_setscheduler", run_parent_scheduler, NULL},
	{"parent_scheduler_attributes", EFFECT_SUPERVISOR, 0, "sched_setattr", run_parent_scheduler_attributes, NULL},
	{"parent_tkill", EFFECT_SUPERVISOR, 0, "tkill", run_parent_tkill, NULL},
	{"parent_queue", EFFECT_SUPERVISOR, 0, "rt_sigqueueinfo", run_parent_queue, NULL},
	{"parent_thread_queue", EFFECT_SUPERVISOR, 0, "rt_tgsigqueueinfo", run_parent_thread_queue, NULL},
	{"parent_pidfd_group", EFFECT_SUPERVISOR, 0, "pidfd_send_signal", run_parent_pidfd_group, NULL},
	{"parent_owner", EFFECT_SUPERVISOR, 0, "fcntl", run_owner, &parent_fcntl},
	{"own_group_fault", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(SIGILL)},
	{"own_group_abort", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(SIGABRT)},
	{"own_group_segment", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(SIGSEGV)},
	{"own_group_alarm", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(SIGALRM)},
	{"own_group_profile", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(SIGPROF)},
	{"own_group_realtime", EFFECT_SUPERVISOR, 0, "kill", run_group_signal, VALUE(40)},
	{"own_group_owner", EFFECT_SUPERVISOR, 0, "fcntl", run_owner, &own_group_fcntl},
	{"own_group_owner_extended", EFFECT_SUPERVISOR, 0, "fcntl", run_owner, &own_group_fcntl_extended},
	{"own_group_owner_ioctl", EFFECT_SUPERVISOR, 0, "ioctl", run_owner, &own_group_ioctl},
	{"own_group_priority", EFFECT_SUPERVISOR, 0, "setpriority", run_group_priority, NULL},
	{"own_group_disk_priority", EFFECT_SUPERVISOR, 0, "ioprio_set", run_parent_disk_priority, VALUE(2)},
	{NULL},
};
/* clang-format on */

void self_attacks(void)
{
	attack_add_rows("self", rows);
}
