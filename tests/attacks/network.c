/* SPDX-License-Identifier: MIT */
/* Every way to reach a socket, or to be reached, that no rule allows. */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char message[] = "from the attack";

static struct sockaddr_in address_of(const char *host, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	inet_pton(AF_INET, host, &address.sin_addr);
	return address;
}

static struct sockaddr_in6 address6_of(const char *host, uint16_t port)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6, .sin6_port = htons(port)};
	inet_pton(AF_INET6, host, &address.sin6_addr);
	return address;
}

static int socket_of(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);
	if (fd < 0) {
		not_applicable("socket");
	}
	return fd;
}

static void connect_and_say(int fd, const void *address, socklen_t size)
{
	need(syscall(SYS_connect, fd, address, size), "connect");
	need(write(fd, message, sizeof(message)), "write");
}

/* operation: the host as text. */
static void run_tcp(const struct attack *attack)
{
	struct sockaddr_in address = address_of(attack->operation, arena.tcp_port);
	connect_and_say(socket_of(AF_INET, SOCK_STREAM, 0), &address, sizeof(address));
}

static void run_tcp6(const struct attack *attack)
{
	struct sockaddr_in6 address = address6_of(attack->operation, arena.tcp_port);
	connect_and_say(socket_of(AF_INET6, SOCK_STREAM, 0), &address, sizeof(address));
}

static void run_multipath(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	connect_and_say(socket_of(AF_INET, SOCK_STREAM, IPPROTO_MPTCP), &address,
		sizeof(address));
}

/* The kernel looks at the family of the socket, not at that of the address. */
static void run_tcp_junk(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	int fd = socket_of(AF_INET, SOCK_STREAM, 0);
	need(syscall(SYS_connect, 0xdead00000000l | fd, &address,
		     0xdead00000000l | (long)sizeof(address)),
		"connect");
	need(write(fd, message, sizeof(message)), "write");
}

static void run_tcp_long_address(const struct attack *attack)
{
	char buffer[128] = {0};
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	memcpy(buffer, &address, sizeof(address));
	connect_and_say(socket_of(AF_INET, SOCK_STREAM, 0), buffer, sizeof(buffer));
}

static void run_tcp_nonblocking(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	int fd = socket_of(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	long result = syscall(SYS_connect, fd, &address, sizeof(address));
	if (result < 0 && errno != EINPROGRESS) {
		failed("connect");
	}
	usleep(10000);
	need(write(fd, message, sizeof(message)), "write");
}

static void run_tcp_child(const struct attack *attack)
{
	pid_t child = fork();
	if (child == 0) {
		run_tcp(attack);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void run_fast_open_sendto(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	need(syscall(SYS_sendto, socket_of(AF_INET, SOCK_STREAM, 0), message,
		     sizeof(message), MSG_FASTOPEN, &address, sizeof(address)),
		"sendto");
}

static long send_message(int fd, void *address, socklen_t size, int flags)
{
	struct iovec vector = {(void *)(uintptr_t)message, sizeof(message)};
	struct msghdr header = {.msg_name = address,
		.msg_namelen = size,
		.msg_iov = &vector,
		.msg_iovlen = 1};
	return syscall(SYS_sendmsg, fd, &header, flags);
}

static void run_fast_open_sendmsg(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	need(send_message(socket_of(AF_INET, SOCK_STREAM, 0), &address, sizeof(address),
		     MSG_FASTOPEN),
		"sendmsg");
}

static void run_fast_open_connect(const struct attack *attack)
{
	int on = 1;
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	int fd = socket_of(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on));
	connect_and_say(fd, &address, sizeof(address));
}

static void run_udp_connect(const struct attack *attack)
{
	struct sockaddr_in address = address_of(attack->operation, arena.udp_port);
	connect_and_say(socket_of(AF_INET, SOCK_DGRAM, 0), &address, sizeof(address));
}

static void run_udp_sendto(const struct attack *attack)
{
	struct sockaddr_in address = address_of(attack->operation, arena.udp_port);
	need(syscall(SYS_sendto, socket_of(AF_INET, SOCK_DGRAM, 0), message,
		     sizeof(message), 0, &address, sizeof(address)),
		"sendto");
}

static void run_udp_sendmsg(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.udp_port);
	need(send_message(
		     socket_of(AF_INET, SOCK_DGRAM, 0), &address, sizeof(address), 0),
		"sendmsg");
}

static void run_udp6_sendmsg(const struct attack *attack)
{
	struct sockaddr_in6 address = address6_of(attack->operation, arena.udp_port);
	need(send_message(
		     socket_of(AF_INET6, SOCK_DGRAM, 0), &address, sizeof(address), 0),
		"sendmsg");
}

/* A socket of version 6 takes addresses of version 4 when it sends. */
static void run_udp6_old_address(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.udp_port);
	need(syscall(SYS_sendto, socket_of(AF_INET6, SOCK_DGRAM, 0), message,
		     sizeof(message), 0, &address, sizeof(address)),
		"sendto");
}

