/* SPDX-License-Identifier: MIT */
/*
 * Calls by the roads of other architectures and by no system call at all: int 0x80,
 * 32-bit code, io_uring.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Numbers of the 32-bit table. */
enum {
	OPEN_32 = 5,
	CREAT_32 = 8,
	UNLINK_32 = 10,
	EXECVE_32 = 11,
	CHMOD_32 = 15,
	KILL_32 = 37,
	RENAME_32 = 38,
	OPENAT_32 = 295,
	CONNECT_32 = 362
};

/* This program is loaded below 4 GiB, so that static memory has 32-bit addresses. */
static char low_path[4096], low_other[4096];

static const char *low(char *buffer, const char *text)
{
	snprintf(buffer, 4096, "%s", text);
	return buffer;
}

static long interrupt(long number, long a, long b, long c, long d)
{
	long result;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static char low_stack[4096] __attribute__((aligned(16)));

/* The same from a 32-bit code segment, where the processor itself is a 32-bit one. */
static long interrupt_from_32(long number, long a, long b, long c, long d)
{
	long result;
	__asm__ volatile(
		"movq %%rsp, %%r12\n\t"
		"movq %[stack], %%rsp\n\t"
		"pushq $0x23\n\t"
		"pushq $1f\n\t"
		"lretq\n\t"
		".code32\n"
		"1:\tint $0x80\n\t"
		"ljmp $0x33, $2f\n\t"
		".code64\n"
		"2:\tmovq %%r12, %%rsp\n\t"
		: "=a"(result)
		: "a"(number), "b"(a), "c"(b), "d"(c),
		"S"(d), [stack] "D"(low_stack + sizeof(low_stack) - 64)
		: "memory", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
	return (int)result;
}

typedef long (*foreign_call_fn)(long, long, long, long, long);

static foreign_call_fn call_of(const struct attack *attack)
{
	return attack->operation != NULL ? interrupt_from_32 : interrupt;
}

static void check(long result, const char *what)
{
	if (result < 0) {
		errno = (int)-result;
		if (errno == ENOSYS) {
			not_applicable(what);
		}
		failed(what);
	}
}

static void run_open(const struct attack *attack)
{
	long fd = call_of(attack)(
		OPEN_32, (long)low(low_path, arena.secret), O_RDONLY, 0, 0);
	check(fd, "open");
	leak((int)fd);
}

static void run_openat(const struct attack *attack)
{
	long fd = call_of(attack)(
		OPENAT_32, AT_FDCWD, (long)low(low_path, arena.secret), O_RDONLY, 0);
	check(fd, "openat");
	leak((int)fd);
}

static void run_creat(const struct attack *attack)
{
	check(call_of(attack)(
		      CREAT_32, (long)low(low_path, arena.protected), 0644, 0, 0),
		"creat");
}

static void run_unlink(const struct attack *attack)
{
	check(call_of(attack)(UNLINK_32, (long)low(low_path, arena.protected), 0, 0, 0),
		"unlink");
}

static void run_chmod(const struct attack *attack)
{
	check(call_of(attack)(
		      CHMOD_32, (long)low(low_path, arena.protected), 0777, 0, 0),
		"chmod");
}

static void run_rename(const struct attack *attack)
{
	check(call_of(attack)(RENAME_32, (long)low(low_path, arena.protected),
		      (long)low(low_other, path_in(arena.project, "stolen")), 0, 0),
		"rename");
}

static void run_kill(const struct attack *attack)
{
	check(call_of(attack)(KILL_32, arena.bystander, SIGUSR1, 0, 0), "kill");
}

static void run_execve(const struct attack *attack)
{
	static uint32_t low_arguments[2];
	low(low_path, arena.tool);
	low_arguments[0] = (uint32_t)(uintptr_t)low_path;
	check(call_of(attack)(EXECVE_32, (long)low_path, (long)low_arguments, 0, 0),
		"execve");
}

static void run_connect(const struct attack *attack)
{
	static struct sockaddr_in address;
	address = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(arena.tcp_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	check(call_of(attack)(CONNECT_32, fd, (long)&address, sizeof(address), 0),
		"connect");
}

/* A ring with one entry, by hand. */
struct ring {
	int fd;
	char *submissions, *completions;
	struct io_uring_sqe *entries;
	struct io_uring_params parameters;
};

static void ring_open(struct ring *ring)
{
	memset(ring, 0, sizeof(*ring));
	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->parameters);
	if (ring->fd < 0) {
		not_applicable("io_uring_setup");
	}
	ring->submissions = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		ring->fd, IORING_OFF_SQ_RING);
	ring->completions = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		ring->fd, IORING_OFF_CQ_RING);
	ring->entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
		IORING_OFF_SQES);
}

