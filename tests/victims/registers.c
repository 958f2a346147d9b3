/* SPDX-License-Identifier: MIT */
/*
 * Judged calls with every register full: general ones, flags, rcx and r11 as the
 * instruction leaves them, vectors, and the control words of both floating-point units.
 */
#include "victim.h"

#include <arpa/inet.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum { VECTORS = 16, FLAGS = 0xcd7 /* all of arithmetic, and the direction */ };

/* In the order in which the code below pushes them. */
struct registers {
	uint64_t rax, rbp, r15, r14, r13, r12, rbx, r9, r8, r10, rdx, rsi, rdi, r11,
		rcx;
	uint64_t flags;
	uint64_t vectors[2 * VECTORS];
	uint32_t vector_control;
	uint32_t float_control;
};

/* Makes the call with what in says, and says in out what is left then. */
void call_with_registers(const struct registers *in, struct registers *out);
extern const char after_call[];

__asm__(".text\n"
	".globl call_with_registers, after_call\n"
	"call_with_registers:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n"
	"	push %r14\n	push %r15\n	push %rsi\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movdqu 128+16*\\n(%rdi), %xmm\\n\n"
	"	.endr\n"
	"	ldmxcsr 384(%rdi)\n	fldcw 388(%rdi)\n"
	"	mov 0(%rdi), %rax\n	mov 8(%rdi), %rbp\n	mov 16(%rdi), %r15\n"
	"	mov 24(%rdi), %r14\n	mov 32(%rdi), %r13\n	mov 40(%rdi), %r12\n"
	"	mov 48(%rdi), %rbx\n	mov 56(%rdi), %r9\n	mov 64(%rdi), %r8\n"
	"	mov 72(%rdi), %r10\n	mov 80(%rdi), %rdx\n	mov 88(%rdi), %rsi\n"
	"	push 120(%rdi)\n	mov 96(%rdi), %rdi\n	popfq\n"
	"	syscall\n"
	"after_call:\n"
	"	pushfq\n"
	"	push %rcx\n	push %r11\n	push %rdi\n	push %rsi\n	push "
	"%rdx\n"
	"	push %r10\n	push %r8\n	push %r9\n	push %rbx\n	push "
	"%r12\n"
	"	push %r13\n	push %r14\n	push %r15\n	push %rbp\n	push "
	"%rax\n"
	"	cld\n"
	"	mov 128(%rsp), %rdi\n" /* out, below the 16 that were pushed */
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movdqu %xmm\\n, 128+16*\\n(%rdi)\n"
	"	popq 8*\\n(%rdi)\n"
	"	.endr\n"
	"	stmxcsr 384(%rdi)\n	fnstcw 388(%rdi)\n"
	"	fninit\n	pop %rsi\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop "
	"%rbp\n"
	"	pop %rbx\n	ret\n");

static struct registers full_registers(long number, const long arguments[6])
{
	struct registers all = {.rax = (uint64_t)number,
		.rbp = 0x6666,
		.r15 = 0x5555,
		.r14 = 0x4444,
		.r13 = 0x3333,
		.r12 = 0x2222,
		.rbx = 0x1111,
		.r9 = (uint64_t)arguments[5],
		.r8 = (uint64_t)arguments[4],
		.r10 = (uint64_t)arguments[3],
		.rdx = (uint64_t)arguments[2],
		.rsi = (uint64_t)arguments[1],
		.rdi = (uint64_t)arguments[0],
		.rcx = (uint64_t)after_call,
		.r11 = FLAGS,
		.flags = FLAGS,
		.vector_control = 0x3f80, /* rounds downwards */
		.float_control = 0x0b7f}; /* upwards */

	for (size_t i = 0; i < 2 * (size_t)VECTORS; i++) {
		all.vectors[i] = 0x0123456789abcdef * (i + 1);
	}
	return all;
}

/* The kernel always sets bits 1 and 9 of the flags. */
static void say_kept(const char *name, long number, const long arguments[6])
{
	enum { ALWAYS = 0x202 };
	const struct registers before = full_registers(number, arguments);
	struct registers after = {0};

	call_with_registers(&before, &after);
	const long result = (long)after.rax;
	after.rax = before.rax;
	after.flags &= ~(uint64_t)ALWAYS | FLAGS;
	after.r11 &= ~(uint64_t)ALWAYS | FLAGS;
	say("%s: kept %d, %s\n", name, memcmp(&before, &after, sizeof(before)) == 0,
		result < 0 ? strerrorname_np((int)-result) : "done");
	if (result > 2 && (number == SYS_open || number == SYS_openat ||
				  number == SYS_openat2 || number == SYS_creat)) {
		close((int)result);
	}
}