/* The address of version 6 as it was before scopes: four bytes less. */
static void run_tcp6_short(const struct attack *attack)
{
	enum { OLD_SIZE = 24 };
	(void)attack;
	struct sockaddr_in6 address = address6_of("::1", arena.tcp_port);
	connect_and_say(socket_of(AF_INET6, SOCK_STREAM, 0), &address, OLD_SIZE);
}

static void run_fast_open_sendmmsg(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.tcp_port);
	struct iovec vector = {(void *)(uintptr_t)message, sizeof(message)};
	struct mmsghdr header = {.msg_hdr = {.msg_name = &address,
					 .msg_namelen = sizeof(address),
					 .msg_iov = &vector,
					 .msg_iovlen = 1}};
	need(syscall(SYS_sendmmsg, socket_of(AF_INET, SOCK_STREAM, 0), &header, 1,
		     MSG_FASTOPEN),
		"sendmmsg");
}

/* A raw socket of this family is a datagram socket by another name. */
static void run_unix_raw(const struct attack *attack)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)attack;
	need(chdir(arena.socket), "chdir");
	strcpy(address.sun_path, "datagram");
	need(syscall(SYS_sendto, socket_of(AF_UNIX, SOCK_RAW, 0), message,
		     sizeof(message), 0, &address, sizeof(address)),
		"sendto");
}

/* The first message goes where it may; the forbidden one comes after it. */
static void run_udp_sendmmsg(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in addresses[2] = {address_of("127.0.0.1", arena.udp_allowed),
		address_of("127.0.0.1", arena.udp_port)};
	struct iovec vector = {(void *)(uintptr_t)message, sizeof(message)};
	struct mmsghdr headers[2] = {0};
	for (int i = 0; i < 2; i++) {
		headers[i].msg_hdr = (struct msghdr){.msg_name = &addresses[i],
			.msg_namelen = sizeof(addresses[i]),
			.msg_iov = &vector,
			.msg_iovlen = 1};
	}
	need(syscall(SYS_sendmmsg, socket_of(AF_INET, SOCK_DGRAM, 0), headers, 2, 0),
		"sendmmsg");
}

/* A connected socket may still send elsewhere. */
static void run_udp_elsewhere(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in allowed = address_of("127.0.0.1", arena.udp_allowed);
	struct sockaddr_in address = address_of("127.0.0.1", arena.udp_port);
	int fd = socket_of(AF_INET, SOCK_DGRAM, 0);
	connect_and_say(fd, &allowed, sizeof(allowed));
	need(syscall(SYS_sendto, fd, message, sizeof(message), 0, &address,
		     sizeof(address)),
		"sendto");
}

