/* SPDX-License-Identifier: MIT */
/*
 * A process adds a seccomp filter of its own that answers calls which a supervisor makes
 * in its name, as if the kernel had done them.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEAL_NUMBER = 462, PAGE = 4096, PAGES = 16, PAGES_BELOW = 1 << 13 };

static void answer(unsigned number, int with_errno)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)with_errno),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void send_to(int fd, const struct sockaddr_in *address)
{
	(void)sendto(fd, "from the attack", 15, 0, (const struct sockaddr *)address,
		sizeof(*address));
}

/* Copies a page that need not be there. */
static bool copy_page(const char *page, char *copy)
{
	static int ends[2] = {-1, -1};

	if (ends[0] < 0) {
		need(pipe(ends), "pipe");
	}
	return write(ends[1], page, PAGE) == PAGE && read(ends[0], copy, PAGE) == PAGE;
}

/* Pages of our own, with the other address at the same place, from the page on. */
static bool replace(char *page, size_t size, const struct sockaddr_in *old,
	const struct sockaddr_in *new)
{
	static char copy[PAGE];

	if (!copy_page(page, copy)) {
		return false;
	}
	char *hit = memmem(copy, PAGE, old, sizeof(*old));
	if (!hit || munmap(page, size) != 0 ||
		mmap(page, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page) {
		return false;
	}
	memcpy(hit, new, sizeof(*new));
	for (size_t i = 0; i < size; i += PAGE) {
		memcpy(page + i, copy, PAGE);
	}
	return true;
}

static char *new_page(void)
{
	char *page = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		failed("mmap");
	}
	return page;
}

/*
 * The second of two equal sendings. What was mapped during the first one lies below our
 * page; natively that is nothing, and our page itself is replaced.
 */
static void run_seal(const struct attack *attack)
{
	const struct sockaddr_in allowed = address_of(arena.udp_allowed);
	const struct sockaddr_in forbidden = address_of(arena.udp_port);
	int fd = (int)need(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	bool is_replaced = false;

	(void)attack;
	answer(SEAL_NUMBER, 0);
	char *page = new_page();
	memcpy(page, &allowed, sizeof(allowed));
	send_to(fd, (const struct sockaddr_in *)page);
	for (int i = 1; i < PAGES_BELOW && !is_replaced; i++) {
		is_replaced = replace(page - (long)i * PAGE, (size_t)PAGES * PAGE,
			&allowed, &forbidden);
	}
	if (!is_replaced) {
		(void)replace(page, PAGE, &allowed, &forbidden);
	}
	send_to(fd, (const struct sockaddr_in *)page);
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"answered_seal", EFFECT_REACHED, ATTACK_RACE, "sendto", run_seal, NULL},
	{NULL},
};
/* clang-format on */

void own_filter_attacks(void)
{
	attack_add_rows("own_filter", rows);
}
