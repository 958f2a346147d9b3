/* SPDX-License-Identifier: MIT */
/*
 * Attacks on a process outside of the tree: signals by every road, its memory, its
 * descriptors, its limits and its scheduling.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL = SIGUSR1 };

static void run_kill(const struct attack *attack)
{
	need(syscall(SYS_kill, arena.bystander, (int)(intptr_t)attack->operation),
		"kill");
}

static void run_kill_junk(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_kill, 0xdead00000000l | arena.bystander,
		     0xdead00000000l | SIGNAL),
		"kill");
}

static void run_kill_group(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_kill, -arena.bystander, SIGNAL), "kill");
}

/* The others of the group may be signalled. */
static void run_kill_others(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_kill, -getpgid(arena.bystander), SIGNAL), "kill");
}

/* Joins the bystander's group (same session) and signals its own. */
static void run_kill_joined(const struct attack *attack)
{
	(void)attack;
	need(setpgid(0, arena.bystander), "setpgid");
	signal(SIGNAL, SIG_IGN);
	need(syscall(SYS_kill, 0, SIGNAL), "kill");
}

static void run_join(const struct attack *attack)
{
	(void)attack;
	attack_answer(syscall(SYS_setpgid, 0, arena.bystander));
}

static pid_t groups[2];

static void turn_group(int which)
{
	(void)setpgid(0, groups[which]);
}

/* Its own group is one of its own and, a moment later, the bystander's. */
static void run_kill_group_race(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_group};
	unsigned long tries = 0;
	(void)attack;
	signal(SIGNAL, SIG_IGN);
	need(setpgid(0, 0), "setpgid");
	groups[0] = getpid();
	groups[1] = arena.bystander;
	flip_start(&chosen);
	for (; time_is_left(); tries++) {
		(void)syscall(SYS_kill, 0, SIGNAL);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

/* Until somebody has that number, which nobody has a moment ago. */
static void run_kill_newcomer(const struct attack *attack)
{
	const pid_t target = attack->operation ? -arena.bystander : arena.bystander;
	unsigned long tries = 0;

	for (; time_is_left(); tries++) {
		(void)syscall(SYS_kill, target, SIGNAL);
	}
	fprintf(stderr, "%lu tries\n", tries);
}

static void kill_bystander(void)
{
	need(syscall(SYS_kill, arena.bystander, SIGNAL), "kill");
}

static void run_kill_child(const struct attack *attack)
{
	(void)attack;
	run_in_child(kill_bystander);
}

static void run_tkill(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_tkill, arena.bystander, SIGNAL), "tkill");
}

static void run_tgkill(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_tgkill, arena.bystander, arena.bystander, SIGNAL), "tgkill");
}

static siginfo_t queued_info(void)
{
	siginfo_t info = {.si_signo = SIGNAL, .si_code = SI_QUEUE};
	info.si_pid = getpid();
	info.si_uid = getuid();
	return info;
}

static void run_sigqueue(const struct attack *attack)
{
	(void)attack;
	siginfo_t info = queued_info();
	need(syscall(SYS_rt_sigqueueinfo, arena.bystander, SIGNAL, &info),
		"rt_sigqueueinfo");
}

static void run_tgsigqueue(const struct attack *attack)
{
	(void)attack;
	siginfo_t info = queued_info();
	need(syscall(SYS_rt_tgsigqueueinfo, arena.bystander, arena.bystander, SIGNAL,
		     &info),
		"rt_tgsigqueueinfo");
}

static int bystander_open(void)
{
	return (int)need(syscall(SYS_pidfd_open, arena.bystander, 0), "pidfd_open");
}

static void run_pidfd(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_pidfd_send_signal, bystander_open(), SIGNAL, NULL, 0),
		"pidfd_send_signal");
}

/* A folder of /proc serves as a handle of the process, too. */
static void run_pidfd_folder(const struct attack *attack)
{
	char path[32];
	(void)attack;
	snprintf(path, sizeof(path), "/proc/%d", arena.bystander);
	int fd = (int)need(open(path, O_DIRECTORY | O_RDONLY), path);
	need(syscall(SYS_pidfd_send_signal, fd, SIGNAL, NULL, 0), "pidfd_send_signal");
}

