/* SPDX-License-Identifier: MIT */
/*
 * Races between the judgement of a program and its start: the name, the arguments, the
 * script and its interpreter turn between what may run and what may not.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/elf_host.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct exec_call {
	int folder;
	const char *path;
	const char *const *arguments;
};

static int exec_now(void *argument)
{
	const struct exec_call *call = argument;
	syscall(SYS_execveat, call->folder, call->path, call->arguments, environ, 0);
	_exit(1);
}

/* The child shares everything with the turning thread until it has become another. */
static void exec_in_child(const struct exec_call *call)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	pid_t child = clone(exec_now, stack + sizeof(stack),
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_VFORK | SIGCHLD,
		(void *)(uintptr_t)call);
	if (child > 0) {
		waitpid(child, NULL, __WALL);
	}
}

static void copy_program(const char *from, const char *to)
{
	int in = (int)need(open(from, O_RDONLY | O_CLOEXEC), from);
	int out = (int)need(open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755), to);
	while (sendfile(out, in, NULL, 1 << 20) > 0) {
	}
	close(in);
	close(out);
}

/* A folder of the project with a harmless program of the same name. */
static char *make_inner(void)
{
	char *inner = path_in(arena.project, "inner");
	need(mkdir(inner, 0755), inner);
	copy_program("twin", path_in(inner, "tool"));
	return inner;
}

static void try_until_the_end(const struct exec_call *call)
{
	unsigned long tries = 0;
	for (; time_is_left(); tries++) {
		exec_in_child(call);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

static void run_path(const struct attack *attack)
{
	static const char *const arguments[] = {"tool", NULL};
	const struct flip *chosen = attack->form;
	flip_folders(make_inner(), arena.guarded, "tool");
	chosen->prepare();
	flip_start(chosen);
	struct exec_call call = {flip.folder, flip.path, arguments};
	try_until_the_end(&call);
}

static void run_argument(const struct attack *attack)
{
	const struct flip *chosen = attack->form;
	flip_texts("safe", "evil", sizeof("safe"));
	chosen->prepare();
	flip_start(chosen);
	const char *arguments[] = {"twin", flip.bytes, NULL};
	struct exec_call call = {AT_FDCWD, path_in(arena.guarded, "twin"), arguments};
	try_until_the_end(&call);
}

static const char *volatile pointers[3] = {"twin", "safe", NULL};

static void turn_pointer(int which)
{
	pointers[1] = which ? "evil" : "safe";
}

/* One argument more or less: with one, nothing is said of being safe. */
static void turn_count(int which)
{
	pointers[1] = which ? NULL : "safe";
}

static void run_pointer(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_pointer};
	if (strcmp(attack->operation, "count") == 0) {
		chosen.turn = turn_count;
	}
	flip_start(&chosen);
	struct exec_call call = {AT_FDCWD, path_in(arena.guarded, "twin"),
		(const char *const *)(uintptr_t)pointers};
	try_until_the_end(&call);
}

static void script_make(const char *name, const char *interpreter)
{
	char line[4096];
	snprintf(line, sizeof(line), "#!%s\n", interpreter);
	write_file(name, line);
	need(chmod(name, 0755), name);
}

/* Two scripts change places under one name. */
static void turn_script(int which)
{
	(void)which;
	syscall(SYS_renameat2, AT_FDCWD, "script", AT_FDCWD, "other", 2);
}

static void run_script(const struct attack *attack)
{
	static const char *const arguments[] = {"script", NULL};
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_script};
	(void)attack;
	script_make("script", path_in(make_inner(), "tool"));
	script_make("other", arena.tool);
	flip_start(&chosen);
	struct exec_call call = {AT_FDCWD, "./script", arguments};
	try_until_the_end(&call);
}

/* The script stays; what its first line names is turned. */
static void run_interpreter(const struct attack *attack)
{
	static const char *const arguments[] = {"script", NULL};
	const struct flip *chosen = attack->form;
	flip_folders(make_inner(), arena.guarded, "tool");
	chosen->prepare();
	script_make("script", path_in(arena.project, flip.path));
	flip_start(chosen);
	struct exec_call call = {AT_FDCWD, "./script", arguments};
	try_until_the_end(&call);
}

/*
 * The file stays, its content is turned: with the tool as its interpreter, whose fixed
 * addresses are told to nobody, and without one.
 */
static off_t host_segment;

static void turn_content(int which)
{
	const uint32_t kind = which ? PT_INTERP : PT_NULL;
	int fd = open("host", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		return; /* it is being executed */
	}
	(void)!pwrite(fd, &kind, sizeof(kind), host_segment);
	close(fd);
}

static void run_content(const struct attack *attack)
{
	static const char *const arguments[] = {"host", NULL};
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_content};
	(void)attack;
	host_segment = elf_host_make("host");
	flip_start(&chosen);
	struct exec_call call = {AT_FDCWD, "./host", arguments};
	try_until_the_end(&call);
}

/*
 * Two scripts for one interpreter: what is executed is the same in both cases, but not
 * what the interpreter then finds under the name.
 */
