/* SPDX-License-Identifier: MIT */
/* Honest signals among the own processes, and who may not send them. */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, KINDS = 4 };

static const int kinds[KINDS] = {SIGUSR1, SIGUSR2, SIGHUP, SIGIO};
static volatile sig_atomic_t seen[KINDS];

static void note(int number)
{
	for (int i = 0; i < KINDS; i++) {
		seen[i] += kinds[i] == number;
	}
}

static void note_all(void)
{
	for (int i = 0; i < KINDS; i++) {
		signal(kinds[i], note);
	}
}

static void show_seen(void)
{
	for (int i = 0; i < KINDS; i++) {
		show_number(strsignal(kinds[i]), seen[i]);
		seen[i] = 0;
	}
}

/* Arms a socket whose owner is chosen by arm, and makes it readable. */
static void arm_socket(const char *name, long (*arm)(int fd, pid_t pid), pid_t pid)
{
	int pair[2];
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	show(name, arm(pair[0], pid));
	show_number("owner is it",
		fcntl(pair[0], F_GETOWN) == pid || fcntl(pair[0], F_GETOWN) == -pid);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	(void)!write(pair[1], "x", 1);
	close(pair[0]);
	close(pair[1]);
}

static long set_owner(int fd, pid_t pid)
{
	return fcntl(fd, F_SETOWN, pid);
}

static long set_group(int fd, pid_t pid)
{
	return fcntl(fd, F_SETOWN, -getpgid(pid));
}

static long set_extended(int fd, enum __pid_type type, pid_t pid)
{
	const struct f_owner_ex owner = {.type = type, .pid = pid};
	return fcntl(fd, F_SETOWN_EX, &owner);
}

static long set_process(int fd, pid_t pid)
{
	return set_extended(fd, F_OWNER_PID, pid);
}

static long set_thread(int fd, pid_t pid)
{
	return set_extended(fd, F_OWNER_TID, pid);
}

static long set_extended_group(int fd, pid_t pid)
{
	return set_extended(fd, F_OWNER_PGRP, getpgid(pid));
}

static long set_by_request(int fd, pid_t pid)
{
	return ioctl(fd, FIOSETOWN, &pid);
}

static long set_by_socket_request(int fd, pid_t pid)
{
	return ioctl(fd, SIOCSPGRP, &pid);
}

/* In a group of its own: what it signals is what it knows. */
static void control_owners(const struct attack *attack)
{
	(void)attack;
	need(setpgid(0, 0), "setpgid");
	note_all();
	arm_socket("process", set_owner, getpid());
	arm_socket("group", set_group, getpid());
	arm_socket("extended process", set_process, getpid());
	arm_socket("extended thread", set_thread, getpid());
	arm_socket("extended group", set_extended_group, getpid());
	arm_socket("request", set_by_request, getpid());
	arm_socket("socket request", set_by_socket_request, getpid());
	show_seen();
	show("nobody", fcntl(0, F_SETOWN, 0));
	show("no such", fcntl(0, F_SETOWN, 0x3fffffff));
	show("lowest", fcntl(0, F_SETOWN, 0x80000000u));
	show("negative", set_extended(0, F_OWNER_PID, -2));
	show("no such type", set_extended(0, (enum __pid_type)9, getpid()));
	show("no descriptor", fcntl(99, F_SETOWN, getpid()));
}

/* kill(0), and priorities of the own group. */
static void control_own_group(const struct attack *attack)
{
	(void)attack;
	need(setpgid(0, 0), "setpgid");
	note_all();
	int ends[2];
	char byte;
	need(pipe(ends), "pipe");
	pid_t child = fork();
	if (child == 0) {
		signal(SIGUSR1, SIG_DFL);
		(void)!write(ends[1], "", 1);
		for (;;) {
			pause();
		}
	}
	(void)!read(ends[0], &byte, 1);
	show("kill", kill(0, SIGUSR1));
	int status;
	waitpid(child, &status, 0);
	show_number("child", WTERMSIG(status));
	show("priority", setpriority(PRIO_PGRP, 0, 5));
	show_number("nice", getpriority(PRIO_PROCESS, 0));
	show("disk", syscall(SYS_ioprio_set, 2, 0, 2 << 13 | 7));
	show_number("class", (int)syscall(SYS_ioprio_get, 1, 0));
	for (int number = -10002; number <= -9999; number++) {
		show("own handle",
			syscall(SYS_pidfd_send_signal, number, SIGUSR2, NULL, 0));
		show("own handle's group",
			syscall(SYS_pidfd_send_signal, number, SIGUSR2, NULL, 4));
	}
	show("lowest", kill((pid_t)0x80000000u, SIGUSR1));
	show_seen();
}

