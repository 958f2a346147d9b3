/* SPDX-License-Identifier: MIT */
/*
 * Terminals: bytes pushed into the input of the terminal that is shared with whoever
 * started the tree, and bytes drawn on a terminal that belongs to somebody else.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* clang-format off */
static const struct attack_row rows[] = {
	{"push", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push, NULL},
	{"push_junk", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_junk, NULL},
	{"push_by_name", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_by_name, NULL},
	{"push_child", EFFECT_TERMINAL, ATTACK_TERMINAL, "ioctl", run_push_child, NULL},
	{"push_elsewhere", EFFECT_TERMINAL, ATTACK_ROOT, "ioctl", run_push_elsewhere, NULL},
	{"draw", EFFECT_TERMINAL, 0, "open", run_draw, NULL},
	{NULL},
};
/* clang-format on */

void terminal_attacks(void)
{
	attack_add_rows("terminal", rows);
}