static int ring_do(struct ring *ring, const struct io_uring_sqe *entry)
{
	struct io_uring_params *p = &ring->parameters;
	unsigned *tail = (unsigned *)(ring->submissions + p->sq_off.tail);
	unsigned mask = *(unsigned *)(ring->submissions + p->sq_off.ring_mask);
	unsigned *array = (unsigned *)(ring->submissions + p->sq_off.array);
	ring->entries[*tail & mask] = *entry;
	array[*tail & mask] = *tail & mask;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	need(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
		     0),
		"io_uring_enter");
	unsigned *head = (unsigned *)(ring->completions + p->cq_off.head);
	unsigned done_mask = *(unsigned *)(ring->completions + p->cq_off.ring_mask);
	struct io_uring_cqe *done =
		(struct io_uring_cqe *)(ring->completions + p->cq_off.cqes);
	int result = done[*head & done_mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (result < 0) {
		errno = -result;
		failed("io_uring operation");
	}
	return result;
}

static void run_ring_open(const struct attack *attack)
{
	struct ring ring;
	(void)attack;
	ring_open(&ring);
	struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)arena.secret,
		.open_flags = O_RDONLY};
	leak(ring_do(&ring, &entry));
}

static void run_ring_unlink(const struct attack *attack)
{
	struct ring ring;
	(void)attack;
	ring_open(&ring);
	struct io_uring_sqe entry = {.opcode = IORING_OP_UNLINKAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)arena.protected};
	ring_do(&ring, &entry);
}

static void run_ring_rename(const struct attack *attack)
{
	struct ring ring;
	(void)attack;
	ring_open(&ring);
	struct io_uring_sqe entry = {.opcode = IORING_OP_RENAMEAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)arena.protected,
		.len = (unsigned)AT_FDCWD,
		.off = (uintptr_t)path_in(arena.project, "stolen")};
	ring_do(&ring, &entry);
}

static void run_ring_connect(const struct attack *attack)
{
	struct ring ring;
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(arena.tcp_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	(void)attack;
	ring_open(&ring);
	struct io_uring_sqe entry = {.opcode = IORING_OP_CONNECT,
		.fd = socket(AF_INET, SOCK_STREAM, 0),
		.addr = (uintptr_t)&address,
		.off = sizeof(address)};
	ring_do(&ring, &entry);
}

#define FROM_32 "from 32-bit code"

/* clang-format off */
static const struct attack_row rows[] = {
	{"int80_open", EFFECT_SECRET, 0, "int80", run_open, NULL},
	{"int80_openat", EFFECT_SECRET, 0, "int80", run_openat, NULL},
	{"int80_creat", EFFECT_CHANGED, 0, "int80", run_creat, NULL},
	{"int80_unlink", EFFECT_CHANGED, 0, "int80", run_unlink, NULL},
	{"int80_chmod", EFFECT_CHANGED, 0, "int80", run_chmod, NULL},
	{"int80_rename", EFFECT_CHANGED, 0, "int80", run_rename, NULL},
	{"int80_kill", EFFECT_BYSTANDER, 0, "int80", run_kill, NULL},
	{"int80_execve", EFFECT_EXECUTED, 0, "int80", run_execve, NULL},
	{"int80_connect", EFFECT_REACHED, 0, "int80", run_connect, NULL},
	{"segment_open", EFFECT_SECRET, 0, "int80", run_open, FROM_32},
	{"segment_openat", EFFECT_SECRET, 0, "int80", run_openat, FROM_32},
	{"segment_unlink", EFFECT_CHANGED, 0, "int80", run_unlink, FROM_32},
	{"segment_execve", EFFECT_EXECUTED, 0, "int80", run_execve, FROM_32},
	{"segment_connect", EFFECT_REACHED, 0, "int80", run_connect, FROM_32},
	{"ring_open", EFFECT_SECRET, 0, "io_uring_setup io_uring_enter", run_ring_open, NULL},
	{"ring_unlink", EFFECT_CHANGED, 0, "io_uring_setup io_uring_enter", run_ring_unlink, NULL},
	{"ring_rename", EFFECT_CHANGED, 0, "io_uring_setup io_uring_enter", run_ring_rename, NULL},
	{"ring_connect", EFFECT_REACHED, 0, "io_uring_setup io_uring_enter", run_ring_connect, NULL},
	{NULL},
};
/* clang-format on */

void foreign_attacks(void)
{
	attack_add_rows("foreign", rows);
}
