/* SPDX-License-Identifier: MIT */
#include "tests/attacks/flip.h"

#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, DESCRIPTOR = 100, LONGEST_PAUSE = 400 };

struct flip_state flip = {.folder = AT_FDCWD};

static pid_t turner;
static volatile bool is_ended;
static int descriptors[2], memory_fd = -1;

static char *shared_page(void)
{
	char *page = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED) {
		failed("mmap");
	}
	return page;
}

void flip_texts(const void *allowed, const void *forbidden, size_t length)
{
	flip.bytes = shared_page();
	flip.length = length;
	memcpy(flip.texts[0], allowed, length);
	memcpy(flip.texts[1], forbidden, length);
	memcpy(flip.bytes, allowed, length);
}

/* The shorter path is filled up with slashes. */
static void text_of_path(
	char *text, const char *folder, const char *name, size_t length)
{
	size_t used = strlen(folder) + strlen(name);
	memset(text, '/', length);
	memcpy(text, folder, strlen(folder));
	memcpy(text + length - strlen(name), name, strlen(name) + 1);
	if (used >= length) {
		failed("path too long");
	}
}

void flip_folders(const char *allowed, const char *forbidden, const char *name)
{
	char texts[2][PAGE] = {0};
	size_t a = strlen(allowed), b = strlen(forbidden);
	size_t length = (a > b ? a : b) + 1 + strlen(name);
	flip.folders[0] = allowed;
	flip.folders[1] = forbidden;
	flip.name = name;
	text_of_path(texts[0], allowed, name, length);
	text_of_path(texts[1], forbidden, name, length);
	flip_texts(texts[0], texts[1], length + 1);
}

static void prepare_bytes(void)
{
	flip.path = flip.bytes;
}

static void turn_bytes(int which)
{
	memcpy(flip.bytes, flip.texts[which], flip.length);
}

static void prepare_memory(void)
{
	flip.path = flip.bytes;
	memory_fd = open("/proc/self/mem", O_RDWR);
	if (memory_fd < 0) {
		failed("/proc/self/mem");
	}
}

static void turn_memory(int which)
{
	(void)!pwrite(memory_fd, flip.texts[which], flip.length,
		(off_t)(uintptr_t)flip.bytes);
}

static void turn_vector(int which)
{
	struct iovec here = {flip.texts[which], flip.length};
	struct iovec there = {flip.bytes, flip.length};
	(void)process_vm_writev(getpid(), &here, 1, &there, 1, 0);
}

/* Memory files with one text each. */
static void prepare_files(void)
{
	flip.path = flip.bytes;
	for (int i = 0; i < 2; i++) {
		descriptors[i] = (int)need(memfd_create("text", 0), "memfd_create");
		need(ftruncate(descriptors[i], PAGE), "ftruncate");
		need(pwrite(descriptors[i], flip.texts[i], flip.length, 0), "pwrite");
	}
}

/* The kernel writes the bytes, as for any read. */
static void turn_read(int which)
{
	(void)!pread(descriptors[which], flip.bytes, flip.length, 0);
}

static aio_context_t queue;

static void prepare_queue(void)
{
	enum { ORDERS = 1 };
	prepare_files();
	need(syscall(SYS_io_setup, ORDERS, &queue), "io_setup");
}

/* The same at the kernel's own time. */
static void turn_queue(int which)
{
	struct iocb order = {.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)descriptors[which],
		.aio_buf = (uintptr_t)flip.bytes,
		.aio_nbytes = flip.length};
	struct iocb *orders[] = {&order};
	struct io_event done;
	if (syscall(SYS_io_submit, queue, 1, orders) == 1) {
		syscall(SYS_io_getevents, queue, 1, 1, &done, NULL);
	}
}

/* The page under the pointer is another one. */
static void turn_map(int which)
{
	mmap(flip.bytes, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, descriptors[which],
		0);
}

/* The page goes away for a moment in between. */
static void turn_unmap(int which)
{
	munmap(flip.bytes, PAGE);
	mmap(flip.bytes, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, descriptors[which],
		0);
}

static void turn_move(int which)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, descriptors[which], 0);
	if (page != MAP_FAILED) {
		mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, flip.bytes);
	}
}

/* shelf/NAME, where shelf is a symbolic link that is replaced. */
static void prepare_link(void)
{
	flip.path = path_in("shelf", flip.name);
	need(symlink(flip.folders[0], "shelf"), "symlink");
}

static void turn_link(int which)
{
	if (symlink(flip.folders[which], "next") == 0) {
		rename("next", "shelf");
	}
}

/* The last component itself is the link. */
static void prepare_last_link(void)
{
	flip.path = "innocent";
	need(symlink(path_in(flip.folders[0], flip.name), "innocent"), "symlink");
}

static void turn_last_link(int which)
{
	char target[PAGE];
	snprintf(target, sizeof(target), "%s/%s", flip.folders[which], flip.name);
	if (symlink(target, "next") == 0) {
		rename("next", "innocent");
	}
}

/* A real folder and a link change places. */
static void prepare_exchange(void)
{
	flip.path = path_in("shelf", flip.name);
	need(rename(flip.folders[0], "shelf"), "rename");
	need(symlink(flip.folders[1], "other"), "symlink");
	/* The race refills its allowed folder by this name. */
	need(symlink("shelf", flip.folders[0]), "symlink");
}

static void turn_exchange(int which)
{
	(void)which;
	syscall(SYS_renameat2, AT_FDCWD, "shelf", AT_FDCWD, "other", RENAME_EXCHANGE);
}

