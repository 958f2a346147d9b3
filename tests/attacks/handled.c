/* SPDX-License-Identifier: MIT */
/*
 * Files that the kernel has a handler run for (binfmt_misc). handler.py registers the
 * handlers and writes the files; without them there is no file "handled".
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/control.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *const arguments[] = {"tool", "one", "two three", NULL};

void need_handlers(void)
{
	if (access("handled", X_OK) < 0) {
		not_applicable("no handler could be registered");
	}
}

static void run_handled(const struct attack *attack)
{
	need_handlers();
	execv(attack->operation, arguments);
	failed("execv");
}

static void run_extension(const struct attack *attack)
{
	char path[256];
	(void)attack;
	need_handlers();
	snprintf(path, sizeof(path), "./handled.%s", getenv("ATTACK_HANDLED"));
	execv(path, arguments);
	failed("execv");
}

static void run_descriptor(const struct attack *attack)
{
	(void)attack;
	need_handlers();
	fexecve((int)need(open("handled", O_RDONLY), "open"), arguments, environ);
	failed("fexecve");
}

/* The handler may run, but not the file that it is given. */
static void run_forbidden(const struct attack *attack)
{
	(void)attack;
	need_handlers();
	execv(path_in(arena.guarded, "handled"), arguments);
	failed("execv");
}

static void show_run(const char *path)
{
	int status = 0;
	fflush(stdout);
	if (fork() == 0) {
		execv(path, arguments);
		show(path, -1);
		_exit(1);
	}
	wait(&status);
	show_number(path, status);
}

static void show_descriptor(int flags)
{
	int status = 0;
	fflush(stdout);
	if (fork() == 0) {
		fexecve(open("handled_words", O_RDONLY | flags), arguments, environ);
		show("fexecve", -1);
		_exit(1);
	}
	wait(&status);
	show_number("fexecve", status);
}

static void control_handled(const struct attack *attack)
{
	char path[256];
	(void)attack;
	need_handlers();
	show_run("./handled_words");
	show_run("./handled_first");
	show_run("./handled_given");
	show_run("./handled_script");
	show_run("./handled_off");
	show_run("./script_words");
	show_descriptor(0);
	show_descriptor(O_CLOEXEC);
	snprintf(path, sizeof(path), "./handled.%stext", getenv("ATTACK_HANDLED"));
	int status = 0;
	if (fork() == 0) {
		execv(path, arguments);
		_exit(1);
	}
	wait(&status);
	show_number("extension", status);
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"by_handler", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./handled"},
	{"by_handler_opened", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./handled"},
	{"by_handler_given", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./handled"},
	{"by_handler_newest", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./handled"},
	{"by_handler_script", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./handled"},
	{"by_handler_in_script", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_handled, "./script"},
	{"by_handler_extension", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_extension, NULL},
	{"by_handler_descriptor", EFFECT_EXECUTED, ATTACK_ROOT, "execveat", run_descriptor, NULL},
	{"handled", EFFECT_EXECUTED, ATTACK_ROOT, "execve", run_forbidden, NULL},
	{NULL},
};

static const struct attack_row controls[] = {
	{"handled", EFFECT_NONE, ATTACK_ROOT, "execve execveat", control_handled, NULL},
	{NULL},
};
/* clang-format on */

void handled_attacks(void)
{
	attack_add_rows("exec", rows);
	attack_add_rows("control_exec", controls);
}