static void keep_all_registers(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "nowhere"};
	struct open_how how = {.flags = O_RDONLY};
	struct iovec part = {(char *)"x", 1};
	struct mmsghdr header = {.msg_hdr = {.msg_name = &address,
					 .msg_namelen = sizeof(address),
					 .msg_iov = &part,
					 .msg_iovlen = 1}};
	char folder[] = "/tmp/registersXXXXXX";
	int flags = 0;
	const long fd = socket(AF_INET, SOCK_DGRAM, 0);
	const long stream = socket(AF_UNIX, SOCK_STREAM, 0);

	const int receiver = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(receiver, (void *)&address, size);
	getsockname(receiver, (void *)&address, &size);
	if (!mkdtemp(folder) || chdir(folder) != 0 || mkfifo("fifo", 0600) != 0) {
		_exit(3);
	}
	const long file = open("kept", O_CREAT | O_RDWR, 0600);
	const struct {
		const char *name;
		long number, arguments[6];
	} calls[] = {
		{"openat", SYS_openat, {AT_FDCWD, (long)"/etc/passwd", 0, 11, 12, 13}},
		{"no file", SYS_open, {(long)"/none", 0, 10, 11, 12, 13}},
		{"creat", SYS_creat, {(long)"new", 0600, 10, 11, 12, 13}},
		{"openat2", SYS_openat2,
			{AT_FDCWD, (long)"/etc/passwd", (long)&how, sizeof(how), 12,
				13}},
		{"fifo", SYS_openat, {AT_FDCWD, (long)"fifo", O_RDWR, 11, 12, 13}},
		{"tty", SYS_open, {(long)"/dev/tty", O_RDWR, 10, 11, 12, 13}},
		{"own", SYS_open, {(long)"/proc/self/maps", 0, 10, 11, 12, 13}},
		{"mkdir", SYS_mkdir, {(long)"x", 0700, 10, 11, 12, 13}},
		{"rename", SYS_rename, {(long)"x", (long)"y", 10, 11, 12, 13}},
		{"rmdir", SYS_rmdir, {(long)"y", 9, 10, 11, 12, 13}},
		{"unlink", SYS_unlink, {(long)"new", 9, 10, 11, 12, 13}},
		{"fchmod", SYS_fchmod, {file, 0640, 10, 11, 12, 13}},
		{"attributes", SYS_ioctl, {file, 0x40086602, (long)&flags, 11, 12, 13}},
		{"truncate", SYS_truncate, {(long)"kept", 5, 10, 11, 12, 13}},
		{"bind", SYS_bind, {fd, (long)&address, 2, 11, 12, 13}},
		{"connect", SYS_connect,
			{fd, (long)&address, sizeof(address), 11, 12, 13}},
		{"connect nowhere", SYS_connect,
			{stream, (long)&nowhere, sizeof(nowhere), 11, 12, 13}},
		{"sendto", SYS_sendto,
			{fd, (long)"x", 1, MSG_NOSIGNAL, (long)&address, 16}},
		{"sendmsg", SYS_sendmsg, {fd, (long)&header.msg_hdr, 0, 11, 12, 13}},
		{"sendmmsg", SYS_sendmmsg, {fd, (long)&header, 1, 0, 12, 13}},
		{"execve", SYS_execve, {(long)"/none", (long)environ, 0, 11, 12, 13}},
		{"kill", SYS_kill, {getpid(), 0, 10, 11, 12, 13}},
		{"socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0, 11, 12, 13}},
		{"prctl", SYS_prctl, {PR_GET_DUMPABLE, 0, 0, 0, 0, 13}},
		{"getpid", SYS_getpid, {8, 9, 10, 11, 12, 13}},
	};

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			say_kept(calls[i].name, calls[i].number, calls[i].arguments);
		}
	}
	unlink("kept");
	unlink("fifo");
	(void)rmdir(folder);
}

static const struct behaviour behaviours[] = {
	{"keep_all_registers", keep_all_registers},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
