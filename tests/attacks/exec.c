/* SPDX-License-Identifier: MIT */
/* Every way to start the program that may be read but not run. */
#include "tests/attacks/attack.h"
#include "tests/attacks/elf_host.h"
#include "tests/attacks/place.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *const tool_arguments[] = {"tool", NULL};

static void run_execve(const struct attack *attack)
{
	static struct place place;
	form_apply(attack->form, arena.tool, &place);
	syscall(SYS_execve, place.path, tool_arguments, environ);
	failed("execve");
}

static void run_execveat(const struct attack *attack)
{
	static struct place place;
	form_apply(attack->form, arena.tool, &place);
	syscall(SYS_execveat, place.folder, place.path, tool_arguments, environ, 0);
	failed("execveat");
}

static void run_fexecve(const struct attack *attack)
{
	static struct place place;
	form_apply(attack->form, arena.tool, &place);
	long fd = syscall(SYS_openat, place.folder, place.path, O_PATH);
	syscall(SYS_execveat, need(fd, "openat"), "", tool_arguments, environ,
		AT_EMPTY_PATH);
	failed("execveat");
}

static void run_descriptor_name(const struct attack *attack)
{
	char name[64];
	snprintf(name, sizeof(name), "%s%ld", (const char *)attack->operation,
		need(open(arena.tool, O_RDONLY), arena.tool));
	execv(name, tool_arguments);
	failed("execv");
}

static void run_without_arguments(const struct attack *attack)
{
	(void)attack;
	syscall(SYS_execve, arena.tool, NULL, NULL);
	failed("execve");
}

/* Is asked whether it could run with the flag that only asks, and then run. */
static void run_after_check(const struct attack *attack)
{
	enum { EXECVE_CHECK = 0x10000 };
	(void)attack;
	syscall(SYS_execveat, AT_FDCWD, arena.tool, tool_arguments, environ,
		EXECVE_CHECK);
	syscall(SYS_execveat, AT_FDCWD, arena.tool, tool_arguments, environ, 0);
	failed("execveat");
}

static void run_junk_flags(const struct attack *attack)
{
	(void)attack;
	syscall(SYS_execveat, 0xdead00000000ul | (unsigned)AT_FDCWD, arena.tool,
		tool_arguments, environ, 0xdead00000000ul);
	failed("execveat");
}

static void run_spawn(const struct attack *attack)
{
	pid_t child;
	(void)attack;
	int result =
		posix_spawn(&child, arena.tool, NULL, NULL, tool_arguments, environ);
	if (result != 0) {
		errno = result;
		failed("posix_spawn");
	}
	waitpid(child, NULL, 0);
}

