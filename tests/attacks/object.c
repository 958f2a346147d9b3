/* SPDX-License-Identifier: MIT */
/* Objects without a path that a process outside of the tree made for itself. */
#include "tests/attacks/attack.h"
#include "tests/attacks/place.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static void run_shared_memory(const struct attack *attack)
{
	(void)attack;
	const char *text =
		(const char *)syscall(SYS_shmat, arena.shared_memory, NULL, SHM_RDONLY);
	if ((intptr_t)text == -1) {
		failed("shmat");
	}
	leak_bytes(text, strlen(text));
}

/* What the bystander has open, as bystander.c has it. */
static const int memory_file = 100, removed_file = 101;

/* A handle of it can be had without opening it. */
static void run_handle(const struct attack *attack)
{
	const int *number = attack->operation;
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", arena.bystander, *number);
	long handle = need(syscall(SYS_openat, AT_FDCWD, path, O_PATH), path);
	snprintf(path, sizeof(path), "/proc/self/fd/%ld", handle);
	leak((int)need(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY), path));
}

/* The bystander's objects have its number in their keys as well. */
static key_t bystander_key(void)
{
	return (key_t)(0x64750000 + arena.bystander);
}

static void run_shared_memory_key(const struct attack *attack)
{
	(void)attack;
	long id = need(syscall(SYS_shmget, bystander_key(), 0, 0), "shmget");
	const char *text = shmat((int)id, NULL, SHM_RDONLY);
	if ((intptr_t)text == -1) {
		failed("shmat");
	}
	leak_bytes(text, strlen(text));
}

static void run_semaphore_key(const struct attack *attack)
{
	(void)attack;
	long id = need(syscall(SYS_semget, bystander_key(), 0, 0), "semget");
	need(semctl((int)id, 0, SETVAL, 7), "semctl");
}

static void run_message_key(const struct attack *attack)
{
	struct {
		long type;
		char text[256];
	} message = {0};
	(void)attack;
	long id = need(syscall(SYS_msgget, bystander_key(), 0), "msgget");
	need(msgrcv((int)id, &message, sizeof(message.text), 0, IPC_NOWAIT), "msgrcv");
	leak_bytes(message.text, sizeof(message.text));
}

static void run_shared_memory_remove(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_shmctl, arena.shared_memory, IPC_RMID, NULL), "shmctl");
}

static void run_shared_memory_mode(const struct attack *attack)
{
	struct shmid_ds state;
	(void)attack;
	need(shmctl(arena.shared_memory, IPC_STAT, &state), "shmctl");
	state.shm_perm.mode = 0644;
	need(syscall(SYS_shmctl, arena.shared_memory, IPC_SET, &state), "shmctl");
}

static void run_semaphore_set(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_semctl, arena.semaphores, 0, SETVAL, 7), "semctl");
}

static void run_semaphore_operation(const struct attack *attack)
{
	struct sembuf operation = {.sem_num = 0, .sem_op = 5};
	(void)attack;
	need(syscall(SYS_semop, arena.semaphores, &operation, 1), "semop");
}

static void run_semaphore_timed(const struct attack *attack)
{
	struct sembuf operation = {.sem_num = 0, .sem_op = 5};
	(void)attack;
	need(syscall(SYS_semtimedop, arena.semaphores, &operation, 1, NULL),
		"semtimedop");
}

static void run_message_receive(const struct attack *attack)
{
	struct {
		long type;
		char text[256];
	} message = {0};
	(void)attack;
	need(syscall(SYS_msgrcv, arena.messages, &message, sizeof(message.text), 0,
		     IPC_NOWAIT),
		"msgrcv");
	leak_bytes(message.text, sizeof(message.text));
}

static void run_message_send(const struct attack *attack)
{
	struct {
		long type;
		char text[16];
	} message = {1, "from the attack"};
	(void)attack;
	need(syscall(SYS_msgsnd, arena.messages, &message, sizeof(message.text),
		     IPC_NOWAIT),
		"msgsnd");
}

static void run_message_remove(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_msgctl, arena.messages, IPC_RMID, NULL), "msgctl");
}

