/* SPDX-License-Identifier: MIT */
/* Honest sockets: to allowed ports and to each other. */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static uint16_t own_port(void)
{
	return (uint16_t)atoi(getenv("ATTACK_LISTEN_ALLOWED"));
}

static long connect_to(int fd, struct sockaddr_in address)
{
	return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static struct sockaddr_un unix_address(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static int unix_listener(int type, const char *path)
{
	struct sockaddr_un address = unix_address(path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	show("bind", bind(fd, (struct sockaddr *)&address, sizeof(address)));
	if (type != SOCK_DGRAM) {
		show("listen", listen(fd, 5));
	}
	return fd;
}

static int unix_connect(int type, const char *path)
{
	struct sockaddr_un address = unix_address(path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	show("connect", connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static void control_tcp(const struct attack *attack)
{
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);
	(void)attack;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	show("connect", connect_to(fd, address_of(arena.tcp_allowed)));
	show("peer", getpeername(fd, (struct sockaddr *)&peer, &size));
	show_number("port", ntohs(peer.sin_port) == arena.tcp_allowed);
	show("write", write(fd, "text", 4));
	show("again", connect_to(fd, address_of(arena.tcp_allowed)));
	show("refused",
		connect_to(socket(AF_INET, SOCK_STREAM, 0), address_of(own_port())));
	show("no socket", connect_to(open("/dev/null", O_RDONLY), address_of(1)));
	show("closed", connect_to(999, address_of(1)));
	show("short",
		connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&peer, 4));
}

static void control_nonblocking(const struct attack *attack)
{
	int error = -1;
	socklen_t size = sizeof(error);
	(void)attack;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	show("connect", connect_to(fd, address_of(arena.tcp_allowed)));
	show("poll", poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000));
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	show_number("error", error);
}

static void control_udp(const struct attack *attack)
{
	struct sockaddr_in address = address_of(arena.udp_allowed);
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	struct iovec vector = {"text", 4};
	struct msghdr header = {.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &vector,
		.msg_iovlen = 1};
	struct mmsghdr headers[3] = {{header, 0}, {header, 0}, {header, 0}};
	(void)attack;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	show_number("sendto",
		sendto(fd, "text", 4, 0, (struct sockaddr *)&address, sizeof(address)));
	show_number("sendmsg", sendmsg(fd, &header, 0));
	show_number("sendmmsg", sendmmsg(fd, headers, 3, 0));
	show_number("length", headers[2].msg_len);
	show("connect", connect_to(fd, address));
	show_number("send", send(fd, "text", 4, 0));
	show("disconnect", connect(fd, &nowhere, sizeof(nowhere)));
	show_number("no peer", send(fd, "text", 4, 0));
	show("bad pointer", sendto(fd, "text", 4, 0, (struct sockaddr *)1, 16));
}

static void control_own_server(const struct attack *attack)
{
	char buffer[16] = {0};
	int on = 1, status;
	(void)attack;
	struct sockaddr_in address = address_of(own_port());
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	show("bind", bind(fd, (struct sockaddr *)&address, sizeof(address)));
	show("listen", listen(fd, 5));
	if (fork() == 0) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		_exit(connect_to(client, address) < 0 ||
			write(client, "hello", 5) != 5);
	}
	int peer = accept(fd, NULL, NULL);
	show("accept", peer);
	show_number("read", read(peer, buffer, sizeof(buffer) - 1));
	show_text("text", buffer);
	wait(&status);
	show_number("client", status);
	show("in use", bind(socket(AF_INET, SOCK_STREAM, 0),
			       (struct sockaddr *)&address, sizeof(address)));
}

/* operation: the type of the socket. */
static void control_unix(const struct attack *attack)
{
	int type = (int)(intptr_t)attack->operation;
	struct ucred credentials = {0};
	socklen_t size = sizeof(credentials);
	char buffer[16] = {0};
	(void)attack;
	int listener = unix_listener(type, "socket");
	show_status("socket");
	int client = unix_connect(type, "socket");
	int server = accept(listener, NULL, NULL);
	show("accept", server);
	show("credentials",
		getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &size));
	show_number("own", credentials.pid == getpid() && credentials.uid == getuid());
	show("credentials",
		getsockopt(server, SOL_SOCKET, SO_PEERCRED, &credentials, &size));
	show_number("own", credentials.pid == getpid() && credentials.uid == getuid());
	show_number("write", write(client, "text", 4));
	show_number("read", read(server, buffer, sizeof(buffer) - 1));
	show_text("text", buffer);
	unix_connect(type, "missing");
	unlink("socket");
}

static void control_unix_datagram(const struct attack *attack)
{
	char buffer[16] = {0};
	struct sockaddr_un from, address = unix_address("socket");
	socklen_t size = sizeof(from);
	(void)attack;
	int server = unix_listener(SOCK_DGRAM, "socket");
	int client = unix_listener(SOCK_DGRAM, "client");
	show_number("sendto", sendto(client, "text", 4, 0, (struct sockaddr *)&address,
				      sizeof(address)));
	show_number("recvfrom", recvfrom(server, buffer, sizeof(buffer), 0,
					(struct sockaddr *)&from, &size));
	show_text("from", from.sun_path);
	show_number(
		"answer", sendto(server, "back", 4, 0, (struct sockaddr *)&from, size));
	show_number("answered", recv(client, buffer, sizeof(buffer), 0));
}

static void control_unix_names(const struct attack *attack)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX}, bound;
	socklen_t size = sizeof(bound);
	(void)attack;
	unix_listener(SOCK_STREAM, "./folder/../socket");
	need(mkdir("folder", 0755), "mkdir");
	unix_listener(SOCK_STREAM, "./folder/../socket");
	need(symlink("socket", "link"), "symlink");
	unix_connect(SOCK_STREAM, "link");
	unix_connect(SOCK_STREAM, "folder/../socket");
	unix_listener(SOCK_STREAM, "link");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	show("relative",
		bind(fd,
			(struct sockaddr *)&(struct sockaddr_un){
				.sun_family = AF_UNIX, .sun_path = "folder/inner"},
			sizeof(address)));
	getsockname(fd, (struct sockaddr *)&bound, &size);
	show_text("name", bound.sun_path);
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
		"%s-own-x", arena.abstract);
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	show("abstract", bind(fd, (struct sockaddr *)&address, size));
	show("listen", listen(fd, 5));
	show("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0),
				(struct sockaddr *)&address, size));
}

