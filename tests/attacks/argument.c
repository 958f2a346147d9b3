/* SPDX-License-Identifier: MIT */
/*
 * Arguments in memory that is hard to read from outside: at the end of a page, behind a
 * page fault that the attacker serves, in memory that only its owner can see.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern char **environ;

enum { PAGE = 4096 };

static char *map(size_t size, int protection, int flags, int fd)
{
	char *memory = mmap(NULL, size, protection, flags, fd, 0);
	if (memory == MAP_FAILED) {
		failed("mmap");
	}
	return memory;
}

/* The terminating zero is the last byte before a page that is not there. */
static char *place_at_end(const char *text)
{
	char *memory =
		map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	munmap(memory + PAGE, PAGE);
	return strcpy(memory + PAGE - strlen(text) - 1, text);
}

static char *place_across(const char *text)
{
	char *memory =
		map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	strcpy(memory + PAGE - strlen(text) / 2, text);
	mprotect(memory + PAGE, PAGE, PROT_READ);
	return memory + PAGE - strlen(text) / 2;
}

static char *place_in_memory_file(const char *text)
{
	int fd = (int)need(memfd_create("argument", 0), "memfd_create");
	need(ftruncate(fd, PAGE), "ftruncate");
	char *memory = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	return strcpy(memory, text);
}

/* Private and read-only, from a file that was removed. */
static char *place_in_file(const char *text)
{
	write_file("argument", text);
	int fd = (int)need(open("argument", O_RDWR), "open");
	need(ftruncate(fd, PAGE), "ftruncate");
	need(unlink("argument"), "unlink");
	return map(PAGE, PROT_READ, MAP_PRIVATE, fd);
}

static char *place_in_secret_memory(const char *text)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);
	if (fd < 0) {
		not_applicable("memfd_secret");
	}
	need(ftruncate(fd, PAGE), "ftruncate");
	return strcpy(map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd), text);
}

static char *place_in_executable(const char *text)
{
	char *memory =
		map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	strcpy(memory, text);
	mprotect(memory, PAGE, PROT_EXEC | PROT_READ);
	return memory;
}

static char *place_growing_down(const char *text)
{
	char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1);
	return strcpy(memory + 3 * PAGE, text);
}

/* A thread of ours puts the text in when somebody touches the page. */
struct fault_server {
	int fd;
	char page[PAGE];
};

static void *serve_fault(void *argument)
{
	struct fault_server *server = argument;
	struct uffd_msg message;
	struct pollfd waiting = {.fd = server->fd, .events = POLLIN};
	poll(&waiting, 1, -1);
	if (read(server->fd, &message, sizeof(message)) != sizeof(message)) {
		return NULL;
	}
	struct uffdio_copy copy = {
		.dst = message.arg.pagefault.address & ~(PAGE - 1ull),
		.src = (uintptr_t)server->page,
		.len = PAGE};
	ioctl(server->fd, UFFDIO_COPY, &copy);
	return NULL;
}

static char *place_behind_fault(const char *text)
{
	static struct fault_server server;
	pthread_t thread;
	server.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (server.fd < 0) {
		not_applicable("userfaultfd");
	}
	struct uffdio_api api = {.api = UFFD_API};
	need(ioctl(server.fd, UFFDIO_API, &api), "UFFDIO_API");
	char *memory =
		map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct uffdio_register area = {.range = {(uintptr_t)memory, PAGE},
		.mode = UFFDIO_REGISTER_MODE_MISSING};
	need(ioctl(server.fd, UFFDIO_REGISTER, &area), "UFFDIO_REGISTER");
	strcpy(server.page, text);
	pthread_create(&thread, NULL, serve_fault, &server);
	return memory;
}

static const struct {
	const char *name;
	char *(*place)(const char *text);
	const char *syscalls;
} places[] = {
	{"page_end", place_at_end, "openat"},
	{"two_pages", place_across, "openat"},
	{"memory_file", place_in_memory_file, "openat"},
	{"removed_file", place_in_file, "openat"},
	{"secret_memory", place_in_secret_memory, "memfd_secret"},
	{"executable", place_in_executable, "openat"},
	{"growing_down", place_growing_down, "openat"},
	{"behind_fault", place_behind_fault, "userfaultfd"},
};

static const char *placed(const struct attack *attack, const char *text)
{
	char *(*const *place)(const char *) = attack->form;
	return (*place)(text);
}

static void run_openat(const struct attack *attack)
{
	const char *path = placed(attack, arena.secret);
	leak((int)need(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY), "openat"));
}

static void run_unlink(const struct attack *attack)
{
	need(syscall(SYS_unlink, placed(attack, arena.protected)), "unlink");
}

static void run_rename(const struct attack *attack)
{
	need(syscall(SYS_rename, placed(attack, arena.protected), "stolen"), "rename");
}

static void run_execve(const struct attack *attack)
{
	char *arguments[] = {"tool", NULL};
	syscall(SYS_execve, placed(attack, arena.tool), arguments, environ);
	failed("execve");
}

/* The second argument decides: "danger" is not "safe". */
static void run_argv(const struct attack *attack)
{
	const char *arguments[] = {"twin", placed(attack, "danger"), NULL};
	syscall(SYS_execve, path_in(arena.guarded, "twin"), arguments, environ);
	failed("execve");
}

static const struct {
	const char *name;
	enum effect effect;
	void (*run)(const struct attack *attack);
	const char *syscalls;
} uses[] = {
	{"argument_openat", EFFECT_SECRET, run_openat, "openat"},
	{"argument_unlink", EFFECT_CHANGED, run_unlink, "unlink"},
	{"argument_rename", EFFECT_CHANGED, run_rename, "rename"},
	{"argument_execve", EFFECT_EXECUTED, run_execve, "execve"},
	{"argument_argv", EFFECT_EXECUTED, run_argv, "execve"},
};

void argument_attacks(void)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
			struct attack attack = {
				.effect = uses[i].effect,
				.syscalls =
					i == 0 ? places[j].syscalls : uses[i].syscalls,
				.run = uses[i].run,
				.form = &places[j].place,
			};
			attack_add(&attack, "%s/%s", uses[i].name, places[j].name);
		}
	}
}