static void run_udp_reconnect(const struct attack *attack)
{
	(void)attack;
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	struct sockaddr_in allowed = address_of("127.0.0.1", arena.udp_allowed);
	struct sockaddr_in address = address_of("127.0.0.1", arena.udp_port);
	int fd = socket_of(AF_INET, SOCK_DGRAM, 0);
	connect_and_say(fd, &allowed, sizeof(allowed));
	syscall(SYS_connect, fd, &nowhere, sizeof(nowhere));
	connect_and_say(fd, &address, sizeof(address));
}

static void run_udp_broadcast(const struct attack *attack)
{
	int on = 1;
	(void)attack;
	struct sockaddr_in address = address_of("127.255.255.255", arena.udp_port);
	int fd = socket_of(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	need(sendto(fd, message, sizeof(message), 0, (struct sockaddr *)&address,
		     sizeof(address)),
		"sendto");
}

/* AF_UNSPEC with the layout of AF_INET is taken as AF_INET by sendto. */
static void run_udp_unspecified(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", arena.udp_port);
	address.sin_family = AF_UNSPEC;
	need(sendto(socket_of(AF_INET, SOCK_DGRAM, 0), message, sizeof(message), 0,
		     (struct sockaddr *)&address, sizeof(address)),
		"sendto");
}

static void run_raw(const struct attack *attack)
{
	struct {
		struct udphdr header;
		char text[sizeof(message)];
	} packet = {0};
	(void)attack;
	struct sockaddr_in address = address_of("127.0.0.1", 0);
	packet.header.dest = htons(arena.udp_port);
	packet.header.source = htons(arena.udp_port);
	packet.header.len = htons(sizeof(packet));
	memcpy(packet.text, message, sizeof(message));
	need(sendto(socket_of(AF_INET, SOCK_RAW, IPPROTO_UDP), &packet, sizeof(packet),
		     0, (struct sockaddr *)&address, sizeof(address)),
		"sendto");
}

/* Unix sockets: path names in all the forms that fit into 108 bytes. */
enum unix_form {
	UNIX_PATH,
	UNIX_CHDIR,
	UNIX_LINK,
	UNIX_FOLDER_LINK,
	UNIX_DESCRIPTOR,
	UNIX_ROOT,
	UNIX_UNTERMINATED
};

static socklen_t unix_address(
	struct sockaddr_un *address, const char *name, enum unix_form form)
{
	char path[PATH_MAX] = {0};
	address->sun_family = AF_UNIX;
	switch (form) {
	case UNIX_PATH:
	case UNIX_UNTERMINATED:
		snprintf(path, sizeof(path), "%s/%s", arena.socket, name);
		break;
	case UNIX_CHDIR:
		need(chdir(arena.socket), "chdir");
		snprintf(path, sizeof(path), "%s", name);
		break;
	case UNIX_LINK:
		need(symlink(path_in(arena.socket, name), "peer"), "symlink");
		snprintf(path, sizeof(path), "peer");
		break;
	case UNIX_FOLDER_LINK:
		need(symlink(arena.socket, "peers"), "symlink");
		snprintf(path, sizeof(path), "peers/%s", name);
		break;
	case UNIX_DESCRIPTOR:
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s",
			open(arena.socket, O_PATH), name);
		break;
	case UNIX_ROOT:
		snprintf(
			path, sizeof(path), "/proc/self/root%s/%s", arena.socket, name);
		break;
	}
	size_t length = strlen(path);
	memset(address->sun_path, 'x', sizeof(address->sun_path));
	memcpy(address->sun_path, path, length + 1);
	length += form == UNIX_UNTERMINATED ? 0 : 1;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static const enum unix_form unix_forms[] = {UNIX_PATH, UNIX_CHDIR, UNIX_LINK,
	UNIX_FOLDER_LINK, UNIX_DESCRIPTOR, UNIX_ROOT, UNIX_UNTERMINATED};

static void run_unix_stream(const struct attack *attack)
{
	struct sockaddr_un address;
	socklen_t size = unix_address(
		&address, "stream", *(const enum unix_form *)attack->operation);
	connect_and_say(socket_of(AF_UNIX, SOCK_STREAM, 0), &address, size);
}

static void run_unix_datagram(const struct attack *attack)
{
	struct sockaddr_un address;
	socklen_t size = unix_address(
		&address, "datagram", *(const enum unix_form *)attack->operation);
	need(syscall(SYS_sendto, socket_of(AF_UNIX, SOCK_DGRAM, 0), message,
		     sizeof(message), 0, &address, size),
		"sendto");
}

static void run_unix_sendmsg(const struct attack *attack)
{
	struct sockaddr_un address;
	socklen_t size = unix_address(
		&address, "datagram", *(const enum unix_form *)attack->operation);
	need(send_message(socket_of(AF_UNIX, SOCK_DGRAM, 0), &address, size, 0),
		"sendmsg");
}

static void run_unix_sendmmsg(const struct attack *attack)
{
	struct sockaddr_un address;
	socklen_t size = unix_address(
		&address, "datagram", *(const enum unix_form *)attack->operation);
	struct iovec vector = {(void *)(uintptr_t)message, sizeof(message)};
	struct mmsghdr header = {.msg_hdr = {.msg_name = &address,
					 .msg_namelen = size,
					 .msg_iov = &vector,
					 .msg_iovlen = 1}};
	need(syscall(SYS_sendmmsg, socket_of(AF_UNIX, SOCK_DGRAM, 0), &header, 1, 0),
		"sendmmsg");
}

static void run_unix_connect_datagram(const struct attack *attack)
{
	struct sockaddr_un address;
	socklen_t size = unix_address(
		&address, "datagram", *(const enum unix_form *)attack->operation);
	connect_and_say(socket_of(AF_UNIX, SOCK_DGRAM, 0), &address, size);
}

static void run_abstract(const struct attack *attack)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
		"%s-%s", arena.abstract, (const char *)attack->operation);
	bool is_stream = strcmp(attack->operation, "stream") == 0;
	connect_and_say(socket_of(AF_UNIX, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0),
		&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			    (size_t)length));
}