/* The usual way to a socket whose whole name is longer than an address. */
static void control_unix_long_name(const struct attack *attack)
{
	char name[160], path[64];
	(void)attack;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	need(mkdir(name, 0755), "mkdir");
	int folder = dup2(open(name, O_PATH | O_DIRECTORY), 50);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/socket", folder);
	unix_listener(SOCK_STREAM, path);
	unix_connect(SOCK_STREAM, path);
	need(chdir(name), "chdir");
	unix_connect(SOCK_STREAM, "socket");
	unix_connect(SOCK_STREAM, "/proc/thread-self/cwd/socket");
}

static void control_pass_descriptor(const struct attack *attack)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char byte = 'x';
	int pair[2];
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	(void)attack;
	write_file("file", "passed on\n");
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	if (fork() == 0) {
		int fd = open("file", O_RDONLY);
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		_exit(sendmsg(pair[0], &message, 0) < 0);
	}
	show_number("receive", recvmsg(pair[1], &message, 0));
	int fd;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	char buffer[32] = {0};
	show("read", read(fd, buffer, sizeof(buffer) - 1));
	show_text("text", buffer);
	wait(NULL);
}

static void show_option(const char *name, int fd, int level, int option, int value)
{
	socklen_t size = sizeof(value);
	show(name, setsockopt(fd, level, option, &value, sizeof(value)));
	value = -1;
	getsockopt(fd, level, option, &value, &size);
	show_number(name, value);
}