static void become_nobody(void)
{
	need(setgroups(0, NULL), "setgroups");
	need(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
	need(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
}

static void signal_as_nobody(pid_t target)
{
	become_nobody();
	int handle = (int)need(syscall(SYS_pidfd_open, target, 0), "pidfd_open");
	show("handle", syscall(SYS_pidfd_send_signal, handle, SIGUSR1, NULL, 0));
	show("kill", kill(target, SIGUSR2));
	arm_socket("owner", set_owner, target);
	arm_socket("extended owner", set_process, target);
}

/* Whoever gave root up cannot signal root by our hand either. */
static void control_given_up(const struct attack *attack)
{
	(void)attack;
	note_all();
	pid_t target = getpid();
	pid_t child = fork();
	if (child == 0) {
		signal_as_nobody(target);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	show_seen();
}

/* Of a group that nobody leads and root is in, only nobody gets the signal. */
static void control_group_given_up(const struct attack *attack)
{
	enum { TO_GROUP = 1 << 2 };
	int ends[2];
	char byte;
	(void)attack;
	note_all();
	need(pipe(ends), "pipe");
	pid_t child = fork();
	if (child == 0) {
		need(read(ends[0], &byte, 1), "read");
		become_nobody();
		int handle =
			(int)need(syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open");
		show("group", syscall(SYS_pidfd_send_signal, handle, SIGUSR1, NULL,
				      TO_GROUP));
		show_seen();
		fflush(stdout);
		_exit(0);
	}
	need(setpgid(child, child), "setpgid");
	need(setpgid(0, child), "setpgid");
	need(write(ends[1], "x", 1), "write");
	waitpid(child, NULL, 0);
	show_seen();
}

/* A group outside of the tree whose members may all be signalled. */
static void control_group_of_friends(const struct attack *attack)
{
	(void)attack;
	show("signal", kill(-arena.friend, SIGCONT));
	show("priority", setpriority(PRIO_PGRP, (id_t)arena.friend, 3));
}

/* Nobody has waited for it yet. */
static void control_remains(const struct attack *attack)
{
	siginfo_t info;
	(void)attack;
	pid_t child = fork();
	if (child == 0) {
		setpgid(0, 0);
		_exit(3);
	}
	need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), "waitid");
	show("signal", kill(child, SIGTERM));
	show("no signal", kill(child, 99));
	show("group", kill(-child, SIGTERM));
	show("thread", syscall(SYS_tgkill, child, child, SIGTERM));
	show("priority", setpriority(PRIO_PROCESS, (id_t)child, 3));
	show("priority of the group", setpriority(PRIO_PGRP, (id_t)child, 3));
	show_number("it is waited for", waitpid(child, NULL, 0) == child);
	show("gone", kill(child, SIGTERM));
	show("group gone", kill(-child, SIGTERM));
}

static void *do_nothing(void *nothing)
{
	pause();
	return nothing;
}

/* Of somebody who has threads, the number of a descriptor could be another's by then. */
static void show_input_of_socket(void)
{
	int pair[2];
	int on = 1;
	pthread_t thread;
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	show("owner", fcntl(pair[0], F_SETOWN, getpid()));
	pthread_create(&thread, NULL, do_nothing, NULL);
	for (; on >= 0; on--) {
		show(on ? "on" : "off", ioctl(pair[0], FIOASYNC, &on));
		show_number("flags", fcntl(pair[0], F_GETFL) & O_ASYNC);
		(void)!write(pair[1], "x", 1);
	}
	show("no address", ioctl(pair[0], FIOASYNC, NULL));
	show("no descriptor", fcntl(99, F_SETFL, O_ASYNC));
	show_seen();
}

/* Its own terminal has nobody else in the foreground. */
static void show_input_of_terminal(int terminal)
{
	need(setsid(), "setsid");
	need(ioctl(terminal, TIOCSCTTY, 0), "TIOCSCTTY");
	show("fcntl", fcntl(terminal, F_SETFL, O_ASYNC | O_NONBLOCK));
	show_number("flags", fcntl(terminal, F_GETFL) & (O_ASYNC | O_NONBLOCK));
	show_number("owner is its group", fcntl(terminal, F_GETOWN) == -getpgrp());
	while (seen[KINDS - 1] == 0) {
		sched_yield();
	}
	show_text("input", "a signal came");
	fflush(stdout);
	_exit(0);
}

static void control_input(const struct attack *attack)
{
	(void)attack;
	note_all();
	const int master = (int)need(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
	int locked = 0;
	need(ioctl(master, TIOCSPTLCK, &locked), "TIOCSPTLCK");
	const int terminal =
		(int)need(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY), "TIOCGPTPEER");
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		show_input_of_terminal(terminal);
	}
	while (waitpid(child, NULL, WNOHANG) == 0) {
		(void)!write(master, "x\n", 2);
		usleep(1000);
	}
	show_input_of_socket();
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"group_of_friends", EFFECT_NONE, 0, "kill setpriority", control_group_of_friends, NULL},
	{"owners", EFFECT_NONE, 0, "fcntl ioctl", control_owners, NULL},
	{"remains", EFFECT_NONE, 0, "kill tgkill setpriority", control_remains, NULL},
	{"input", EFFECT_NONE, 0, "fcntl ioctl", control_input, NULL},
	{"own_group", EFFECT_NONE, 0, "kill setpriority ioprio_set", control_own_group, NULL},
	{"group_given_up", EFFECT_NONE, ATTACK_ROOT, "pidfd_send_signal", control_group_given_up, NULL},
	{"given_up", EFFECT_NONE, ATTACK_ROOT, "pidfd_send_signal kill fcntl", control_given_up, NULL},
	{NULL},
};
/* clang-format on */

void signal_controls(void)
{
	attack_add_rows("control_signal", rows);
}