static void run_abstract_sendto(const struct attack *attack)
{
	(void)attack;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
		"%s-datagram", arena.abstract);
	need(syscall(SYS_sendto, socket_of(AF_UNIX, SOCK_DGRAM, 0), message,
		     sizeof(message), 0, &address,
		     offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length),
		"sendto");
}

/* Waits for the caller whom the harness sends to the port. */
static void accept_one(int fd)
{
	struct timeval second = {.tv_sec = 1};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	int peer = (int)need(accept(fd, NULL, NULL), "accept");
	need(write(peer, message, sizeof(message)), "write");
	close(peer);
}

static void run_listen(const struct attack *attack)
{
	struct sockaddr_in address = address_of(attack->operation, arena.listen_port);
	int on = 1;
	int fd = socket_of(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	need(syscall(SYS_bind, fd, &address, sizeof(address)), "bind");
	need(syscall(SYS_listen, fd, 5), "listen");
	accept_one(fd);
}

static void run_listen6(const struct attack *attack)
{
	struct sockaddr_in6 address = address6_of(attack->operation, arena.listen_port);
	int fd = socket_of(AF_INET6, SOCK_STREAM, 0);
	need(syscall(SYS_bind, fd, &address, sizeof(address)), "bind");
	need(syscall(SYS_listen, fd, 5), "listen");
	accept_one(fd);
}

/* A socket that listens without an address has any free port: tells the harness which. */
static void publish_port(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	char text[16];
	getsockname(fd, (struct sockaddr *)&address, &size);
	snprintf(text, sizeof(text), "%d\n", ntohs(address.sin_port));
	write_file("port.new", text);
	need(rename("port.new", "port"), "rename");
	accept_one(fd);
}

static void run_listen_unbound(const struct attack *attack)
{
	(void)attack;
	int fd = socket_of(AF_INET, SOCK_STREAM, 0);
	need(syscall(SYS_listen, fd, 5), "listen");
	publish_port(fd);
}

enum { SWAPPED_NUMBER = 103 };
static int swapped[2];

static void turn_socket(int which)
{
	dup2(swapped[which], SWAPPED_NUMBER);
}

/* A socket file may be listened on; the number then means an internet socket. */
static void run_listen_race(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_socket};
	struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = "own-socket"};
	int listens = 0;
	socklen_t size = sizeof(listens);
	(void)attack;
	swapped[0] = socket_of(AF_UNIX, SOCK_STREAM, 0);
	swapped[1] = socket_of(AF_INET, SOCK_STREAM, 0);
	need(bind(swapped[0], (struct sockaddr *)&own, sizeof(own)), "bind");
	dup2(swapped[0], SWAPPED_NUMBER);
	flip_start(&chosen);
	while (time_is_left() && !listens) {
		syscall(SYS_listen, SWAPPED_NUMBER, 5);
		getsockopt(swapped[1], SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
	}
	flip_stop();
	if (listens) {
		publish_port(swapped[1]);
	}
}

