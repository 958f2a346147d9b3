/* SPDX-License-Identifier: MIT */
/*
 * Looks for copies of a socket address anywhere near in its own memory while another
 * thread sends to it, and tries everything to change them: where a supervisor keeps
 * arguments in pages of the process, these are among them. Natively it finds the
 * sender's own address, of which the sender makes a fresh copy each time.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES_AROUND = 4096 };

/* Where the pages lie on kernels that cannot seal them. */
#define WINDOW 0x7e8100000000ul
#define FAR (1ul << 33)
#define SEGMENT (1ul << 25)

static struct sockaddr_in allowed, forbidden;
static char *anchor; /* the sender's page; new mappings come to lie below it */
static volatile bool is_ended;
static unsigned long tries, foreign_hits;
static __thread sigjmp_buf after_fault;

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void on_fault(int number)
{
	siglongjmp(after_fault, number);
}

static void store(char *place)
{
	if (sigsetjmp(after_fault, 1) == 0) {
		memcpy(place, &forbidden, sizeof(forbidden));
	}
}

static void make_writable(char *place)
{
	char *page = (char *)((uintptr_t)place & ~(uintptr_t)(PAGE - 1));
	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0) {
		store(place);
	}
}

/* A page of our own with the same content but for the address. */
static void put_over(char *place)
{
	char *page = (char *)((uintptr_t)place & ~(uintptr_t)(PAGE - 1));
	char *other = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sigsetjmp(after_fault, 1) == 0) {
		memcpy(other, page, PAGE);
	}
	memcpy(other + (place - page), &forbidden, sizeof(forbidden));
	mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page);
}

