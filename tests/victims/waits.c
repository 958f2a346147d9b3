/* SPDX-License-Identifier: MIT */
/* Judged calls that block in the kernel, and waits without a limit; see disturb.h. */
#include "disturb.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static int semaphore_id, queue_id, master, terminal;
static int streams, datagrams; /* full until somebody takes one out */

static long call_semop(void)
{
	struct sembuf operation = {.sem_op = -1};
	return semop(semaphore_id, &operation, 1);
}

static void wake_semop(void)
{
	struct sembuf operation = {.sem_op = 1};
	semop(semaphore_id, &operation, 1);
}

struct message {
	long type;
	char text[8];
};

static long call_msgrcv(void)
{
	struct message message;
	return msgrcv(queue_id, &message, sizeof(message.text), 0, 0);
}

static void wake_msgrcv(void)
{
	struct message message = {.type = 1};
	msgsnd(queue_id, &message, sizeof(message.text), 0);
}

static long call_read_terminal(void)
{
	char byte;
	return read(terminal, &byte, 1);
}

static void wake_read_terminal(void)
{
	(void)!write(master, "x", 1);
}

/* Of a FIFO the opening itself waits. */
static atomic_int reader = -1;

static long call_open_fifo(void)
{
	int fd = open("fifo", O_WRONLY);
	int error = errno;
	if (fd >= 0) {
		while (reader < 0) {
			sched_yield();
		}
		close(reader);
		reader = -1;
		close(fd);
	}
	errno = error;
	return fd;
}

static void wake_open_fifo(void)
{
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
}

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, name);
	return address;
}

/* With or without an end by itself. */
static int sender(int type, bool is_patient)
{
	int fd = socket(AF_UNIX, type, 0);
	if (!is_patient) {
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &socket_timeout,
			sizeof(socket_timeout));
	}
	return fd;
}

static long close_after(int fd, long result)
{
	int error = errno;
	close(fd);
	errno = error;
	return result;
}

static long connect_stream(bool is_patient)
{
	struct sockaddr_un address = address_of("streams");
	int fd = sender(SOCK_STREAM, is_patient);
	return close_after(
		fd, connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static long call_connect(void)
{
	return connect_stream(false);
}

static long call_connect_patiently(void)
{
	return connect_stream(true);
}

static void wake_connect(void)
{
	close(accept(streams, NULL, NULL));
}

static long send_datagram(bool is_patient)
{
	struct sockaddr_un address = address_of("datagrams");
	int fd = sender(SOCK_DGRAM, is_patient);
	return close_after(fd,
		sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)));
}

static long call_sendto(void)
{
	return send_datagram(false);
}

static long call_sendto_patiently(void)
{
	return send_datagram(true);
}

static void wake_send(void)
{
	char byte;
	recv(datagrams, &byte, 1, 0);
}

static long send_message(bool is_patient, bool are_many)
{
	struct sockaddr_un address = address_of("datagrams");
	struct iovec vector = {(char *)"x", 1};
	struct mmsghdr header = {.msg_hdr = {.msg_name = &address,
					 .msg_namelen = sizeof(address),
					 .msg_iov = &vector,
					 .msg_iovlen = 1}};
	int fd = sender(SOCK_DGRAM, is_patient);
	return close_after(fd, are_many ? sendmmsg(fd, &header, 1, 0)
					: sendmsg(fd, &header.msg_hdr, 0));
}

static long call_sendmsg(void)
{
	return send_message(false, false);
}

static long call_sendmsg_patiently(void)
{
	return send_message(true, false);
}

static long call_sendmmsg(void)
{
	return send_message(false, true);
}

static long call_sendmmsg_patiently(void)
{
	return send_message(true, true);
}

/* Whoever listens takes nobody in: further connections wait. */
static long call_connect_tcp(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	socklen_t size = sizeof(any);
	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	static int listener = -1;
	if (listener < 0) {
		listener = socket(AF_INET, SOCK_STREAM, 0);
		bind(listener, (struct sockaddr *)&any, size);
		listen(listener, 0);
	}
	getsockname(listener, (struct sockaddr *)&any, &size);
	for (int i = 0; i < 4; i++) {
		connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
			(struct sockaddr *)&any, size);
	}
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &socket_timeout, sizeof(socket_timeout));
	return close_after(fd, connect(fd, (struct sockaddr *)&any, size));
}

static const struct blocking_call calls[] = {
	{"semop", call_semop, wake_semop, false},
	{"msgrcv", call_msgrcv, wake_msgrcv, false},
	{"read_terminal", call_read_terminal, wake_read_terminal, true},
	{"open_fifo", call_open_fifo, wake_open_fifo, true},
	{"connect", call_connect, NULL, false},
	{"connect_patiently", call_connect_patiently, wake_connect, true},
	{"connect_tcp", call_connect_tcp, NULL, false},
	{"sendto", call_sendto, NULL, false},
	{"sendto_patiently", call_sendto_patiently, wake_send, true},
	{"sendmsg", call_sendmsg, NULL, false},
	{"sendmsg_patiently", call_sendmsg_patiently, wake_send, true},
	{"sendmmsg", call_sendmmsg, NULL, false},
	{"sendmmsg_patiently", call_sendmmsg_patiently, wake_send, true},
};

static int full_queue(int type, const char *name)
{
	struct sockaddr_un address = address_of(name);
	int fd = socket(AF_UNIX, type, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		exit(1);
	}
	bool is_stream = type == SOCK_STREAM;
	if (is_stream) {
		listen(fd, 0);
	}
	int filler = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
	while (connect(filler, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		(is_stream || send(filler, "x", 1, 0) == 1)) {
		filler = is_stream ? socket(AF_UNIX, type | SOCK_NONBLOCK, 0) : filler;
	}
	return fd;
}

static void prepare(void)
{
	struct termios modes;

	semaphore_id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	queue_id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (semaphore_id < 0 || queue_id < 0 || unlockpt(master) < 0 ||
		mkfifo("fifo", 0600) < 0) {
		exit(1);
	}
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	tcgetattr(terminal, &modes);
	cfmakeraw(&modes);
	tcsetattr(terminal, TCSANOW, &modes);
	streams = full_queue(SOCK_STREAM, "streams");
	datagrams = full_queue(SOCK_DGRAM, "datagrams");
}

int main(void)
{
	prepare();
	disturb_all(calls, sizeof(calls) / sizeof(calls[0]));
	semctl(semaphore_id, 0, IPC_RMID);
	msgctl(queue_id, IPC_RMID, NULL);
	return 0;
}
