/* SPDX-License-Identifier: MIT */
/*
 * Another thread changes the instructions of a call while it is made: where a supervisor
 * has a thread go back to its call, or make others of the supervisor's own there, the
 * thread runs what it was not sent to do.
 */
#include "tests/attacks/control.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, DETOUR = 16 };

static struct sockaddr_in allowed, forbidden;
static int sender;
static unsigned char *code;

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static long send_elsewhere(void)
{
	return syscall(SYS_sendto, sender, "from the attack", 15, MSG_DONTWAIT,
		&forbidden, sizeof(forbidden));
}

/* syscall; ret, or in its stead a jump to what leads to the other sending. */
static void make_code(void)
{
	static const unsigned char call[] = {0x0f, 0x05, 0xc3};
	unsigned char detour[] = {
		0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* mov, jmp *%rax */
	const uint64_t target = (uintptr_t)send_elsewhere;

	code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED) {
		failed("mmap");
	}
	memcpy(detour + 2, &target, sizeof(target));
	memcpy(code, call, sizeof(call));
	memcpy(code + DETOUR, detour, sizeof(detour));
}

static void turn_code(int which)
{
	const uint16_t call = 0x050f;
	const uint16_t jump = 0xeb | (DETOUR - 2) << 8;

	__atomic_store_n((uint16_t *)code, which ? jump : call, __ATOMIC_SEQ_CST);
}

/* What the C library would do, at the place that turns. */
static void send_by_code(void)
{
	register long flags __asm__("r10") = MSG_DONTWAIT;
	register const void *address __asm__("r8") = &allowed;
	register long size __asm__("r9") = sizeof(allowed);
	long result = SYS_sendto;

	__asm__ volatile(
		"sub $128, %%rsp; call *%[code]; add $128, %%rsp"
		: "+a"(result), "+r"(flags), "+r"(address), "+r"(size)
		: [code] "b"(code), "D"((long)sender), "S"("from the attack"), "d"(15L)
		: "rcx", "r11", "memory", "cc");
}

/* In a process that has nothing of the supervisor's in it yet. */
static void send_once(void)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_code};

	flip_start(&chosen);
	usleep(100);
	send_by_code();
	_exit(0);
}

static void run_call(const struct attack *attack)
{
	unsigned long tries = 0;

	(void)attack;
	allowed = address_of(arena.udp_allowed);
	forbidden = address_of(arena.udp_port);
	sender = (int)need(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	make_code();
	for (; time_is_left(); tries++) {
		pid_t child = fork();
		if (child == 0) {
			send_once();
		}
		waitpid(child, NULL, 0);
	}
	fprintf(stderr, "%lu tries\n", tries);
}

static volatile bool goes;
static unsigned delay;

/* The instruction becomes a jump to itself, and the thread is never heard of again. */
static void *turn_into_loop(void *nothing)
{
	const uint16_t jump = 0xfeeb;

	while (!goes) {
	}
	for (volatile unsigned i = delay; i > 0; i--) {
	}
	__atomic_store_n((uint16_t *)code, jump, __ATOMIC_SEQ_CST);
	return nothing;
}

static void connect_by_code(const struct sockaddr_un *address)
{
	long result = SYS_connect;

	__asm__ volatile("sub $128, %%rsp; call *%[code]; add $128, %%rsp"
			 : "+a"(result)
			 : [code] "b"(code), "D"((long)sender), "S"(address),
			 "d"((long)sizeof(*address))
			 : "rcx", "r11", "memory", "cc");
}

/* While a socket's name is looked up other names may have to wait, but not for long. */
static void connect_once(void)
{
	pthread_t thread;
	const struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = "listener"};

	pthread_create(&thread, NULL, turn_into_loop, NULL);
	usleep(100);
	goes = true;
	connect_by_code(&address);
	_exit(0);
}

/* Whatever becomes of such threads, all others can go on making names. */
static void control_lost_in_call(const struct attack *attack)
{
	enum { CHILDREN = 100, MOMENT = 2000, LONGER = 400 };
	const struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = "listener"};
	int made = 0;

	(void)attack;
	int listener = (int)need(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	need(bind(listener, (const struct sockaddr *)&address, sizeof(address)),
		"bind");
	need(listen(listener, CHILDREN), "listen");
	make_code();
	for (int i = 0; i < CHILDREN; i++) {
		sender = (int)need(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
		delay = (unsigned)i * LONGER;
		pid_t child = fork();
		if (child == 0) {
			connect_once();
		}
		usleep(MOMENT);
		made += mkdir("made", 0755) == 0 && rmdir("made") == 0;
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(sender);
	}
	show_number("made", made);
}

/* clang-format off */
static const struct attack_row controls[] = {
	{"lost_in_call", EFFECT_NONE, 0, "connect mkdir", control_lost_in_call, NULL},
	{NULL},
};

static const struct attack_row rows[] = {
	{"call", EFFECT_REACHED, ATTACK_RACE, "sendto", run_call, NULL},
	{NULL},
};
/* clang-format on */

void code_race_attacks(void)
{
	attack_add_rows("race_code", rows);
	attack_add_rows("control_code", controls);
}
