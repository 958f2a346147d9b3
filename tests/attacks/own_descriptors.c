/* SPDX-License-Identifier: MIT */
/*
 * A thread with descriptors of its own: the number of its socket means another one to the
 * process that it belongs to, to which more is allowed.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NUMBER = 103 };
static const char message[] = "from the attack";

static void put_socket(int family, int type)
{
	need(dup2(socket(family, type, 0), NUMBER), "dup2");
}

static void *run_apart(void *function)
{
	need(unshare(CLONE_FILES), "unshare");
	((void (*)(void))function)();
	return NULL;
}

static void in_own_thread(void (*function)(void))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_apart, (void *)function) != 0) {
		not_applicable("pthread_create");
	}
	pthread_join(thread, NULL);
}

/* Sockets of version 4 take it for an address of theirs, those of files do not. */
static void send_unspecified(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_UNSPEC,
		.sin_port = htons(arena.udp_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	put_socket(AF_INET, SOCK_DGRAM);
	need(syscall(SYS_sendto, NUMBER, message, sizeof(message), 0, &address,
		     sizeof(address)),
		"sendto");
}

static void run_send(const struct attack *attack)
{
	(void)attack;
	put_socket(AF_UNIX, SOCK_DGRAM);
	in_own_thread(send_unspecified);
}

static void connect_to_file(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/stream", arena.socket);
	put_socket(AF_UNIX, SOCK_STREAM);
	need(syscall(SYS_connect, NUMBER, &address, sizeof(address)), "connect");
}

static void run_connect(const struct attack *attack)
{
	(void)attack;
	put_socket(AF_INET, SOCK_STREAM);
	in_own_thread(connect_to_file);
}

/* Without an address of its own it is given any port, for everybody. */
static void listen_everywhere(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	const struct timeval second = {.tv_sec = 1};
	char text[16];

	put_socket(AF_INET, SOCK_STREAM);
	need(syscall(SYS_listen, NUMBER, 5), "listen");
	getsockname(NUMBER, (struct sockaddr *)&address, &size);
	snprintf(text, sizeof(text), "%d\n", ntohs(address.sin_port));
	write_file("port.new", text);
	need(rename("port.new", "port"), "rename");
	setsockopt(NUMBER, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	const int peer = (int)need(accept(NUMBER, NULL, NULL), "accept");
	need(write(peer, message, sizeof(message)), "write");
}

static void run_listen(const struct attack *attack)
{
	const struct sockaddr_un address = {AF_UNIX, "own.socket"};

	(void)attack;
	put_socket(AF_UNIX, SOCK_STREAM);
	need(bind(NUMBER, (const struct sockaddr *)&address, sizeof(address)), "bind");
	in_own_thread(listen_everywhere);
}

static const struct attack_row rows[] = {
	{"send", EFFECT_REACHED, 0, "sendto", run_send, NULL},
	{"connect", EFFECT_REACHED, 0, "connect", run_connect, NULL},
	{"listen", EFFECT_LISTENED, 0, "listen", run_listen, NULL},
	{NULL},
};

void own_descriptors_attacks(void)
{
	attack_add_rows("own_descriptors", rows);
}