enum { HANDLE_NUMBER = 102 };
static int handles[2];

static void turn_handle(int which)
{
	dup2(handles[which], HANDLE_NUMBER);
}

/* The number of a handle is that of an own child and, a moment later, of the other. */
static void run_pidfd_race(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_handle};
	unsigned long tries = 0;
	(void)attack;
	pid_t child = fork();
	if (child == 0) {
		signal(SIGNAL, SIG_IGN);
		for (;;) {
			pause();
		}
	}
	handles[0] = (int)need(syscall(SYS_pidfd_open, child, 0), "pidfd_open");
	handles[1] = bystander_open();
	dup2(handles[0], HANDLE_NUMBER);
	flip_start(&chosen);
	for (; time_is_left(); tries++) {
		syscall(SYS_pidfd_send_signal, HANDLE_NUMBER, SIGNAL, NULL, 0);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
	kill(child, SIGKILL);
}

/* Signal-driven input and output goes to whom the owner is set. */
static void own_and_write(int (*set_owner)(int fd))
{
	int pair[2];
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	need(set_owner(pair[0]), "set the owner");
	need(fcntl(pair[0], F_SETSIG, SIGNAL), "F_SETSIG");
	need(fcntl(pair[0], F_SETFL, O_ASYNC), "O_ASYNC");
	need(write(pair[1], "x", 1), "write");
}

static int owner_by_fcntl(int fd)
{
	return fcntl(fd, F_SETOWN, arena.bystander);
}

static int owner_by_fcntl_junk(int fd)
{
	return (int)syscall(
		SYS_fcntl, fd, 0xdead00000000ul | F_SETOWN, (long)arena.bystander);
}

static int owner_group(int fd)
{
	return fcntl(fd, F_SETOWN, -arena.bystander);
}

static int owner_extended(int fd)
{
	struct f_owner_ex owner = {F_OWNER_PID, arena.bystander};
	return fcntl(fd, F_SETOWN_EX, &owner);
}

static int owner_thread(int fd)
{
	struct f_owner_ex owner = {F_OWNER_TID, arena.bystander};
	return fcntl(fd, F_SETOWN_EX, &owner);
}

static int owner_by_ioctl(int fd)
{
	enum { FIOSETOWN_ = 0x8901 };
	int pid = arena.bystander;
	return ioctl(fd, FIOSETOWN_, &pid);
}

static int owner_by_socket_ioctl(int fd)
{
	enum { SIOCSPGRP_ = 0x8902 };
	int pid = arena.bystander;
	return ioctl(fd, SIOCSPGRP_, &pid);
}

static void run_owner(const struct attack *attack)
{
	static int (*const ways[])(int) = {owner_by_fcntl, owner_by_fcntl_junk,
		owner_group, owner_extended, owner_thread, owner_by_ioctl,
		owner_by_socket_ioctl};
	own_and_write(ways[(intptr_t)attack->operation]);
}

static void run_attach(const struct attack *attack)
{
	(void)attack;
	need(ptrace(PTRACE_ATTACH, arena.bystander, 0, 0), "ptrace");
	waitpid(arena.bystander, NULL, __WALL);
	need(ptrace(PTRACE_POKEDATA, arena.bystander, arena.bystander_text, 1L),
		"poke");
	ptrace(PTRACE_DETACH, arena.bystander, 0, 0);
}

static void run_seize(const struct attack *attack)
{
	(void)attack;
	need(ptrace(PTRACE_SEIZE, arena.bystander, 0, 0), "ptrace");
	need(ptrace(PTRACE_INTERRUPT, arena.bystander, 0, 0), "ptrace");
	waitpid(arena.bystander, NULL, __WALL);
	for (size_t i = 0; i < 32; i++) {
		long word = ptrace(PTRACE_PEEKDATA, arena.bystander,
			arena.bystander_text + i * sizeof(long), 0);
		leak_bytes(&word, sizeof(word));
	}
}

