/* SPDX-License-Identifier: MIT */
/* Races between the judgement of a socket address and its use. */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char message[] = "from the attack";
static struct iovec vector = {(void *)(uintptr_t)message, sizeof(message)};

struct network_race {
	const char *name, *syscalls;
	enum effect effect;
	int family, type;
	bool (*try)(int fd); /* true: had its way and knows it */
};

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool try_connect(int fd)
{
	syscall(SYS_connect, fd, flip.bytes, flip.length);
	return false;
}

static bool try_connect_and_write(int fd)
{
	if (syscall(SYS_connect, fd, flip.bytes, flip.length) == 0) {
		(void)!write(fd, message, sizeof(message));
	}
	return false;
}

static bool try_sendto(int fd)
{
	syscall(SYS_sendto, fd, message, sizeof(message), MSG_DONTWAIT, flip.bytes,
		flip.length);
	return false;
}

static bool try_sendmsg(int fd)
{
	struct msghdr header = {.msg_name = flip.bytes,
		.msg_namelen = (socklen_t)flip.length,
		.msg_iov = &vector,
		.msg_iovlen = 1};
	syscall(SYS_sendmsg, fd, &header, MSG_DONTWAIT);
	return false;
}

static bool try_sendmmsg(int fd)
{
	struct sockaddr_in allowed = address_of(arena.udp_allowed);
	struct mmsghdr headers[2] = {0};
	for (int i = 0; i < 2; i++) {
		headers[i].msg_hdr = (struct msghdr){
			.msg_name = i == 0 ? (void *)&allowed : flip.bytes,
			.msg_namelen = sizeof(allowed),
			.msg_iov = &vector,
			.msg_iovlen = 1};
	}
	syscall(SYS_sendmmsg, fd, headers, 2, MSG_DONTWAIT);
	return false;
}

