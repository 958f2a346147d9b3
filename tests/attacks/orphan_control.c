/* SPDX-License-Identifier: MIT */
/*
 * Children whose maker is killed in the very moment of their birth, and who therefore do
 * not have it for a parent: nobody but the kernel knows what they may.
 */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, BIRTHS = 300, LOOKS = 20 };

static struct counts {
	int born, opened;
} * counts;

static volatile bool goes;
static unsigned pause_length;

static void *end_all(void *nothing)
{
	while (!goes) {
	}
	for (volatile unsigned i = pause_length; i > 0; i--) {
	}
	syscall(SYS_exit_group, 0);
	return nothing;
}

static void look_at_file(void)
{
	__atomic_add_fetch(&counts->born, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < LOOKS; i++) {
		if (open("roots", O_RDONLY) >= 0) {
			__atomic_add_fetch(&counts->opened, 1, __ATOMIC_SEQ_CST);
		}
	}
	_exit(0);
}

/* Its parent is whose child its maker is. */
static void make_orphan(void)
{
	pthread_t thread;
	need(setgroups(0, NULL), "setgroups");
	need(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
	need(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
	pthread_create(&thread, NULL, end_all, NULL);
	goes = true;
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
		look_at_file();
	}
	pthread_join(thread, NULL);
}

static void control_given_up(const struct attack *attack)
{
	(void)attack;
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	write_file("roots", "of root alone\n");
	need(chmod("roots", 0600), "chmod");
	for (int i = 0; i < BIRTHS; i++) {
		pause_length = (unsigned)i * 100;
		if (fork() == 0) {
			make_orphan();
			_exit(0);
		}
		while (wait(NULL) > 0) {
		}
	}
	show_number("born", counts->born > 0);
	show_number("opened", counts->opened);
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"given_up", EFFECT_NONE, ATTACK_ROOT, "clone open", control_given_up, NULL},
	{NULL},
};
/* clang-format on */

void orphan_controls(void)
{
	attack_add_rows("control_orphan", rows);
}