static void run_readv(const struct attack *attack)
{
	char buffer[256];
	struct iovec here = {buffer, sizeof(buffer)};
	struct iovec there = {(void *)arena.bystander_text, sizeof(buffer)};
	(void)attack;
	need(syscall(SYS_process_vm_readv, arena.bystander, &here, 1L, &there, 1L, 0L),
		"process_vm_readv");
	leak_bytes(buffer, sizeof(buffer));
}

static void run_writev(const struct attack *attack)
{
	char buffer[16] = "overwritten";
	struct iovec here = {buffer, sizeof(buffer)};
	struct iovec there = {(void *)arena.bystander_text, sizeof(buffer)};
	(void)attack;
	need(syscall(SYS_process_vm_writev, arena.bystander, &here, 1L, &there, 1L, 0L),
		"process_vm_writev");
}

/* Every # of the name stands for the bystander's number. */
static int proc_open(const char *name, int flags)
{
	char path[128];
	size_t length = 0;
	for (; *name != '\0'; name++) {
		length += (size_t)snprintf(path + length, sizeof(path) - length,
			*name == '#' ? "%d" : "%c",
			*name == '#' ? arena.bystander : *name);
	}
	return (int)need(open(path, flags), path);
}

static void run_memory_read(const struct attack *attack)
{
	char buffer[256];
	int fd = proc_open(attack->operation, O_RDONLY);
	need(pread(fd, buffer, sizeof(buffer), (off_t)arena.bystander_text), "pread");
	leak_bytes(buffer, sizeof(buffer));
}

static void run_memory_write(const struct attack *attack)
{
	int fd = proc_open(attack->operation, O_WRONLY);
	need(pwrite(fd, "overwritten", 11, (off_t)arena.bystander_text), "pwrite");
}

/* A folder of the process that was opened before is as good as its name. */
static void run_memory_folder(const struct attack *attack)
{
	char path[32], buffer[256];
	(void)attack;
	snprintf(path, sizeof(path), "/proc/%d", arena.bystander);
	int folder = (int)need(open(path, O_PATH), path);
	int fd = (int)need(openat(folder, "mem", O_RDWR), "mem");
	need(pread(fd, buffer, sizeof(buffer), (off_t)arena.bystander_text), "pread");
	leak_bytes(buffer, sizeof(buffer));
}

static void run_proc_file(const struct attack *attack)
{
	leak(proc_open(attack->operation, O_RDONLY));
}

static void run_bystander_descriptor(const struct attack *attack)
{
	char path[64];
	(void)attack;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", arena.bystander,
		arena.bystander_fd);
	leak((int)need(open(path, O_RDONLY), path));
}

static void run_getfd(const struct attack *attack)
{
	(void)attack;
	int fd = (int)need(
		syscall(SYS_pidfd_getfd, bystander_open(), arena.bystander_fd, 0),
		"pidfd_getfd");
	need(lseek(fd, 0, SEEK_SET), "lseek");
	leak(fd);
}

static void run_getfd_through_folder(const struct attack *attack)
{
	char path[64];
	(void)attack;
	int fd = (int)need(
		syscall(SYS_pidfd_getfd, bystander_open(), arena.bystander_fd, 0),
		"pidfd_getfd");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	leak((int)need(open(path, O_RDONLY), path));
}

static void run_prlimit(const struct attack *attack)
{
	struct rlimit limit = {3, 3};
	(void)attack;
	need(syscall(SYS_prlimit64, arena.bystander, RLIMIT_NOFILE, &limit, NULL),
		"prlimit64");
}

static void run_setpriority(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_setpriority, PRIO_PROCESS, arena.bystander, 15),
		"setpriority");
}

static void run_setpriority_group(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_setpriority, PRIO_PGRP, arena.bystander, 16), "setpriority");
}

static void run_setpriority_others(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_setpriority, PRIO_PGRP, getpgid(arena.bystander), 16),
		"setpriority");
}

