/* SPDX-License-Identifier: MIT */
/* Calls with good, odd and bad arguments: their results, and what they leave behind. */
#include "victim.h"

#include <arpa/inet.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static void say_result(const char *call, long result)
{
	say("%s: %s\n", call, result >= 0 ? "done" : strerrorname_np(errno));
}

/* The last bytes before memory that is not there. */
static char *end_of_memory(void)
{
	char *pages = mmap(
		NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + 4096, 4096);
	return pages + 4096;
}

static void try_pointer(const char *what, char *bad)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct msghdr header = {.msg_name = bad, .msg_namelen = 16};
	char *const arguments[] = {"true", bad, NULL};

	say("%s\n", what);
	say_result("open", open(bad, O_RDONLY));
	say_result("openat2", syscall(SYS_openat2, AT_FDCWD, "/etc", bad, 24L));
	say_result("mkdir", mkdir(bad, 0700));
	say_result("rename", rename("/nowhere", bad));
	say_result("symlink", symlink(bad, "/nowhere/x"));
	say_result("unlink", unlink(bad));
	say_result("connect", connect(fd, (void *)bad, 16));
	say_result("bind", bind(fd, (void *)bad, 16));
	say_result("sendto", sendto(fd, "x", 1, 0, (void *)bad, 16));
	say_result("sendmsg", sendmsg(fd, (void *)bad, 0));
	say_result("sendmsg name", sendmsg(fd, &header, 0));
	say_result("sendmmsg", sendmmsg(fd, (void *)bad, 1, 0));
	say_result("execve", execve(bad, arguments, NULL));
	say_result("execve argument", execve("/bin/true", arguments, NULL));
	say_result("execve list", execve("/bin/true", (char **)bad, NULL));
	close(fd);
}

static void give_bad_pointers(void)
{
	char *end = end_of_memory();

	memset(end - 4, 'a', 4);
	try_pointer("low", (char *)8);
	try_pointer("gone", end);
	try_pointer("crossing", end - 4);
	try_pointer("kernel", (char *)0xffffffff81000000);
	try_pointer("not canonical", (char *)0x8000000000000000);
	say_result("null", syscall(SYS_execve, NULL, NULL, NULL));
}

static struct sockaddr_in loopback(unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	return address;
}

static void try_lengths(int family, int type, const void *address)
{
	static const int lengths[] = {0, 1, 2, 3, 8, 15, 16, 24, 28, 110, 128, 129, -1};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char name[64];
		int fd = socket(family, type, 0);
		snprintf(name, sizeof(name), "%d %d %d", family, type, lengths[i]);
		say_result(name, bind(fd, address, (socklen_t)lengths[i]));
		say_result(name, connect(fd, address, (socklen_t)lengths[i]));
		if (type == SOCK_DGRAM) {
			say_result(name,
				sendto(fd, "x", 1, 0, address, (socklen_t)lengths[i]));
		}
		close(fd);
	}
	say_result("no socket", connect(0, address, 16));
	say_result("no descriptor", connect(-1, address, 16));
}

static void give_odd_addresses(void)
{
	char bytes[256] = {0};
	struct sockaddr_in address = loopback(0);
	struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "nowhere/x"};
	char folder[] = "/tmp/addressesXXXXXX";

	/* Where no name can be made. */
	if (!mkdtemp(folder) || chdir(folder) != 0 || rmdir(folder) != 0) {
		_exit(3);
	}
	try_lengths(AF_INET, SOCK_DGRAM, bytes);
	memcpy(bytes, &address, sizeof(address));
	try_lengths(AF_INET, SOCK_DGRAM, bytes);
	try_lengths(AF_INET6, SOCK_DGRAM, bytes);
	try_lengths(AF_UNIX, SOCK_DGRAM, bytes);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, &path, sizeof(path));
	try_lengths(AF_UNIX, SOCK_STREAM, bytes);
	try_lengths(AF_UNIX, SOCK_DGRAM, bytes);
}

/* A socket file that is there, and one that could be made, for sockets without names. */
static void give_names_to_other_sockets(void)
{
	static const struct {
		int family, type;
	} sockets[] = {{AF_INET, SOCK_STREAM}, {AF_INET, SOCK_DGRAM},
		{AF_INET6, SOCK_STREAM}, {AF_INET6, SOCK_DGRAM}};
	struct sockaddr_un there = {.sun_family = AF_UNIX, .sun_path = "there"};
	struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "nowhere"};
	char bytes[256] = {0};
	char folder[] = "/tmp/addressesXXXXXX";
	int listener = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(3);
	}
	say_result("bind there", bind(listener, (void *)&there, sizeof(there)));
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		say("family %d type %d\n", sockets[i].family, sockets[i].type);
		memcpy(bytes, &there, sizeof(there));
		try_lengths(sockets[i].family, sockets[i].type, bytes);
		memcpy(bytes, &nowhere, sizeof(nowhere));
		try_lengths(sockets[i].family, sockets[i].type, bytes);
	}
	say_result("unlink", unlink("nowhere"));
	say_result("unlink", unlink("there"));
	say_result("rmdir", rmdir(folder));
}