static void run_same_interpreter(const struct attack *attack)
{
	static const char *const arguments[] = {"script", NULL};
	const struct flip *chosen = attack->form;
	char *inner = make_inner();
	char *script = path_in(inner, "script");
	write_file(script, "#!/bin/sh\n:\n");
	need(chmod(script, 0755), script);
	flip_folders(inner, arena.guarded, "script");
	chosen->prepare();
	flip_start(chosen);
	struct exec_call call = {flip.folder, flip.path, arguments};
	try_until_the_end(&call);
}

/* Two scripts of one first line, of which the program is named by one of two levels. */
static void run_same_start(const struct attack *attack)
{
	const char *name = attack->operation;
	const struct flip *chosen = attack->form;
	const char *const arguments[] = {name, NULL};
	char *inner = make_inner();
	char *script = path_in(inner, name);
	if (strcmp(name, "by_env") == 0) {
		write_file(script, "#!/usr/bin/env sh\n:\n");
	} else if (strcmp(name, "by_python") == 0) {
		write_file(script, "#!/usr/bin/python3 -ISs\n0\n");
	} else {
		write_file("runner", "#!/bin/sh\n. \"$1\"\n");
		need(chmod("runner", 0755), "runner");
		script_make(script, path_in(arena.project, "runner"));
	}
	need(chmod(script, 0755), script);
	flip_folders(inner, arena.guarded, name);
	chosen->prepare();
	flip_start(chosen);
	struct exec_call call = {flip.folder, flip.path, arguments};
	try_until_the_end(&call);
}

/* The same of files that a shell is the handler of; it may be given them opened, too. */
static void run_same_handler(const struct attack *attack)
{
	static const char *const arguments[] = {"handled", NULL};
	struct flip chosen = *(const struct flip *)attack->operation;
	char *inner = make_inner();
	char *handled = path_in(inner, "handled");
	char text[256];
	need_handlers();
	snprintf(text, sizeof(text), ": %s\n", getenv("ATTACK_HANDLED"));
	write_file(handled, text);
	need(chmod(handled, 0755), handled);
	flip_folders(inner, arena.guarded, "handled");
	chosen.prepare();
	flip_start(&chosen);
	struct exec_call call = {flip.folder, flip.path, arguments};
	try_until_the_end(&call);
}

static void add(const char *family, const struct flip *chosen,
	void (*run)(const struct attack *), bool is_quick)
{
	struct attack attack = {
		.effect = EFFECT_EXECUTED,
		.flags = ATTACK_RACE | (is_quick ? 0 : ATTACK_FULL),
		.syscalls = "execveat",
		.run = run,
		.form = chosen,
	};
	attack_add(&attack, "race_%s/%s", family, chosen->name);
}

static void add_start(const char *name, const struct flip *chosen)
{
	struct attack attack = {
		.effect = EFFECT_EXECUTED,
		.flags = ATTACK_RACE,
		.syscalls = "execveat",
		.run = run_same_start,
		.operation = name,
		.form = chosen,
	};
	attack_add(&attack, "race_exec_script/%s", name);
}

static void add_handled(const char *name, const struct flip *chosen)
{
	struct attack attack = {
		.effect = EFFECT_EXECUTED,
		.flags = ATTACK_RACE | ATTACK_ROOT,
		.syscalls = "execveat",
		.run = run_same_handler,
		.operation = chosen,
	};
	attack_add(&attack, "race_exec_script/%s", name);
}

static const struct attack_row rows[] = {
	{"pointer", EFFECT_EXECUTED, ATTACK_RACE, "execveat", run_pointer, "pointer"},
	{"count", EFFECT_EXECUTED, ATTACK_RACE, "execveat", run_pointer, "count"},
	{"script", EFFECT_EXECUTED, ATTACK_RACE, "execveat", run_script, "name"},
	{"content", EFFECT_EXECUTED, ATTACK_RACE, "execveat", run_content, "content"},
	{NULL},
};

void exec_race_attacks(void)
{
	for (size_t i = 0; i < flip_count; i++) {
		bool is_moved = strcmp(flips[i].name, "moved") == 0;
		if (!is_moved) {
			add("exec", &flips[i], run_path, i % 2 == 0);
		}
		if (flips[i].is_text) {
			add("exec_argument", &flips[i], run_argument, i < 2);
		} else if (strncmp(flips[i].name, "link", 4) == 0 ||
			   strcmp(flips[i].name, "exchange") == 0) {
			add("exec_interpreter", &flips[i], run_interpreter, true);
		}
		if (!flips[i].is_text && !is_moved) {
			add("exec_script", &flips[i], run_same_interpreter, i % 2 == 0);
		}
	}
	attack_add_rows("race_exec", rows);
	for (size_t i = 0; i < flip_count; i++) {
		if (strcmp(flips[i].name, "link") == 0) {
			add_start("by_env", &flips[i]);
			add_start("by_python", &flips[i]);
			add_start("by_script", &flips[i]);
			add_handled("handled", &flips[i]);
			add_handled("handled_given", &flips[i]);
		}
	}
}