static void run_ioprio(const struct attack *attack)
{
	enum { CLASS_IDLE = 3 << 13 };
	(void)attack;
	need(syscall(SYS_ioprio_set, 1, arena.bystander, CLASS_IDLE), "ioprio_set");
}

static void run_affinity(const struct attack *attack)
{
	cpu_set_t one;
	(void)attack;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		not_applicable("one processor");
	}
	need(syscall(SYS_sched_setaffinity, arena.bystander, sizeof(one), &one),
		"sched_setaffinity");
}

static void run_scheduler(const struct attack *attack)
{
	struct sched_param parameters = {0};
	(void)attack;
	need(syscall(SYS_sched_setscheduler, arena.bystander, SCHED_BATCH, &parameters),
		"sched_setscheduler");
}

static void run_setattr(const struct attack *attack)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = {.size = 48, .policy = SCHED_BATCH, .nice = 19};
	(void)attack;
	need(syscall(SYS_sched_setattr, arena.bystander, &attributes, 0),
		"sched_setattr");
}

static void run_stop_and_continue(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_kill, arena.bystander, SIGSTOP), "kill");
}

static void *signal_from_thread(void *nothing)
{
	kill_bystander();
	return nothing;
}

static void run_kill_thread(const struct attack *attack)
{
	pthread_t thread;
	(void)attack;
	pthread_create(&thread, NULL, signal_from_thread, NULL);
	pthread_join(thread, NULL);
}

#define SIGNAL_VALUE(number) ((const void *)(intptr_t)(number))