static void prepare_chdir(void)
{
	flip.path = flip.name;
	need(chdir(flip.folders[0]), "chdir");
}

static void turn_chdir(int which)
{
	(void)!chdir(flip.folders[which]);
}

/* As above, by way of the name that the folder has in /proc. */
static void prepare_chdir_name(void)
{
	prepare_chdir();
	flip.path = path_in("/proc/self/cwd", flip.name);
}

static void prepare_descriptor(void)
{
	flip.folder = DESCRIPTOR;
	flip.path = flip.name;
	for (int i = 0; i < 2; i++) {
		descriptors[i] = (int)need(
			open(flip.folders[i], O_PATH | O_DIRECTORY), flip.folders[i]);
	}
	dup2(descriptors[0], DESCRIPTOR);
}

static void turn_descriptor(int which)
{
	dup2(descriptors[which], DESCRIPTOR);
}

/* As above, by way of the name that the descriptor has in /proc. */
static void prepare_descriptor_name(void)
{
	prepare_descriptor();
	flip.folder = AT_FDCWD;
	flip.path = path_in("/proc/self/fd/100", flip.name);
}

/* The folder that ".." leads to is moved: up from it is now above the project. */
static void prepare_moved(void)
{
	char *inner = path_in(flip.folders[0], "deep");
	need(mkdir(inner, 0755), "mkdir");
	flip.folder = (int)need(open(inner, O_PATH | O_DIRECTORY), "open");
	char path[PAGE];
	snprintf(path, sizeof(path), "../../%s/%s", strrchr(flip.folders[1], '/') + 1,
		flip.name);
	flip.path = strdup(path);
	/* What is allowed: project/outside/secret, a folder of the same name. */
	char *twin = path_in(arena.project, strrchr(flip.folders[1], '/') + 1);
	need(rename(flip.folders[0], twin), "rename");
	need(symlink(twin, flip.folders[0]), "symlink");
}

static void turn_moved(int which)
{
	char there[PAGE];
	snprintf(there, sizeof(there), "%s/%s/deep", arena.project,
		strrchr(flip.folders[1], '/') + 1);
	char *here = "deep";
	rename(which ? there : here, which ? here : there);
}

/* clang-format off */
const struct flip flips[] = {
	{"bytes", prepare_bytes, turn_bytes, FLIP_BY_THREAD, true},
	{"bytes_process", prepare_bytes, turn_bytes, FLIP_BY_PROCESS, true},
	{"bytes_sharing_process", prepare_bytes, turn_bytes, FLIP_BY_SHARING_PROCESS, true},
	{"memory_file", prepare_memory, turn_memory, FLIP_BY_THREAD, true},
	{"vector", prepare_bytes, turn_vector, FLIP_BY_THREAD, true},
	{"read", prepare_files, turn_read, FLIP_BY_THREAD, true},
	{"queue", prepare_queue, turn_queue, FLIP_BY_THREAD, true},
	{"map", prepare_files, turn_map, FLIP_BY_THREAD, true},
	{"unmap", prepare_files, turn_unmap, FLIP_BY_THREAD, true},
	{"move", prepare_files, turn_move, FLIP_BY_THREAD, true},
	{"link", prepare_link, turn_link, FLIP_BY_THREAD, false},
	{"link_process", prepare_link, turn_link, FLIP_BY_PROCESS, false},
	{"last_link", prepare_last_link, turn_last_link, FLIP_BY_THREAD, false},
	{"exchange", prepare_exchange, turn_exchange, FLIP_BY_THREAD, false},
	{"chdir", prepare_chdir, turn_chdir, FLIP_BY_THREAD, false},
	{"chdir_process", prepare_chdir, turn_chdir, FLIP_BY_SHARING_PROCESS, false},
	{"chdir_name", prepare_chdir_name, turn_chdir, FLIP_BY_THREAD, false},
	{"descriptor", prepare_descriptor, turn_descriptor, FLIP_BY_THREAD, false},
	{"descriptor_name", prepare_descriptor_name, turn_descriptor, FLIP_BY_THREAD, false},
	{"moved", prepare_moved, turn_moved, FLIP_BY_THREAD, false},
};
/* clang-format on */
const size_t flip_count = sizeof(flips) / sizeof(flips[0]);

static void turn_until_ended(const struct flip *chosen)
{
	unsigned random = 1;
	for (int which = 1; !is_ended; which ^= 1) {
		chosen->turn(which);
		random = random * 1103515245u + 12345u;
		for (volatile unsigned i = (random >> 16) % LONGEST_PAUSE; i > 0; i--) {
		}
	}
}

static void *turn_in_thread(void *chosen)
{
	turn_until_ended(chosen);
	return NULL;
}

static int turn_in_process(void *chosen)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	turn_until_ended(chosen);
	_exit(0);
}

void flip_start(const struct flip *chosen)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	static pthread_t thread;
	void *argument = (void *)(uintptr_t)chosen;
	switch (chosen->by) {
	case FLIP_BY_THREAD:
		pthread_create(&thread, NULL, turn_in_thread, argument);
		break;
	case FLIP_BY_PROCESS:
		turner = fork();
		if (turner == 0) {
			turn_in_process(argument);
		}
		break;
	case FLIP_BY_SHARING_PROCESS:
		turner = clone(turn_in_process, stack + sizeof(stack),
			CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, argument);
		break;
	}
}

void flip_stop(void)
{
	is_ended = true;
	if (turner > 0) {
		kill(turner, SIGKILL);
		waitpid(turner, NULL, 0);
	}
}