/* What a receiver gets of everything that is sent in all ways. */
static void send_in_all_ways(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof(address);
	int receiver = socket(AF_INET, SOCK_DGRAM, 0);
	int sender = socket(AF_INET, SOCK_DGRAM, 0);
	struct timeval limit = {5, 0};
	struct iovec part = {"three", 5};
	char text[64];

	bind(receiver, (void *)&address, size);
	getsockname(receiver, (void *)&address, &size);
	setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	struct mmsghdr headers[2] = {
		{.msg_hdr = {&address, size, &part, 1, NULL, 0, 0}},
		{.msg_hdr = {&address, size, &part, 1, NULL, 0, 0}}};
	say_result("sendto", sendto(sender, "one", 3, 0, (void *)&address, size));
	say_result("sendmsg", sendmsg(sender, &headers[0].msg_hdr, 0));
	for (unsigned sent = 0; sent < 2;) {
		int more = sendmmsg(sender, headers + sent, 2 - sent, 0);
		if (more <= 0) {
			say_result("sendmmsg", more);
			break;
		}
		sent += (unsigned)more;
	}
	say("lengths %u %u\n", headers[0].msg_len, headers[1].msg_len);
	say_result("connect", connect(sender, (void *)&address, size));
	say_result("send", send(sender, "five!", 5, 0));
	address.sin_family = AF_UNSPEC;
	say_result("disconnect", connect(sender, (void *)&address, size));
	say_result("send", send(sender, "six", 3, 0));
	for (int i = 0; i < 5; i++) {
		ssize_t length = recv(receiver, text, sizeof(text), 0);
		say("got %.*s\n", (int)length, text);
	}
}

/* The argument pages come to a process by fork, and stay the parent's after vfork. */
static void connect_in_relatives(void)
{
	struct sockaddr_in address = loopback(9);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int status;

	pid_t child = vfork();
	if (child == 0) {
		_exit(connect(fd, (void *)&address, sizeof(address)) ? errno : 0);
	}
	waitpid(child, &status, 0);
	say("after vfork %x\n", (unsigned)status);
	say_result("parent", connect(fd, (void *)&address, sizeof(address)));
	for (int generation = 0; generation < 4; generation++) {
		child = fork();
		if (child == 0) {
			say_result("child",
				connect(fd, (void *)&address, sizeof(address)));
			continue;
		}
		waitpid(child, &status, 0);
		_exit(WEXITSTATUS(status));
	}
}

/* As much address space as the process has, and so much more. */
static void limit_memory(rlim_t more)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file || fscanf(file, "%lu", &pages) != 1) {
		_exit(3);
	}
	(void)fclose(file);
	const rlim_t size = pages * 4096 + more;

	setrlimit(RLIMIT_AS, &(struct rlimit){size, size});
}