/* clang-format off */
static const struct attack_row rows[] = {
	{"kill", EFFECT_BYSTANDER, 0, "kill", run_kill, SIGNAL_VALUE(SIGUSR1)},
	{"kill_fatally", EFFECT_BYSTANDER, 0, "kill", run_kill, SIGNAL_VALUE(SIGKILL)},
	{"kill_realtime", EFFECT_BYSTANDER, 0, "kill", run_kill, SIGNAL_VALUE(40)},
	{"kill_stop", EFFECT_BYSTANDER, 0, "kill", run_stop_and_continue, NULL},
	{"kill_junk", EFFECT_BYSTANDER, 0, "kill", run_kill_junk, NULL},
	{"kill_group", EFFECT_BYSTANDER, 0, "kill", run_kill_group, NULL},
	{"kill_group_of_two", EFFECT_BYSTANDER, 0, "kill", run_kill_others, NULL},
	{"kill_group_of_many", EFFECT_BYSTANDER, 0, "kill", run_kill_others, NULL},
	{"kill_joined_group", EFFECT_BYSTANDER, 0, "kill", run_kill_joined, NULL},
	{"join_group", EFFECT_ANSWERED, ATTACK_BYSTANDER, "setpgid", run_join, NULL},
	{"kill_group_race", EFFECT_BYSTANDER, ATTACK_RACE, "kill", run_kill_group_race, NULL},
	{"kill_newcomer", EFFECT_BYSTANDER, ATTACK_RACE | ATTACK_ROOT, "kill", run_kill_newcomer, NULL},
	{"kill_newcomer_group", EFFECT_BYSTANDER, ATTACK_RACE | ATTACK_ROOT, "kill", run_kill_newcomer, SIGNAL_VALUE(1)},
	{"kill_child", EFFECT_BYSTANDER, 0, "kill", run_kill_child, NULL},
	{"kill_thread", EFFECT_BYSTANDER, 0, "kill", run_kill_thread, NULL},
	{"tkill", EFFECT_BYSTANDER, 0, "tkill", run_tkill, NULL},
	{"tgkill", EFFECT_BYSTANDER, 0, "tgkill", run_tgkill, NULL},
	{"rt_sigqueueinfo", EFFECT_BYSTANDER, 0, "rt_sigqueueinfo", run_sigqueue, NULL},
	{"rt_tgsigqueueinfo", EFFECT_BYSTANDER, 0, "rt_tgsigqueueinfo", run_tgsigqueue, NULL},
	{"pidfd_send_signal", EFFECT_BYSTANDER, 0, "pidfd_send_signal", run_pidfd, NULL},
	{"pidfd_of_folder", EFFECT_BYSTANDER, 0, "pidfd_send_signal", run_pidfd_folder, NULL},
	{"pidfd_race", EFFECT_BYSTANDER, ATTACK_RACE, "pidfd_send_signal", run_pidfd_race, NULL},
	{"owner_fcntl", EFFECT_BYSTANDER, 0, "fcntl", run_owner, SIGNAL_VALUE(0)},
	{"owner_fcntl_junk", EFFECT_BYSTANDER, 0, "fcntl", run_owner, SIGNAL_VALUE(1)},
	{"owner_group", EFFECT_BYSTANDER, 0, "fcntl", run_owner, SIGNAL_VALUE(2)},
	{"owner_extended", EFFECT_BYSTANDER, 0, "fcntl", run_owner, SIGNAL_VALUE(3)},
	{"owner_thread", EFFECT_BYSTANDER, 0, "fcntl", run_owner, SIGNAL_VALUE(4)},
	{"owner_ioctl", EFFECT_BYSTANDER, 0, "ioctl", run_owner, SIGNAL_VALUE(5)},
	{"owner_socket_ioctl", EFFECT_BYSTANDER, 0, "ioctl", run_owner, SIGNAL_VALUE(6)},
	{"ptrace_attach", EFFECT_BYSTANDER, 0, "ptrace", run_attach, NULL},
	{"ptrace_seize", EFFECT_SECRET, ATTACK_BYSTANDER, "ptrace", run_seize, NULL},
	{"process_vm_readv", EFFECT_SECRET, ATTACK_BYSTANDER, "process_vm_readv", run_readv, NULL},
	{"process_vm_writev", EFFECT_BYSTANDER, 0, "process_vm_writev", run_writev, NULL},
	{"memory_read", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_memory_read, "/proc/#/mem"},
	{"memory_read_task", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_memory_read, "/proc/#/task/#/mem"},
	{"memory_write", EFFECT_BYSTANDER, 0, "open", run_memory_write, "/proc/#/mem"},
	{"memory_folder", EFFECT_SECRET, ATTACK_BYSTANDER, "openat", run_memory_folder, NULL},
	{"environment", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_proc_file, "/proc/#/environ"},
	{"environment_task", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_proc_file, "/proc/#/task/#/environ"},
	{"environment_dots", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_proc_file, "/proc/self/../#/environ"},
	{"descriptor_name", EFFECT_SECRET, ATTACK_BYSTANDER, "open", run_bystander_descriptor, NULL},
	{"pidfd_getfd", EFFECT_SECRET, ATTACK_BYSTANDER, "pidfd_getfd", run_getfd, NULL},
	{"pidfd_getfd_reopened", EFFECT_SECRET, ATTACK_BYSTANDER, "pidfd_getfd", run_getfd_through_folder, NULL},
	{"prlimit", EFFECT_BYSTANDER, 0, "prlimit64", run_prlimit, NULL},
	{"setpriority", EFFECT_BYSTANDER, 0, "setpriority", run_setpriority, NULL},
	{"setpriority_group_of_two", EFFECT_BYSTANDER, 0, "setpriority", run_setpriority_others, NULL},
	{"setpriority_group", EFFECT_BYSTANDER, 0, "setpriority", run_setpriority_group, NULL},
	{"ioprio", EFFECT_BYSTANDER, 0, "ioprio_set", run_ioprio, NULL},
	{"affinity", EFFECT_BYSTANDER, 0, "sched_setaffinity", run_affinity, NULL},
	{"scheduler", EFFECT_BYSTANDER, 0, "sched_setscheduler", run_scheduler, NULL},
	{"scheduler_attributes", EFFECT_BYSTANDER, 0, "sched_setattr", run_setattr, NULL},
	{NULL},
};
/* clang-format on */

void process_attacks(void)
{
	attack_add_rows("process", rows);
}