/* What the harness sends to a port that was bound although it may not be is shown. */
static bool try_bind(int fd)
{
	const struct timeval second = {.tv_sec = 1};
	struct sockaddr_in bound;
	socklen_t size = sizeof(bound);
	char buffer[64];
	if (syscall(SYS_bind, fd, flip.bytes, flip.length) < 0 ||
		getsockname(fd, (struct sockaddr *)&bound, &size) < 0 ||
		ntohs(bound.sin_port) != arena.listen_port) {
		return false;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	ssize_t length = recv(fd, buffer, sizeof(buffer), 0);
	if (length > 0) {
		leak_bytes(buffer, (size_t)length);
	}
	return length > 0;
}

/* In the project the name is free again each time. */
static bool try_bind_file(int fd)
{
	syscall(SYS_bind, fd, flip.bytes, flip.length);
	unlink(path_in(arena.project, "inner/new"));
	return false;
}

/* clang-format off */
static const struct network_race races[] = {
	{"connect", "connect", EFFECT_REACHED, AF_INET, SOCK_STREAM, try_connect},
	{"connect_udp", "connect", EFFECT_REACHED, AF_INET, SOCK_DGRAM, try_connect_and_write},
	{"sendto", "sendto", EFFECT_REACHED, AF_INET, SOCK_DGRAM, try_sendto},
	{"sendmsg", "sendmsg", EFFECT_REACHED, AF_INET, SOCK_DGRAM, try_sendmsg},
	{"sendmmsg", "sendmmsg", EFFECT_REACHED, AF_INET, SOCK_DGRAM, try_sendmmsg},
	{"bind", "bind", EFFECT_LISTENED, AF_INET, SOCK_DGRAM, try_bind},
	{"unix_connect", "connect", EFFECT_REACHED, AF_UNIX, SOCK_STREAM, try_connect},
	{"unix_sendto", "sendto", EFFECT_REACHED, AF_UNIX, SOCK_DGRAM, try_sendto},
	{"unix_sendmsg", "sendmsg", EFFECT_REACHED, AF_UNIX, SOCK_DGRAM, try_sendmsg},
	{"unix_bind", "bind", EFFECT_CHANGED, AF_UNIX, SOCK_DGRAM, try_bind_file},
};
/* clang-format on */

static void loop(const struct network_race *race)
{
	unsigned long tries = 0;
	bool is_won = false;
	for (; time_is_left() && !is_won; tries++) {
		int fd = socket(
			race->family, race->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (race->effect == EFFECT_LISTENED) {
			fcntl(fd, F_SETFL, 0);
		}
		is_won = race->try(fd);
		close(fd);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

static void run_internet(const struct attack *attack)
{
	const struct network_race *race = attack->operation;
	const struct flip *chosen = attack->form;
	bool is_stream = race->type == SOCK_STREAM;
	uint16_t allowed = is_stream ? arena.tcp_allowed : arena.udp_allowed;
	uint16_t denied = is_stream ? arena.tcp_port : arena.udp_port;
	if (race->effect == EFFECT_LISTENED) {
		allowed = (uint16_t)atoi(getenv("ATTACK_LISTEN_ALLOWED"));
		denied = arena.listen_port;
	}
	struct sockaddr_in addresses[2] = {address_of(allowed), address_of(denied)};
	flip_texts(&addresses[0], &addresses[1], sizeof(addresses[0]));
	chosen->prepare();
	flip_start(chosen);
	loop(race);
}

static int own_listener(int type, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = (int)need(socket(AF_UNIX, type, 0), "socket");
	need(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	listen(fd, 1000);
	return fd;
}

/* The project's own socket and the one outside have the same name in two folders. */
static void run_unix(const struct attack *attack)
{
	const struct network_race *race = attack->operation;
	const struct flip *chosen = attack->form;
	bool is_stream = race->type == SOCK_STREAM;
	bool binds = race->effect == EFFECT_CHANGED;
	const char *name = binds ? "new" : is_stream ? "stream" : "datagram";
	need(mkdir("inner", 0755), "mkdir");
	if (!binds) {
		own_listener(race->type, is_stream ? "inner/stream" : "inner/datagram");
	}
	struct sockaddr_un addresses[2] = {
		{.sun_family = AF_UNIX}, {.sun_family = AF_UNIX}};
	snprintf(addresses[0].sun_path, sizeof(addresses[0].sun_path), "inner//////%s",
		name);
	snprintf(addresses[1].sun_path, sizeof(addresses[1].sun_path), "../%s/%s",
		binds ? "outside" : "./socket", name);
	if (chosen->is_text) {
		flip_texts(&addresses[0], &addresses[1], sizeof(addresses[0]));
		chosen->prepare();
	} else {
		flip.folders[0] = path_in(arena.project, "inner");
		flip.folders[1] = binds ? arena.outside : arena.socket;
		flip.name = name;
		chosen->prepare();
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", flip.path);
		flip_texts(&address, &address, sizeof(address));
	}
	flip_start(chosen);
	loop(race);
}

/* The pointer in the header turns, not what it points to. */
static struct sockaddr_in both[2];
static struct msghdr turning;

static void turn_name(int which)
{
	__atomic_store_n(&turning.msg_name, &both[which], __ATOMIC_RELAXED);
}

static void run_name_pointer(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_name};
	unsigned long tries = 0;
	(void)attack;
	both[0] = address_of(arena.udp_allowed);
	both[1] = address_of(arena.udp_port);
	turning = (struct msghdr){.msg_name = &both[0],
		.msg_namelen = sizeof(both[0]),
		.msg_iov = &vector,
		.msg_iovlen = 1};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	flip_start(&chosen);
	for (; time_is_left(); tries++) {
		syscall(SYS_sendmsg, fd, &turning, MSG_DONTWAIT);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

/* Without a name the message goes nowhere, with one it has to be judged. */
static void turn_length(int which)
{
	__atomic_store_n(
		&turning.msg_namelen, which ? sizeof(both[1]) : 0, __ATOMIC_RELAXED);
}

static void run_name_length(const struct attack *attack)
{
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_length};
	unsigned long tries = 0;
	(void)attack;
	both[0] = address_of(arena.udp_allowed);
	both[1] = address_of(arena.udp_port);
	turning = (struct msghdr){
		.msg_name = &both[1], .msg_iov = &vector, .msg_iovlen = 1};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(connect(fd, (struct sockaddr *)&both[0], sizeof(both[0])), "connect");
	flip_start(&chosen);
	for (; time_is_left(); tries++) {
		syscall(SYS_sendmsg, fd, &turning, MSG_DONTWAIT);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

/* One socket may listen, the other is bound to no port: it gets any. */
static int sockets[2];

static void turn_socket(int which)
{
	enum { NUMBER = 101 };
	dup2(sockets[which], NUMBER);
}

static bool is_listening(int fd)
{
	int is_open = 0;
	socklen_t size = sizeof(is_open);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_open, &size) == 0 &&
	       is_open != 0;
}

/* Tells the harness where, and answers it. */
static void show_port(int fd)
{
	struct sockaddr_in bound;
	socklen_t size = sizeof(bound);
	char port[16];
	need(getsockname(fd, (struct sockaddr *)&bound, &size), "getsockname");
	snprintf(port, sizeof(port), "%d", ntohs(bound.sin_port));
	write_file("port", port);
	int peer = (int)need(accept(fd, NULL, NULL), "accept");
	need(write(peer, message, sizeof(message)), "write");
}

static void run_socket_number(const struct attack *attack)
{
	enum { NUMBER = 101 };
	struct flip chosen = {.by = FLIP_BY_THREAD, .turn = turn_socket};
	struct sockaddr_in address =
		address_of((uint16_t)atoi(getenv("ATTACK_LISTEN_ALLOWED")));
	unsigned long tries = 0;
	(void)attack;
	sockets[0] = socket(AF_INET, SOCK_STREAM, 0);
	sockets[1] = socket(AF_INET, SOCK_STREAM, 0);
	need(bind(sockets[0], (struct sockaddr *)&address, sizeof(address)), "bind");
	dup2(sockets[0], NUMBER);
	flip_start(&chosen);
	for (; time_is_left() && !is_listening(sockets[1]); tries++) {
		syscall(SYS_listen, NUMBER, 5);
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
	if (is_listening(sockets[1])) {
		show_port(sockets[1]);
	}
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"name_pointer", EFFECT_REACHED, ATTACK_RACE, "sendmsg", run_name_pointer, NULL},
	{"name_length", EFFECT_REACHED, ATTACK_RACE, "sendmsg", run_name_length, NULL},
	{NULL},
};

static const struct attack_row listen_rows[] = {
	{"socket_number", EFFECT_LISTENED, ATTACK_RACE, "listen", run_socket_number, NULL},
	{NULL},
};
/* clang-format on */

static bool is_possible(const struct network_race *race, const struct flip *chosen)
{
	if (chosen->is_text) {
		return true;
	}
	return race->family == AF_UNIX &&
	       (strncmp(chosen->name, "link", 4) == 0 ||
		       strncmp(chosen->name, "chdir", 5) == 0 ||
		       strcmp(chosen->name, "descriptor_name") == 0 ||
		       (strcmp(chosen->name, "last_link") == 0 &&
			       race->effect != EFFECT_CHANGED)); /* bind follows none */
}

void network_race_attacks(void)
{
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		for (size_t j = 0; j < flip_count; j++) {
			if (!is_possible(&races[i], &flips[j])) {
				continue;
			}
			bool is_quick = j == 0 || !flips[j].is_text || (i + j) % 9 == 0;
			struct attack attack = {
				.effect = races[i].effect,
				.flags = ATTACK_RACE | (is_quick ? 0 : ATTACK_FULL),
				.syscalls = races[i].syscalls,
				.run = races[i].family == AF_UNIX ? run_unix
								  : run_internet,
				.operation = &races[i],
				.form = &flips[j],
			};
			attack_add(&attack, "race_%s/%s", races[i].name, flips[j].name);
		}
	}
	attack_add_rows("race_send", rows);
	attack_add_rows("race_listen", listen_rows);
}