static void connect_within_limits(void)
{
	static const rlim_t rooms[] = {256 << 10, 1 << 20, 4 << 20, 64 << 20};
	struct sockaddr_in address = loopback(9);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		pid_t child = fork();
		if (child == 0) {
			limit_memory(rooms[i]);
			say_result("connect",
				connect(fd, (void *)&address, sizeof(address)));
			say_result("open", open("/etc/passwd", O_RDONLY));
			child = fork();
			if (child == 0) {
				say_result("child",
					connect(fd, (void *)&address, sizeof(address)));
				_exit(0);
			}
			waitpid(child, NULL, 0);
			say("map %d\n", mmap(NULL, rooms[i] / 4, PROT_READ,
						MAP_PRIVATE | MAP_ANONYMOUS, -1,
						0) != MAP_FAILED);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

/* What root's programs do that give up being root, in all the ways that there are. */
static void act_as(uid_t real, uid_t effective)
{
	struct sockaddr_in address = loopback(9);
	int status = 0;
	const pid_t child = fork();

	if (child == 0) {
		char name[] = "/tmp/ownedXXXXXX";
		setresgid(real, effective, effective);
		setresuid(real, effective, effective);
		say_result("open", open("/etc/passwd", O_RDONLY));
		say_result("open of root's", open("/proc/1/mem", O_RDONLY));
		say_result("connect", connect(socket(AF_INET, SOCK_DGRAM, 0),
					      (void *)&address, sizeof(address)));
		say_result("make", mkstemp(name));
		say_result("remove", unlink(name));
		execl("/bin/cat", "cat", "/proc/sys/kernel/ostype", NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	say("status %x\n", (unsigned)status);
}

static void become_others(void)
{
	if (geteuid() != 0) {
		say("not root\n");
		return;
	}
	act_as(4711, 4711);
	act_as(4712, 4712);
	act_as(0, 4711);
	act_as(4711, 4711);
}

/* True if the call changes no register but those that the instruction itself does. */
static int keeps_registers(long number, const long arguments[6])
{
	long result = number;
	long changed;
	register long rdi __asm__("rdi") = arguments[0];
	register long rsi __asm__("rsi") = arguments[1];
	register long rdx __asm__("rdx") = arguments[2];
	register long r10 __asm__("r10") = arguments[3];
	register long r8 __asm__("r8") = arguments[4];
	register long r9 __asm__("r9") = arguments[5];

	__asm__ volatile("mov $0x1111, %%rbx\n\t"
			 "mov $0x2222, %%r12\n\t"
			 "mov $0x3333, %%r13\n\t"
			 "mov $0x4444, %%r14\n\t"
			 "mov $0x5555, %%r15\n\t"
			 "syscall\n\t"
			 "sub $0x1111, %%rbx\n\t"
			 "sub $0x2222, %%r12\n\t"
			 "sub $0x3333, %%r13\n\t"
			 "sub $0x4444, %%r14\n\t"
			 "sub $0x5555, %%r15\n\t"
			 "or %%r12, %%rbx\n\t"
			 "or %%r13, %%rbx\n\t"
			 "or %%r14, %%rbx\n\t"
			 "or %%r15, %%rbx\n\t"
			 "mov %%rbx, %%rcx\n\t"
			 : "+a"(result), "=c"(changed), "+r"(rdi), "+r"(rsi), "+r"(rdx),
			 "+r"(r10), "+r"(r8), "+r"(r9)
			 :
			 : "rbx", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	errno = result < 0 ? (int)-result : 0;
	return changed == 0 && rdi == arguments[0] && rsi == arguments[1] &&
	       rdx == arguments[2] && r10 == arguments[3] && r8 == arguments[4] &&
	       r9 == arguments[5];
}

static void keep_registers(void)
{
	struct sockaddr_in address = loopback(9);
	struct open_how how = {.flags = O_RDONLY};
	char folder[] = "/tmp/registersXXXXXX";
	long fd = socket(AF_INET, SOCK_DGRAM, 0);
	long pointer = (long)&address;
	const struct {
		const char *name;
		long number, arguments[6];
	} calls[] = {
		{"openat", SYS_openat, {AT_FDCWD, (long)"/etc/passwd", 0, 11, 12, 13}},
		{"no file", SYS_openat, {AT_FDCWD, (long)"/none", 0, 11, 12, 13}},
		{"openat2", SYS_openat2,
			{AT_FDCWD, (long)"/etc/passwd", (long)&how, sizeof(how), 12,
				13}},
		{"fifo", SYS_openat, {AT_FDCWD, (long)"fifo", O_RDWR, 11, 12, 13}},
		{"tty", SYS_open, {(long)"/dev/tty", O_RDWR, 10, 11, 12, 13}},
		{"null", SYS_open, {(long)"/dev/null", O_RDWR, 10, 11, 12, 13}},
		{"mkdir", SYS_mkdir, {(long)"x", 0700, 10, 11, 12, 13}},
		{"rmdir", SYS_rmdir, {(long)"x", 9, 10, 11, 12, 13}},
		{"bind", SYS_bind, {fd, pointer, 2, 11, 12, 13}},
		{"connect", SYS_connect, {fd, pointer, sizeof(address), 11, 12, 13}},
		{"sendto", SYS_sendto, {fd, (long)"x", 1, MSG_NOSIGNAL, pointer, 16}},
		{"execve", SYS_execve, {(long)"/none", (long)environ, 0, 11, 12, 13}},
		{"kill", SYS_kill, {getpid(), 0, 10, 11, 12, 13}},
	};

	if (!mkdtemp(folder) || chdir(folder) != 0 || mkfifo("fifo", 0600) != 0) {
		_exit(3);
	}
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			int kept = keeps_registers(calls[i].number, calls[i].arguments);
			say("%s: kept %d, errno %d\n", calls[i].name, kept, errno);
		}
	}
	unlink("fifo");
	(void)rmdir(folder);
}

static void *write_to_fifo(void *unused)
{
	int fd = open("fifo", O_WRONLY);

	say("written %zd\n", write(fd, "through", 7));
	close(fd);
	return unused;
}

static void open_fifos(void)
{
	char folder[] = "/tmp/fifosXXXXXX";
	char text[16] = "";
	pthread_t thread;

	if (!mkdtemp(folder) || chdir(folder) != 0 || mkfifo("fifo", 0600) != 0) {
		_exit(3);
	}
	say_result("nobody reads", open("fifo", O_WRONLY | O_NONBLOCK));
	say_result("folder", open("fifo", O_RDONLY | O_DIRECTORY));
	pthread_create(&thread, NULL, write_to_fifo, NULL);
	int fd = open("fifo", O_RDONLY);
	ssize_t length = read(fd, text, sizeof(text) - 1);
	pthread_join(thread, NULL);
	say("read %zd %s\n", length, text);
	unlink("fifo");
	(void)rmdir(folder);
}

static const struct behaviour behaviours[] = {
	{"give_bad_pointers", give_bad_pointers},
	{"give_odd_addresses", give_odd_addresses},
	{"give_names_to_other_sockets", give_names_to_other_sockets},
	{"send_in_all_ways", send_in_all_ways},
	{"connect_in_relatives", connect_in_relatives},
	{"connect_within_limits", connect_within_limits},
	{"become_others", become_others},
	{"keep_registers", keep_registers},
	{"open_fifos", open_fifos},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