static void run_listen_datagram(const struct attack *attack)
{
	char buffer[64];
	struct timeval second = {.tv_sec = 1};
	struct sockaddr_in peer,
		address = address_of(attack->operation, arena.listen_port);
	socklen_t size = sizeof(peer);
	int fd = socket_of(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	need(syscall(SYS_bind, fd, &address, sizeof(address)), "bind");
	need(recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&peer, &size),
		"recvfrom");
	/* The harness takes the word for it only if this comes out of the datagram. */
	leak_bytes(buffer, sizeof(buffer));
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"tcp", EFFECT_REACHED, 0, "connect", run_tcp, "127.0.0.1"},
	{"tcp_other_loopback", EFFECT_REACHED, 0, "connect", run_tcp, "127.3.2.1"},
	{"tcp_unspecified", EFFECT_REACHED, 0, "connect", run_tcp, "0.0.0.0"},
	{"tcp6", EFFECT_REACHED, 0, "connect", run_tcp6, "::1"},
	{"tcp6_mapped", EFFECT_REACHED, 0, "connect", run_tcp6, "::ffff:127.0.0.1"},
	{"tcp6_unspecified", EFFECT_REACHED, 0, "connect", run_tcp6, "::"},
	{"tcp6_mapped_unspecified", EFFECT_REACHED, 0, "connect", run_tcp6, "::ffff:0.0.0.0"},
	{"tcp_multipath", EFFECT_REACHED, 0, "connect", run_multipath, NULL},
	{"tcp_junk", EFFECT_REACHED, 0, "connect", run_tcp_junk, NULL},
	{"tcp_long_address", EFFECT_REACHED, 0, "connect", run_tcp_long_address, NULL},
	{"tcp_nonblocking", EFFECT_REACHED, 0, "connect", run_tcp_nonblocking, NULL},
	{"tcp_child", EFFECT_REACHED, 0, "connect", run_tcp_child, "127.0.0.1"},
	{"fast_open_sendto", EFFECT_REACHED, 0, "sendto", run_fast_open_sendto, NULL},
	{"fast_open_sendmsg", EFFECT_REACHED, 0, "sendmsg", run_fast_open_sendmsg, NULL},
	{"fast_open_connect", EFFECT_REACHED, 0, "connect", run_fast_open_connect, NULL},
	{"udp_connect", EFFECT_REACHED, 0, "connect", run_udp_connect, "127.0.0.1"},
	{"udp_sendto", EFFECT_REACHED, 0, "sendto", run_udp_sendto, "127.0.0.1"},
	{"udp_sendto_unspecified", EFFECT_REACHED, 0, "sendto", run_udp_sendto, "0.0.0.0"},
	{"udp_sendmsg", EFFECT_REACHED, 0, "sendmsg", run_udp_sendmsg, NULL},
	{"udp6_sendmsg", EFFECT_REACHED, 0, "sendmsg", run_udp6_sendmsg, "::1"},
	{"udp6_sendmsg_mapped", EFFECT_REACHED, 0, "sendmsg", run_udp6_sendmsg, "::ffff:127.0.0.1"},
	{"udp6_old_address", EFFECT_REACHED, 0, "sendto", run_udp6_old_address, NULL},
	{"tcp6_short_address", EFFECT_REACHED, 0, "connect", run_tcp6_short, NULL},
	{"fast_open_sendmmsg", EFFECT_REACHED, 0, "sendmmsg", run_fast_open_sendmmsg, NULL},
	{"unix_raw", EFFECT_REACHED, 0, "sendto", run_unix_raw, NULL},
	{"udp_sendmmsg", EFFECT_REACHED, 0, "sendmmsg", run_udp_sendmmsg, NULL},
	{"udp_elsewhere", EFFECT_REACHED, 0, "sendto", run_udp_elsewhere, NULL},
	{"udp_reconnect", EFFECT_REACHED, 0, "connect", run_udp_reconnect, NULL},
	{"udp_broadcast", EFFECT_REACHED, 0, "sendto", run_udp_broadcast, NULL},
	{"udp_unspecified_family", EFFECT_REACHED, 0, "sendto", run_udp_unspecified, NULL},
	{"raw_socket", EFFECT_REACHED, ATTACK_ROOT, "socket", run_raw, NULL},
	{"abstract_stream", EFFECT_REACHED, 0, "connect", run_abstract, "stream"},
	{"abstract_datagram", EFFECT_REACHED, 0, "connect", run_abstract, "datagram"},
	{"abstract_sendto", EFFECT_REACHED, 0, "sendto", run_abstract_sendto, NULL},
	{"listen", EFFECT_LISTENED, 0, "bind listen", run_listen, "127.0.0.1"},
	{"listen_everywhere", EFFECT_LISTENED, 0, "bind listen", run_listen, "0.0.0.0"},
	{"listen6_everywhere", EFFECT_LISTENED, 0, "bind listen", run_listen6, "::"},
	{"listen_unbound", EFFECT_LISTENED, 0, "listen", run_listen_unbound, NULL},
	{"listen_race", EFFECT_LISTENED, ATTACK_RACE, "listen", run_listen_race, NULL},
	{"listen_datagram", EFFECT_LISTENED, 0, "bind", run_listen_datagram, "127.0.0.1"},
	{NULL},
};

