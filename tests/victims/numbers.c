/* SPDX-License-Identifier: MIT */
/*
 * Which numbers opened files get, and what is left undone where no number is free: then
 * nothing is looked up, made or emptied.
 */
#include "victim.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FEW = 20, FIRST = 3, HOW_SIZE = 24 };

static char folder[] = "/tmp/numbersXXXXXX";

static void say_result(const char *call, long result)
{
	say("%s: %ld %s\n", call, result, result < 0 ? strerrorname_np(errno) : "");
}

#define TRY(CALL) say_result(#CALL, (long)(CALL))

static void say_there(const char *name)
{
	struct stat status;

	if (stat(name, &status) != 0) {
		say(" %s is not there\n", name);
		return;
	}
	say(" %s has %d bytes\n", name, (int)status.st_size);
}

static void make_file(void)
{
	const int fd = open("file", O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || write(fd, "content", 7) != 7) {
		_exit(3);
	}
	(void)close(fd);
}

/* Of each kind of open one, while some numbers in between are free. */
static void try_numbers(void)
{
	TRY(open("file", O_RDONLY));
	TRY(open("file", O_RDWR));
	TRY(open("made", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	TRY(dup2(FIRST, FIRST + 5));
	TRY(close(FIRST + 1));
	TRY(open(".", O_RDONLY | O_DIRECTORY));
	TRY(open("/dev/null", O_RDWR));
	TRY(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	TRY(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	TRY(open("file", O_PATH));
	TRY(open(".", O_TMPFILE | O_RDWR, 0600));
	TRY(creat("created", 0600));
	TRY(open("/proc/self/fd/3", O_RDONLY));
	for (int fd = FIRST; fd < FEW; fd++) {
		say(" %d: %d\n", fd, fcntl(fd, F_GETFD));
		(void)close(fd);
	}
}

static void limit_numbers(rlim_t limit)
{
	const struct rlimit limits = {limit, FEW};

	if (setrlimit(RLIMIT_NOFILE, &limits) != 0) {
		_exit(4);
	}
}

static void try_all(void)
{
	const struct {
		uint64_t flags, mode, resolve;
	} how = {O_RDWR | O_CREAT, 0600, 0};

	TRY(open("file", O_RDONLY));
	TRY(open("file", O_WRONLY | O_TRUNC));
	say_there("file");
	TRY(open("new", O_RDWR | O_CREAT | O_EXCL, 0600));
	say_there("new");
	TRY(open("newer", O_RDWR | O_CREAT | O_TRUNC, 0600));
	say_there("newer");
	TRY(creat("newest", 0600));
	say_there("newest");
	TRY(syscall(SYS_openat2, AT_FDCWD, "how", &how, HOW_SIZE));
	say_there("how");
	TRY(open(".", O_TMPFILE | O_RDWR, 0600));
	TRY(open("none", O_RDONLY));
	TRY(open("file/below", O_RDONLY));
	TRY(open("file", O_RDONLY | O_DIRECTORY));
	TRY(open("file", O_RDWR | O_CREAT | O_EXCL, 0600));
	TRY(open("", O_RDONLY));
	TRY(syscall(SYS_open, 8, O_RDONLY));
	TRY(open("file", O_PATH));
	TRY(open("/dev/null", O_RDWR));
	TRY(open("/proc/self/status", O_RDONLY));
	TRY(mkdir("folder", 0700));
	TRY(rmdir("folder"));
}

static void open_numbers(void)
{
	char command[64];
	int count = 0;

	/* What was inherited differs. */
	(void)syscall(SYS_close_range, FIRST, ~0U, 0);
	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(5);
	}
	make_file();
	try_numbers();
	limit_numbers(FEW);
	while (open("file", O_RDONLY) >= 0) {
		count++;
	}
	say("opened %d\n", count);
	try_all();
	(void)close(FIRST + 4);
	(void)close(FIRST + 5);
	TRY(open("last", O_RDWR | O_CREAT, 0600));
	TRY(dup(FIRST));
	TRY(open("one too many", O_RDWR | O_CREAT, 0600));
	say_there("one too many");
	(void)syscall(SYS_close_range, FIRST, ~0U, 0);
	limit_numbers(0);
	try_all();
	limit_numbers(FEW);
	try_all();
	(void)syscall(SYS_close_range, FIRST, ~0U, 0);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("/") != 0 || system(command) != 0) {
		_exit(6);
	}
}

static const struct behaviour behaviours[] = {
	{"open_numbers", open_numbers},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
