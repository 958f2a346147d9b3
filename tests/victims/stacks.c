/* SPDX-License-Identifier: MIT */
/*
 * Connects from a known chain of functions (chain), from one whose unwind information is
 * an endless loop (loop), from one that lost its stack pointer's history (wild), or by
 * code that it made and named in its perf map (made).
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Unwind information by hand only where the compiler writes any. */
#ifdef __GCC_HAVE_DWARF2_CFI_ASM
#define UNWIND(text) __asm__ volatile(text)
#else
#define UNWIND(text)
#endif

#ifdef __clang__
#define STEP __attribute__((noinline))
#else
#define STEP __attribute__((noinline, noclone))
#endif

STEP static int innermost(int fd)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	int result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	__asm__ volatile("" : "+r"(result));
	return result;
}

STEP static int middle(int fd)
{
	int result = innermost(fd);
	__asm__ volatile("" : "+r"(result));
	return result;
}

STEP static int chain(int fd)
{
	int result = middle(fd);
	__asm__ volatile("" : "+r"(result));
	return result;
}

/* DW_CFA_def_cfa_expression, of three bytes: DW_OP_skip -3. */
STEP static int loop(int fd)
{
	UNWIND(".cfi_escape 0x0f, 3, 0x2f, 0xfd, 0xff");
	int result = middle(fd);
	__asm__ volatile("" : "+r"(result));
	return result;
}

/* The frame's address is read from where nothing is: DW_OP_lit1, DW_OP_deref. */
STEP static int wild(int fd)
{
	UNWIND(".cfi_escape 0x0f, 2, 0x31, 0x06");
	int result = middle(fd);
	__asm__ volatile("" : "+r"(result));
	return result;
}

/* Calls its second argument, with a frame pointer: push, mov, call *%rsi, pop, ret. */
static const unsigned char thunk[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3};

STEP static int made(int fd)
{
	char name[64];
	unsigned char *code = mmap(NULL, sizeof(thunk), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED) {
		return 3;
	}
	memcpy(code, thunk, sizeof(thunk));
	(void)mprotect(code, sizeof(thunk), PROT_READ | PROT_EXEC);
	(void)snprintf(name, sizeof(name), "/tmp/perf-%d.map", getpid());
	FILE *file = fopen(name, "w");
	if (file) {
		fprintf(file, "nonsense\n%lx zz\n", (unsigned long)code);
		fprintf(file, "%lx %zx old_name\n", (unsigned long)code, sizeof(thunk));
		fprintf(file, "%lx %zx made_here\n", (unsigned long)code,
			sizeof(thunk));
		fclose(file);
	}
	int (*call)(int, int (*)(int)) = (int (*)(int, int (*)(int)))(uintptr_t)code;
	int result = call(fd, middle);
	(void)unlink(name);
	return result;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 2) {
		return 2;
	}
	if (strcmp(argv[1], "loop") == 0) {
		(void)loop(fd);
	} else if (strcmp(argv[1], "wild") == 0) {
		(void)wild(fd);
	} else if (strcmp(argv[1], "made") == 0) {
		(void)made(fd);
	} else {
		(void)chain(fd);
	}
	return close(fd);
}
