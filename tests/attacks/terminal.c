/* SPDX-License-Identifier: MIT */
/*
 * Terminals: bytes pushed into the input of the terminal that is shared with whoever
 * started the tree, bytes drawn on a terminal that belongs to somebody else, and signals
 * that a terminal sends when somebody types.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PUSH_INPUT = 0x5412, SET_CONTROLLING = 0x540e };

static void push(long request, int fd)
{
	for (const char *next = "echo pushed\n"; *next != '\0'; next++) {
		if (syscall(SYS_ioctl, fd, request, next) < 0) {
			if (errno == EIO) {
				not_applicable("TIOCSTI");
			}
			failed("TIOCSTI");
		}
	}
}

static void run_push(const struct attack *attack)
{
	(void)attack;
	push(PUSH_INPUT, STDIN_FILENO);
}

/* Looking at all 64 bits of the request, one would miss it. */
static void run_push_junk(const struct attack *attack)
{
	(void)attack;
	push((long)(0xdead00000000ul | PUSH_INPUT), STDIN_FILENO);
}

static void run_push_by_name(const struct attack *attack)
{
	(void)attack;
	push(PUSH_INPUT, (int)need(open("/dev/tty", O_RDWR), "/dev/tty"));
}

static void push_in_child(void)
{
	push(PUSH_INPUT, STDIN_FILENO);
}

static void run_push_child(const struct attack *attack)
{
	(void)attack;
	run_in_child(push_in_child);
}

static void run_draw(const struct attack *attack)
{
	(void)attack;
	int fd = (int)need(
		open(arena.terminal, O_WRONLY | O_NOCTTY), "open the terminal");
	need(write(fd, "drawn by the attack\n", 20), "write");
}

static void run_push_elsewhere(const struct attack *attack)
{
	(void)attack;
	int fd =
		(int)need(open(arena.terminal, O_RDWR | O_NOCTTY), "open the terminal");
	if (getuid() != 0) {
		not_applicable("TIOCSTI on another terminal");
	}
	push(PUSH_INPUT, fd);
}

static void take_terminal(void)
{
	enum { FROM_ANOTHER_SESSION = 1 };
	need(setsid(), "setsid");
	attack_answer(syscall(
		SYS_ioctl, STDIN_FILENO, SET_CONTROLLING, FROM_ANOTHER_SESSION));
}

static void run_take(const struct attack *attack)
{
	(void)attack;
	run_in_child(take_terminal);
}

static int by_fcntl(int fd)
{
	return fcntl(fd, F_SETFL, O_ASYNC);
}

static int by_ioctl(int fd)
{
	int on = 1;
	return ioctl(fd, FIOASYNC, &on);
}

static int (*const input_fcntl)(int) = by_fcntl;
static int (*const input_ioctl)(int) = by_ioctl;

/* Natively the parent is in the foreground as well, and so is the supervisor. */
static void share_group_with_parent(void)
{
	if (getpgrp() != getpgid(getppid())) {
		not_applicable("a group of its own");
	}
}

/* For each byte typed the terminal sends a signal to the group in its foreground. */
static void run_input(const struct attack *attack)
{
	int (*const *turn_on)(int) = attack->operation;
	share_group_with_parent();
	need(fcntl(STDIN_FILENO, F_SETSIG, SIGKILL), "F_SETSIG");
	need((*turn_on)(STDIN_FILENO), "O_ASYNC");
	usleep(300000);
}

static int inputs[3];

static void turn_input(int which)
{
	(void)dup2(inputs[which], inputs[2]);
}

/* The number is that of something harmless and, a moment later, of the terminal. */
static void run_input_race(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_input};
	unsigned long tries = 0;
	(void)attack;
	share_group_with_parent();
	need(fcntl(STDIN_FILENO, F_SETSIG, SIGKILL), "F_SETSIG");
	inputs[0] = (int)need(open("/dev/null", O_RDONLY), "/dev/null");
	inputs[1] = STDIN_FILENO;
	inputs[2] = dup(inputs[0]);
	flip_start(&chosen);
	for (; time_is_left(); tries++) {
		(void)by_fcntl(inputs[2]);
		(void)fcntl(inputs[2], F_SETFL, 0);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"push", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push, NULL},
	{"push_junk", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_junk, NULL},
	{"push_by_name", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_by_name, NULL},
	{"push_child", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_child, NULL},
	{"push_elsewhere", EFFECT_TERMINAL, ATTACK_ROOT, "ioctl", run_push_elsewhere, NULL},
	{"take", EFFECT_ANSWERED, ATTACK_TERMINAL | ATTACK_ROOT, "ioctl", run_take, NULL},
	{"draw", EFFECT_TERMINAL, 0, "open", run_draw, NULL},
	{NULL},
};
static const struct attack_row rows_against_supervisor[] = {
	{"terminal_input", EFFECT_SUPERVISOR, ATTACK_TERMINAL, "fcntl", run_input, &input_fcntl},
	{"terminal_input_ioctl", EFFECT_SUPERVISOR, ATTACK_TERMINAL, "ioctl", run_input, &input_ioctl},
	{"terminal_input_race", EFFECT_SUPERVISOR, ATTACK_TERMINAL | ATTACK_RACE, "fcntl", run_input_race, NULL},
	{NULL},
};
/* clang-format on */

void terminal_attacks(void)
{
	attack_add_rows("terminal", rows);
	attack_add_rows("self", rows_against_supervisor);
}