static void run_vfork(const struct attack *attack)
{
	(void)attack;
	pid_t child = vfork();
	if (child == 0) {
		execv(arena.tool, tool_arguments);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

static void *exec_in_thread(void *nothing)
{
	(void)nothing;
	execv(arena.tool, tool_arguments);
	return NULL;
}

static void run_thread(const struct attack *attack)
{
	pthread_t thread;
	(void)attack;
	pthread_create(&thread, NULL, exec_in_thread, NULL);
	pthread_join(thread, NULL);
}

static int tool_copy_to(int to)
{
	int from = (int)need(open(arena.tool, O_RDONLY | O_CLOEXEC), arena.tool);
	struct stat status;
	fstat(from, &status);
	while (sendfile(to, from, NULL, (size_t)status.st_size) > 0) {
	}
	close(from);
	return to;
}

static void run_memory_file(const struct attack *attack)
{
	(void)attack;
	int fd = (int)need(memfd_create("tool", 0), "memfd_create");
	tool_copy_to(fd);
	syscall(SYS_execveat, fd, "", tool_arguments, environ, AT_EMPTY_PATH);
	failed("execveat");
}

static void run_memory_file_name(const struct attack *attack)
{
	char name[64];
	(void)attack;
	int fd = (int)need(memfd_create("tool", MFD_CLOEXEC), "memfd_create");
	tool_copy_to(fd);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	execv(name, tool_arguments);
	failed("execv");
}

/* A copy in the shared memory folder, which nothing allows. */
static void run_shared_memory(const struct attack *attack)
{
	char name[64], path[128];
	(void)attack;
	snprintf(name, sizeof(name), "/attack-%d", getpid());
	snprintf(path, sizeof(path), "/dev/shm%s", name);
	int fd = (int)need(shm_open(name, O_RDWR | O_CREAT, 0700), "shm_open");
	tool_copy_to(fd);
	close(fd);
	pid_t child = fork();
	if (child == 0) {
		execv(path, tool_arguments);
		_exit(1);
	}
	waitpid(child, NULL, 0);
	shm_unlink(name);
}

static void script_make(const char *name, const char *interpreter)
{
	char line[4096];
	snprintf(line, sizeof(line), "#!%s\n", interpreter);
	write_file(name, line);
	need(chmod(name, 0755), name);
}

static void run_elf_interpreter(const struct attack *attack)
{
	(void)attack;
	elf_host_make("host");
	execv("host", tool_arguments);
	failed("execv");
}

static void run_script(const struct attack *attack)
{
	(void)attack;
	script_make("script", arena.tool);
	execv("./script", tool_arguments);
	failed("execv");
}

static void run_script_with_option(const struct attack *attack)
{
	char line[4096];
	(void)attack;
	snprintf(line, sizeof(line), " \t%s   some option ", arena.tool);
	script_make("script", line);
	execv("./script", tool_arguments);
	failed("execv");
}

static void run_script_relative(const struct attack *attack)
{
	(void)attack;
	script_make("script", "../guarded/tool");
	execv("./script", tool_arguments);
	failed("execv");
}

static void run_script_by_link(const struct attack *attack)
{
	(void)attack;
	need(symlink(arena.tool, "interpreter"), "symlink");
	script_make("script", path_in(arena.project, "interpreter"));
	execv("./script", tool_arguments);
	failed("execv");
}

static void run_script_chain(const struct attack *attack)
{
	(void)attack;
	script_make("third", arena.tool);
	script_make("second", path_in(arena.project, "third"));
	script_make("first", path_in(arena.project, "second"));
	execv("./first", tool_arguments);
	failed("execv");
}

static void run_script_descriptor(const struct attack *attack)
{
	(void)attack;
	script_make("script", arena.tool);
	int fd = open("script", O_RDONLY);
	syscall(SYS_execveat, fd, "", tool_arguments, environ, AT_EMPTY_PATH);
	failed("execveat");
}

static void run_program(const struct attack *attack)
{
	const char *const *arguments = attack->operation;
	char *copy[8] = {NULL};
	for (size_t i = 0; arguments[i] != NULL; i++) {
		copy[i] = strcmp(arguments[i], "TOOL") == 0 ? strdup(arena.tool)
							    : strdup(arguments[i]);
	}
	execv(copy[0], copy);
	if (errno == ENOENT) {
		not_applicable(copy[0]);
	}
	failed(copy[0]);
}

/* Hard links and symbolic links are other names of the same program. */
static void run_hard_link(const struct attack *attack)
{
	(void)attack;
	need(link(arena.tool, "tool"), "link");
	execv("./tool", tool_arguments);
	failed("execv");
}

static void run_renamed(const struct attack *attack)
{
	(void)attack;
	need(rename(arena.tool, "tool"), "rename");
	execv("./tool", tool_arguments);
	failed("execv");
}

static void run_path_search(const struct attack *attack)
{
	(void)attack;
	setenv("PATH", arena.guarded, 1);
	execvp("tool", tool_arguments);
	failed("execvp");
}

/* Argument vectors: this rule set allows `twin safe` and denies the rest of twin. */
static void run_arguments(const struct attack *attack)
{
	char *twin = path_in(arena.guarded, "twin");
	execv(twin, (char *const *)(uintptr_t)attack->operation);
	failed("execv");
}

static const char *const by_loader[] = {"/lib64/ld-linux-x86-64.so.2", "TOOL", NULL};
static const char *const by_loader_option[] = {
	"/lib64/ld-linux-x86-64.so.2", "--argv0", "innocent", "TOOL", NULL};
static const char *const by_shell[] = {"/bin/sh", "-c", "exec $0", "TOOL", NULL};
static const char *const by_env[] = {"/usr/bin/env", "TOOL", NULL};
static const char *const by_xargs[] = {
	"/usr/bin/env", "xargs", "-a", "/dev/null", "TOOL", NULL};
static const char *const by_find[] = {
	"/usr/bin/find", ".", "-maxdepth", "0", "-exec", "TOOL", ";", NULL};
static const char *const by_nice[] = {"/usr/bin/nice", "TOOL", NULL};
static const char *const by_setsid[] = {"/usr/bin/setsid", "TOOL", NULL};
static const char *const by_awk[] = {
	"/usr/bin/awk", "BEGIN { system(ARGV[1]) }", "TOOL", NULL};
static const char *const by_perl[] = {
	"/usr/bin/perl", "-e", "exec @ARGV", "TOOL", NULL};
static const char *const by_timeout[] = {"/usr/bin/timeout", "5", "TOOL", NULL};

static char *const argument_danger[] = {"twin", "danger", NULL};
static char *const argument_more[] = {"twin", "safely", "safe", NULL};
static char *const argument_none[] = {"twin", NULL};
static char *const argument_space[] = {"twin", "safe ", NULL};
static char *const argument_empty[] = {"twin", "", "safe", NULL};

/* clang-format off */
static const struct attack_row rows[] = {
	{"descriptor_name", EFFECT_EXECUTED, 0, "execve", run_descriptor_name, "/proc/self/fd/"},
	{"device_name", EFFECT_EXECUTED, 0, "execve", run_descriptor_name, "/dev/fd/"},
	{"without_arguments", EFFECT_EXECUTED, 0, "execve", run_without_arguments, NULL},
	{"after_check", EFFECT_EXECUTED, 0, "execveat", run_after_check, NULL},
	{"junk_flags", EFFECT_EXECUTED, 0, "execveat", run_junk_flags, NULL},
	{"spawn", EFFECT_EXECUTED, 0, "execve", run_spawn, NULL},
	{"vfork", EFFECT_EXECUTED, 0, "execve", run_vfork, NULL},
	{"thread", EFFECT_EXECUTED, 0, "execve", run_thread, NULL},
	{"memory_file", EFFECT_EXECUTED, 0, "execveat", run_memory_file, NULL},
	{"memory_file_name", EFFECT_EXECUTED, 0, "execve", run_memory_file_name, NULL},
	{"shared_memory", EFFECT_EXECUTED, 0, "execve", run_shared_memory, NULL},
	{"script", EFFECT_EXECUTED, 0, "execve", run_script, NULL},
	{"script_with_option", EFFECT_EXECUTED, 0, "execve", run_script_with_option, NULL},
	{"script_relative", EFFECT_EXECUTED, 0, "execve", run_script_relative, NULL},
	{"script_by_link", EFFECT_EXECUTED, 0, "execve", run_script_by_link, NULL},
	{"script_chain", EFFECT_EXECUTED, 0, "execve", run_script_chain, NULL},
	{"script_descriptor", EFFECT_EXECUTED, 0, "execveat", run_script_descriptor, NULL},
	{"hard_link", EFFECT_EXECUTED, 0, "link execve", run_hard_link, NULL},
	{"renamed", EFFECT_EXECUTED, 0, "rename execve", run_renamed, NULL},
	{"path_search", EFFECT_EXECUTED, 0, "execve", run_path_search, NULL},
	{"elf_interpreter", EFFECT_EXECUTED, 0, "execve", run_elf_interpreter, NULL},
	{"by_loader", EFFECT_EXECUTED, 0, "execve", run_program, by_loader},
	{"by_loader_option", EFFECT_EXECUTED, 0, "execve", run_program, by_loader_option},
	{"by_shell", EFFECT_EXECUTED, 0, "execve", run_program, by_shell},
	{"by_env", EFFECT_EXECUTED, 0, "execve", run_program, by_env},
	{"by_xargs", EFFECT_EXECUTED, 0, "execve", run_program, by_xargs},
	{"by_find", EFFECT_EXECUTED, 0, "execve", run_program, by_find},
	{"by_nice", EFFECT_EXECUTED, 0, "execve", run_program, by_nice},
	{"by_setsid", EFFECT_EXECUTED, 0, "execve", run_program, by_setsid},
	{"by_awk", EFFECT_EXECUTED, 0, "execve", run_program, by_awk},
	{"by_perl", EFFECT_EXECUTED, 0, "execve", run_program, by_perl},
	{"by_timeout", EFFECT_EXECUTED, 0, "execve", run_program, by_timeout},
	{"argument_danger", EFFECT_EXECUTED, 0, "execve", run_arguments, argument_danger},
	{"argument_more", EFFECT_EXECUTED, 0, "execve", run_arguments, argument_more},
	{"argument_none", EFFECT_EXECUTED, 0, "execve", run_arguments, argument_none},
	{"argument_space", EFFECT_EXECUTED, 0, "execve", run_arguments, argument_space},
	{"argument_empty", EFFECT_EXECUTED, 0, "execve", run_arguments, argument_empty},
	{NULL},
};
/* clang-format on */

static void add_forms(const char *name, const char *syscalls, unsigned takes,
	void (*run)(const struct attack *))
{
	for (size_t i = 0; i < form_count; i++) {
		if (forms[i].needs & ~takes & (FORM_FOLDER | FORM_FOLLOWS)) {
			continue;
		}
		struct attack attack = {
			.effect = EFFECT_EXECUTED,
			.flags = forms[i].needs & FORM_BYSTANDER ? ATTACK_BYSTANDER : 0,
			.syscalls = syscalls,
			.run = run,
			.form = &forms[i],
		};
		attack_add(&attack, "%s/%s", name, forms[i].name);
	}
}

void exec_attacks(void)
{
	add_forms("execve", "execve", FORM_FOLLOWS, run_execve);
	add_forms("execveat", "execveat", FORM_FOLLOWS | FORM_FOLDER, run_execveat);
	add_forms("fexecve", "execveat", FORM_FOLLOWS | FORM_FOLDER, run_fexecve);
	attack_add_rows("exec", rows);
}
