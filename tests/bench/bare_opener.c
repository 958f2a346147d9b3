/* SPDX-License-Identifier: MIT */
/*
 * The barest supervisor that opens on behalf: it takes each openat as a notification,
 * reads the name, opens it and hands the descriptor over. What any supervision costs at
 * least that opens what it judged. usage: bare_opener COMMAND [ARG...]
 */
#include "tests/bench/bare_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux 6.6; newer than the headers of Debian 12. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { NAME_BYTES = 256, SYNCHRONOUS = 1 };

/* Tells the number of its listener, waits until it was taken, and becomes the command. */
static int run_filtered(int channel, char **argv)
{
	char taken = 0;
	const int listener = bare_filter_install(
		SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (listener < 0 || write(channel, &listener, sizeof(listener)) < 0 ||
		read(channel, &taken, 1) != 1) {
		perror("bare_opener");
		return 125;
	}
	(void)close(listener);
	(void)close(channel);
	(void)execvp(argv[0], argv);
	perror(argv[0]);
	return 127;
}

static int listener_take(pid_t pid, int channel)
{
	int number = -1;

	if (read(channel, &number, sizeof(number)) != (ssize_t)sizeof(number)) {
		return -1;
	}
	const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	const int listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);

	(void)close(pidfd);
	/* Without it (before Linux 6.6) it is slower. */
	(void)ioctl(
		listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, (unsigned long)SYNCHRONOUS);
	return write(channel, "", 1) == 1 ? listener : -1;
}

static void answer(int listener, int memory, const struct seccomp_notif *call)
{
	char name[NAME_BYTES] = "";
	const ssize_t got =
		pread(memory, name, sizeof(name) - 1, (off_t)call->data.args[1]);
	const int fd = got <= 0 ? -1 : open(name, (int)call->data.args[2] | O_CLOEXEC);

	if (fd < 0) {
		struct seccomp_notif_resp failure = {
			.id = call->id, .error = got <= 0 ? -EFAULT : -errno};

		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &failure);
		return;
	}
	struct seccomp_notif_addfd handover = {.id = call->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = (uint32_t)call->data.args[2] & O_CLOEXEC};

	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &handover);
	(void)close(fd);
}

static void serve(int listener, pid_t pid)
{
	struct pollfd source = {.fd = listener, .events = POLLIN};
	char path[32];
	int memory = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	while (poll(&source, 1, -1) == 1 && (source.revents & POLLIN) != 0) {
		struct seccomp_notif call;

		memset(&call, 0, sizeof(call)); /* the kernel insists on it */
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
			continue;
		}
		if (memory < 0) {
			memory = open(path, O_RDONLY | O_CLOEXEC); /* after its exec */
		}
		answer(listener, memory, &call);
	}
	(void)close(memory);
}

int main(int argc, char **argv)
{
	int channel[2];
	int status = 0;

	if (argc < 2) {
		fputs("usage: bare_opener COMMAND [ARG...]\n", stderr);
		return 2;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0) {
		perror("bare_opener");
		return 125;
	}
	const pid_t pid = fork();

	if (pid == 0) {
		(void)close(channel[0]);
		_exit(run_filtered(channel[1], argv + 1));
	}
	(void)close(channel[1]);
	const int listener = pid < 0 ? -1 : listener_take(pid, channel[0]);

	if (listener < 0) {
		perror("bare_opener");
		return 125;
	}
	serve(listener, pid);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		       ? WEXITSTATUS(status)
		       : 125;
}
