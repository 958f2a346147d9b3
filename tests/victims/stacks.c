/* SPDX-License-Identifier: MIT */
/*
 * Connects from a known chain of functions (chain), from one whose unwind information is
 * an endless loop (loop), or from one that lost its stack pointer's history (wild).
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEP __attribute__((noinline, noclone))

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
	__asm__ volatile(".cfi_escape 0x0f, 3, 0x2f, 0xfd, 0xff");
	int result = middle(fd);
	__asm__ volatile("" : "+r"(result));
	return result;
}

/* The frame's address is read from where nothing is: DW_OP_lit1, DW_OP_deref. */
STEP static int wild(int fd)
{
	__asm__ volatile(".cfi_escape 0x0f, 2, 0x31, 0x06");
	int result = middle(fd);
	__asm__ volatile("" : "+r"(result));
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
	} else {
		(void)chain(fd);
	}
	return close(fd);
}