static void map_over(char *place)
{
	char *page = (char *)((uintptr_t)place & ~(uintptr_t)(PAGE - 1));
	size_t offset = (size_t)(place - page);
	char *fresh = mmap(page, PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (fresh == page) {
		memcpy(page + offset, &forbidden, sizeof(forbidden));
	}
}

static void write_by_kernel(char *place)
{
	static int fd = -1;
	if (fd < 0) {
		fd = memfd_create("address", MFD_CLOEXEC);
		(void)!write(fd, &forbidden, sizeof(forbidden));
	}
	(void)!pread(fd, place, sizeof(forbidden), 0);
}

static void drop(char *place)
{
	char *page = (char *)((uintptr_t)place & ~(uintptr_t)(PAGE - 1));
	madvise(page, PAGE, MADV_REMOVE);
	munmap(page, PAGE);
	map_over(place);
}

static void attach_over(char *place)
{
	char *page = (char *)((uintptr_t)place & ~(uintptr_t)(PAGE - 1));
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	if (shmat(id, page, SHM_REMAP) == page) {
		memcpy(place, &forbidden, sizeof(forbidden));
	}
	shmctl(id, IPC_RMID, NULL);
}

static bool is_in_window(const char *place)
{
	return (uintptr_t)place >> 32 == WINDOW >> 32;
}

/* From an address, and with a length, that do not look like the window's. */
static void drop_far(char *place)
{
	if (is_in_window(place)) {
		munmap((char *)WINDOW - FAR, FAR + FAR / 4);
	}
	map_over(place);
}

static void drop_below(char *place)
{
	if (is_in_window(place)) {
		munmap((char *)WINDOW - FAR / 4, FAR / 2);
	}
	map_over(place);
}

static void map_far(char *place)
{
	if (!is_in_window(place)) {
		map_over(place);
	} else if (mmap((char *)WINDOW - FAR, FAR + FAR / 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
			   0) != MAP_FAILED) {
		memcpy(place, &forbidden, sizeof(forbidden));
	}
}

/* Moves a mapping that begins below the window over it. */
static void move_far(char *place)
{
	if (!is_in_window(place)) {
		map_over(place);
		return;
	}
	char *other = mmap(NULL, FAR / 2, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (other != MAP_FAILED &&
		mremap(other, FAR / 2, FAR / 2, MREMAP_MAYMOVE | MREMAP_FIXED,
			(char *)WINDOW - FAR / 4) != MAP_FAILED) {
		memcpy(place, &forbidden, sizeof(forbidden));
	}
}

/* A segment that is attached below the window and reaches into it. */
static void attach_below(char *place)
{
	if (!is_in_window(place)) {
		attach_over(place);
		return;
	}
	int id = shmget(IPC_PRIVATE, SEGMENT, IPC_CREAT | 0600);
	char *start = (char *)WINDOW - SEGMENT / 2;
	if (shmat(id, start, SHM_REMAP) == start) {
		memcpy(place, &forbidden, sizeof(forbidden));
	}
	shmctl(id, IPC_RMID, NULL);
}

static const struct change {
	const char *name;
	void (*change)(char *place);
} changes[] = {
	{"store", store},
	{"make_writable", make_writable},
	{"move_over", put_over},
	{"map_over", map_over},
	{"read_into", write_by_kernel},
	{"drop", drop},
	{"attach_over", attach_over},
	{"drop_far", drop_far},
	{"drop_below", drop_below},
	{"map_far", map_far},
	{"move_far", move_far},
	{"attach_below", attach_below},
};

/* Copies a page that may vanish or be unreadable at any moment. */
static bool copy_page(const char *page, char *copy)
{
	static int ends[2] = {-1, -1};
	unsigned char resident;
	if (ends[0] < 0 && pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
		return false;
	}
	return mincore((void *)(uintptr_t)page, PAGE, &resident) == 0 &&
	       write(ends[1], page, PAGE) == PAGE && read(ends[0], copy, PAGE) == PAGE;
}

/* Changes what looks like the address in the pages from first downwards. */
static void search_below(const char *first, const struct change *change)
{
	char copy[PAGE];
	for (int i = 0; i < PAGES_AROUND && !is_ended; i++) {
		char *page = (char *)(uintptr_t)first - (long)i * PAGE;
		if (!copy_page(page, copy)) {
			continue;
		}
		char *hit = memmem(copy, PAGE, &allowed, sizeof(allowed));
		if (hit != NULL) {
			foreign_hits += page != anchor;
			change->change(page + (hit - copy));
		}
	}
}

static void *search(void *change)
{
	char *fixed = (char *)WINDOW;
	while (!is_ended) {
		search_below(anchor + (long)PAGES_AROUND / 4 * PAGE, change);
		search_below(fixed + (long)PAGES_AROUND / 2 * PAGE, change);
	}
	return NULL;
}

static void run_search(const struct attack *attack)
{
	pthread_t thread;
	allowed = address_of(arena.udp_allowed);
	forbidden = address_of(arena.udp_port);
	anchor = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_create(&thread, NULL, search, (void *)(uintptr_t)attack->operation);
	for (; time_is_left(); tries++) {
		if (sigsetjmp(after_fault, 1) == 0) {
			memcpy(anchor, &allowed, sizeof(allowed));
		}
		(void)sendto(fd, "from the attack", 15, MSG_DONTWAIT,
			(struct sockaddr *)anchor, sizeof(allowed));
		sched_yield();
		(void)sendto(fd, "from the attack", 15, MSG_DONTWAIT,
			(struct sockaddr *)anchor, sizeof(allowed));
	}
	is_ended = true;
	fprintf(stderr, "%lu tries, %lu copies found\n", tries, foreign_hits);
}

/* Far more than what is mapped: full of the forbidden address, wherever one looks. */
enum { FILE_SIZE = 1 << 24, LOWEST_NUMBER = 3, NUMBERS = 8 };

static int file_of(const struct sockaddr_in *address, size_t size)
{
	int fd = (int)need(memfd_create("address", 0), "memfd_create");
	need(ftruncate(fd, (off_t)size), "ftruncate");
	uint64_t *words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (words == MAP_FAILED) {
		failed("mmap");
	}
	for (size_t i = 0; i < size / sizeof(*words); i++) {
		memcpy(&words[i], address, sizeof(*words));
	}
	munmap(words, size);
	return fd;
}

static int forbidden_file, allowed_file;
static volatile bool is_turning;

/* Puts the forbidden file behind whatever number is opened next. */
static void *turn_numbers(void *nothing)
{
	while (!is_ended) {
		is_turning = true;
		for (int i = 0; i < NUMBERS; i++) {
			dup2(forbidden_file, LOWEST_NUMBER + i);
		}
		for (int i = 0; i < NUMBERS; i++) {
			close(LOWEST_NUMBER + i);
		}
	}
	return nothing;
}

/*
 * In a process that has nothing mapped yet: natively for the sender's own page, else
 * for those that a supervisor maps before the first address is sent.
 */
static void send_first(int fd)
{
	pthread_t thread;
	pthread_create(&thread, NULL, turn_numbers, NULL);
	while (!is_turning) {
		sched_yield();
	}
	for (int i = 0; i < NUMBERS; i++) {
		int number = dup(allowed_file);
		void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, number, 0);
		if (page != MAP_FAILED) {
			(void)sendto(fd, "from the attack", 15, MSG_DONTWAIT, page,
				sizeof(allowed));
		}
	}
	_exit(0);
}

static void run_descriptor(const struct attack *attack)
{
	enum { SOCKET = 100, FORBIDDEN, ALLOWED };
	(void)attack;
	allowed = address_of(arena.udp_allowed);
	forbidden = address_of(arena.udp_port);
	dup2(socket(AF_INET, SOCK_DGRAM, 0), SOCKET);
	dup2(file_of(&forbidden, FILE_SIZE), FORBIDDEN);
	dup2(file_of(&allowed, PAGE), ALLOWED);
	forbidden_file = FORBIDDEN;
	allowed_file = ALLOWED;
	for (; time_is_left(); tries++) {
		pid_t child = fork();
		if (child == 0) {
			send_first(SOCKET);
		}
		waitpid(child, NULL, 0);
	}
	fprintf(stderr, "%lu tries\n", tries);
}

void page_race_attacks(void)
{
	struct attack turning = {.effect = EFFECT_REACHED,
		.flags = ATTACK_RACE,
		.syscalls = "sendto",
		.run = run_descriptor};
	attack_add(&turning, "race_pages/descriptor");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct attack attack = {.effect = EFFECT_REACHED,
			.flags = ATTACK_RACE,
			.syscalls = "sendto",
			.run = run_search,
			.operation = &changes[i]};
		attack_add(&attack, "race_pages/%s", changes[i].name);
	}
}