static void run_queue_receive(const struct attack *attack)
{
	char buffer[8192];
	(void)attack;
	if (arena.queue[0] == '\0') {
		not_applicable("mq_open");
	}
	mqd_t queue = (mqd_t)need(
		syscall(SYS_mq_open, arena.queue + 1, O_RDWR | O_NONBLOCK, 0, NULL),
		"mq_open");
	ssize_t n = need(mq_receive(queue, buffer, sizeof(buffer), NULL), "mq_receive");
	leak_bytes(buffer, (size_t)n);
}

static void run_queue_send(const struct attack *attack)
{
	(void)attack;
	mqd_t queue = (mqd_t)need(
		syscall(SYS_mq_open, arena.queue + 1, O_WRONLY | O_NONBLOCK, 0, NULL),
		"mq_open");
	need(mq_send(queue, "x", 1, 0), "mq_send");
}

/* The queue file system, where somebody mounted it, names the same objects. */
static void run_queue_unlink(const struct attack *attack)
{
	(void)attack;
	need(syscall(SYS_mq_unlink, arena.queue + 1), "mq_unlink");
	/* Only the name went; a new queue of that name is not the old one. */
	syscall(SYS_mq_open, arena.queue + 1, O_RDWR | O_CREAT, 0600, NULL);
}

/* Names that come and go in a folder that may not be listed. */
static void run_inotify(const struct attack *attack)
{
	char buffer[4096];
	(void)attack;
	int fd = (int)need(inotify_init1(0), "inotify_init1");
	need(syscall(SYS_inotify_add_watch, fd, arena.outside, IN_ALL_EVENTS),
		"inotify_add_watch");
	write_file("watching", "now\n");
	/* The first events may be about others who look at the folder. */
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	while (elapsed() < 1.0 && poll(&waiting, 1, 300) > 0) {
		ssize_t n = read(fd, buffer, sizeof(buffer));
		leak_bytes(buffer, n > 0 ? (size_t)n : 0);
	}
}

/* Lists a folder in which every name is a secret of its own. */
static void run_list(const struct attack *attack)
{
	char buffer[4096];
	const char *name = attack->operation;
	int fd = (int)need(syscall(SYS_open, name != NULL ? name : arena.outside,
				   O_RDONLY | O_DIRECTORY),
		"open");
	long n =
		need(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)), "getdents64");
	leak_bytes(buffer, (size_t)n);
}

static void run_list_reopened(const struct attack *attack)
{
	char path[64];
	(void)attack;
	int folder = (int)need(open(arena.outside, O_PATH), "open");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	struct attack list = {.operation = path};
	run_list(&list);
}

static void run_list_here(const struct attack *attack)
{
	char buffer[4096];
	(void)attack;
	need(chdir(arena.outside), "chdir");
	int fd = (int)need(syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY), "openat");
	long n =
		need(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)), "getdents64");
	leak_bytes(buffer, (size_t)n);
}

/* May be read, which asks nothing of it, but not written: it makes devices by request. */
static void run_device_request(const struct attack *attack)
{
	enum { GET_FREE = 0x4c82 };
	(void)attack;
	int fd = open("/dev/loop-control", O_RDONLY);
	if (fd < 0 && errno == ENOENT) {
		not_applicable("/dev/loop-control");
	}
	attack_answer(fd < 0 ? fd : syscall(SYS_ioctl, fd, GET_FREE));
}

/* open(path, flags) in a page of the file, which then has another name. */
static void *map_code(const char *name)
{
	static const unsigned char code[] = {
		0xb8, SYS_open, 0, 0, 0, /* mov $SYS_open, %eax */
		0x0f, 0x05,		 /* syscall */
		0xc3,			 /* ret */
	};
	int fd = (int)need(open(name, O_RDWR | O_CREAT, 0600), name);
	need(write(fd, code, sizeof(code)), name);
	void *page =
		mmap(NULL, sizeof(code), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED) {
		failed("mmap");
	}
	close(fd);
	return page;
}

/*
 * Whoever wants to know where a call comes from finds the name of a file that is mapped
 * there, and under that name something else by now.
 */