static const char *const unix_form_names[] = {
	[UNIX_PATH] = "path", [UNIX_CHDIR] = "chdir", [UNIX_LINK] = "link",
	[UNIX_FOLDER_LINK] = "folder_link", [UNIX_DESCRIPTOR] = "descriptor",
	[UNIX_ROOT] = "root", [UNIX_UNTERMINATED] = "unterminated",
};
/* clang-format on */

static const struct {
	const char *name, *syscalls;
	void (*run)(const struct attack *attack);
} unix_calls[] = {
	{"unix_stream", "connect", run_unix_stream},
	{"unix_datagram", "sendto", run_unix_datagram},
	{"unix_sendmsg", "sendmsg", run_unix_sendmsg},
	{"unix_sendmmsg", "sendmmsg", run_unix_sendmmsg},
	{"unix_connect_datagram", "connect", run_unix_connect_datagram},
};

void network_attacks(void)
{
	attack_add_rows("network", rows);
	for (size_t i = 0; i < sizeof(unix_calls) / sizeof(unix_calls[0]); i++) {
		for (size_t j = 0; j < sizeof(unix_forms) / sizeof(unix_forms[0]);
			j++) {
			struct attack attack = {
				.effect = EFFECT_REACHED,
				.flags = i > 1 && j > 2 ? ATTACK_FULL : 0,
				.syscalls = unix_calls[i].syscalls,
				.run = unix_calls[i].run,
				.operation = &unix_forms[j],
			};
			attack_add(&attack, "%s/%s", unix_calls[i].name,
				unix_form_names[unix_forms[j]]);
		}
	}
}