/* Options that have the numbers of others, which send packets by another way. */
static void control_options(const struct attack *attack)
{
	(void)attack;
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	show_option("idle", tcp, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	show_option("count", tcp, IPPROTO_TCP, TCP_KEEPCNT, 5);
	show_option("broadcast", udp, SOL_SOCKET, SO_BROADCAST, 1);
	show_option("hops", udp, IPPROTO_IP, IP_TTL, 33);
	show("no options", setsockopt(udp, IPPROTO_IP, IP_OPTIONS, NULL, 0));
	show("no socket", setsockopt(99, IPPROTO_TCP, TCP_KEEPIDLE, &udp, sizeof(udp)));
	show("nowhere", setsockopt(tcp, IPPROTO_TCP, TCP_KEEPIDLE, NULL, sizeof(tcp)));
}

/* operation: how many bytes of control messages go with the text. */
static void control_control_message(const struct attack *attack)
{
	static char control[1 << 18];
	int pair[2];
	size_t length = (size_t)(intptr_t)attack->operation;
	struct iovec text = {(void *)(uintptr_t) "text", 4};
	struct msghdr message = {.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = length};
	struct cmsghdr *item = (struct cmsghdr *)control;
	*item = (struct cmsghdr){length, SOL_SOCKET, SCM_RIGHTS};
	show("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	show("send", sendmsg(pair[0], &message, MSG_NOSIGNAL));
	message.msg_control = NULL;
	show("nowhere", sendmsg(pair[0], &message, MSG_NOSIGNAL));
}

static void control_pairs(const struct attack *attack)
{
	int pair[2];
	char buffer[8] = {0};
	(void)attack;
	show("stream", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	show_number("send", send(pair[0], "text", 4, MSG_NOSIGNAL));
	show_number("receive", recv(pair[1], buffer, sizeof(buffer), 0));
	show("datagram", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	show("packets", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	show_number("send", sendto(pair[0], "text", 4, 0, NULL, 0));
	show("shutdown", shutdown(pair[0], SHUT_RDWR));
	show("after", send(pair[0], "text", 4, MSG_NOSIGNAL));
	show("internet", socketpair(AF_INET, SOCK_STREAM, 0, pair));
	show("family", socket(99, SOCK_STREAM, 0));
}

#define TYPE(type) ((const void *)(intptr_t)(type))

/* clang-format off */
static const struct attack_row rows[] = {
	{"tcp", EFFECT_NONE, 0, "connect", control_tcp, NULL},
	{"nonblocking", EFFECT_NONE, 0, "connect", control_nonblocking, NULL},
	{"udp", EFFECT_NONE, 0, "sendto sendmsg sendmmsg", control_udp, NULL},
	{"own_server", EFFECT_NONE, 0, "bind listen connect", control_own_server, NULL},
	{"unix_stream", EFFECT_NONE, 0, "bind connect", control_unix, TYPE(SOCK_STREAM)},
	{"unix_packets", EFFECT_NONE, 0, "bind connect", control_unix, TYPE(SOCK_SEQPACKET)},
	{"unix_datagram", EFFECT_NONE, 0, "bind sendto", control_unix_datagram, NULL},
	{"unix_names", EFFECT_NONE, 0, "bind connect", control_unix_names, NULL},
	{"unix_long_name", EFFECT_NONE, 0, "bind connect", control_unix_long_name, NULL},
	{"pass_descriptor", EFFECT_NONE, 0, "sendmsg", control_pass_descriptor, NULL},
	{"pairs", EFFECT_NONE, 0, "socketpair", control_pairs, NULL},
	{"options", EFFECT_NONE, 0, "setsockopt", control_options, NULL},
	{"many_descriptors", EFFECT_NONE, 0, "sendmsg", control_control_message, TYPE(CMSG_LEN(253 * sizeof(int)))},
	{"too_many_descriptors", EFFECT_NONE, 0, "sendmsg", control_control_message, TYPE(CMSG_LEN(254 * sizeof(int)))},
	{"huge_control", EFFECT_NONE, 0, "sendmsg", control_control_message, TYPE(1 << 18)},
	{NULL},
};
/* clang-format on */

void network_controls(void)
{
	attack_add_rows("control_network", rows);
}