static void run_mapped_name(const struct attack *attack)
{
	const char *pipe = path_in(arena.outside, "pipe");
	long (*open_pipe)(const char *path, int flags) =
		(long (*)(const char *, int))map_code("code");
	(void)attack;
	need(unlink("code"), "unlink");
	need(symlink(pipe, "code (deleted)"), "symlink");
	for (int i = 0; i < 3; i++) {
		open_pipe(pipe, O_RDONLY | O_NONBLOCK);
	}
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"device_request", EFFECT_ANSWERED, ATTACK_ROOT, "ioctl", run_device_request, NULL},
	{"memory_file", EFFECT_SECRET, ATTACK_BYSTANDER, "openat", run_handle, &memory_file},
	{"removed_file", EFFECT_SECRET, ATTACK_BYSTANDER, "openat", run_handle, &removed_file},
	{"mapped_name", EFFECT_BYSTANDER, 0, "open", run_mapped_name, NULL},
	{"shared_memory", EFFECT_SECRET, ATTACK_BYSTANDER, "shmat", run_shared_memory, NULL},
	{"shared_memory_remove", EFFECT_BYSTANDER, 0, "shmctl", run_shared_memory_remove, NULL},
	{"shared_memory_mode", EFFECT_BYSTANDER, 0, "shmctl", run_shared_memory_mode, NULL},
	{"shared_memory_key", EFFECT_SECRET, ATTACK_BYSTANDER, "shmget", run_shared_memory_key, NULL},
	{"semaphore_key", EFFECT_BYSTANDER, 0, "semget", run_semaphore_key, NULL},
	{"message_key", EFFECT_SECRET, ATTACK_BYSTANDER, "msgget", run_message_key, NULL},
	{"semaphore_set", EFFECT_BYSTANDER, 0, "semctl", run_semaphore_set, NULL},
	{"semaphore_operation", EFFECT_BYSTANDER, 0, "semop", run_semaphore_operation, NULL},
	{"semaphore_timed", EFFECT_BYSTANDER, 0, "semtimedop", run_semaphore_timed, NULL},
	{"message_receive", EFFECT_SECRET, ATTACK_BYSTANDER, "msgrcv", run_message_receive, NULL},
	{"message_send", EFFECT_BYSTANDER, 0, "msgsnd", run_message_send, NULL},
	{"message_remove", EFFECT_BYSTANDER, 0, "msgctl", run_message_remove, NULL},
	{"queue_receive", EFFECT_SECRET, ATTACK_BYSTANDER, "mq_open", run_queue_receive, NULL},
	{"queue_send", EFFECT_BYSTANDER, 0, "mq_open", run_queue_send, NULL},
	{"queue_unlink", EFFECT_BYSTANDER, 0, "mq_unlink", run_queue_unlink, NULL},
	{"inotify", EFFECT_SECRET, 0, "inotify_add_watch", run_inotify, NULL},
	{"list", EFFECT_SECRET, 0, "open", run_list, NULL},
	{"list_reopened", EFFECT_SECRET, 0, "open", run_list_reopened, NULL},
	{"list_here", EFFECT_SECRET, 0, "openat", run_list_here, NULL},
	{NULL},
};
/* clang-format on */

static void run_watch_form(const struct attack *attack)
{
	static struct place place;
	form_apply(attack->form, arena.secret, &place);
	int fd = (int)need(inotify_init1(0), "inotify_init1");
	attack_answer(syscall(SYS_inotify_add_watch, fd, place.path, IN_ALL_EVENTS));
}

static void add_watch_forms(void)
{
	for (size_t i = 0; i < form_count; i++) {
		if (forms[i].needs & FORM_FOLDER) {
			continue;
		}
		struct attack attack = {.effect = EFFECT_ANSWERED,
			.flags = (forms[i].needs & FORM_BYSTANDER ? ATTACK_BYSTANDER
								  : 0) |
				 (i % 4 != 0 ? ATTACK_FULL : 0),
			.syscalls = "inotify_add_watch",
			.run = run_watch_form,
			.form = &forms[i]};
		attack_add(&attack, "watch/%s", forms[i].name);
	}
}

void object_attacks(void)
{
	add_watch_forms();
	attack_add_rows("object", rows);
}
