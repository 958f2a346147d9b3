/* SPDX-License-Identifier: MIT */
#include "tracer/stdio.h"

#include "tracer/path.h"
#include "tracer/tree.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_both(int stdio[2])
{
	for (int i = 0; i < 2; i++) {
		if (stdio[i] >= 0) {
			close(stdio[i]);
		}
		stdio[i] = -1;
	}
}

void stdio_forget(struct pending *pending)
{
	close_both(pending->stdio);
}

static bool socket_option_is(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 &&
	       value == wanted;
}

/*
 * A pipe, or one end of a socketpair or connection of stream sockets on this machine. What
 * listens is for servers that accept connections themselves.
 */
static bool is_channel(int fd)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0) {
		return false;
	}
	if (S_ISFIFO(status.st_mode)) {
		return true;
	}
	return S_ISSOCK(status.st_mode) && socket_option_is(fd, SO_DOMAIN, AF_UNIX) &&
	       socket_option_is(fd, SO_TYPE, SOCK_STREAM) &&
	       socket_option_is(fd, SO_ACCEPTCONN, 0);
}

/* It is there, or may be; only nobody can have it. */
static bool is_untakeable(int taken)
{
	return taken < 0 && taken != -EBADF;
}

/* Whether the descriptors that would be replaced are those of another process, too. */
static bool is_shared_with_others(
	const struct tracer *tracer, const struct tracee *tracee)
{
	const struct tracee *other;
	size_t position = 0;

	while ((other = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (other->process != tracee->process &&
			syscall(SYS_kcmp, tracee->tid, other->tid, KCMP_FILES, 0, 0) ==
				0) {
			return true;
		}
	}
	return false;
}

enum stdio_taking tracer_take_stdio(
	struct tracer *tracer, const struct request *request, int stdio[2])
{
	const struct pending *pending = (const struct pending *)request;

	if (!pending->exec || !pending->tracee) {
		return STDIO_IS_OTHER;
	}
	stdio[0] = path_take_descriptor(&pending->call, STDIN_FILENO);
	stdio[1] = path_take_descriptor(&pending->call, STDOUT_FILENO);
	const bool is_unknown = is_untakeable(stdio[0]) || is_untakeable(stdio[1]);
	if (!is_unknown && !(is_channel(stdio[0]) && is_channel(stdio[1]))) {
		close_both(stdio);
		return STDIO_IS_OTHER;
	}
	if (!is_unknown && pending->notification == 0 &&
		!is_shared_with_others(tracer, pending->tracee)) {
		return STDIO_TAKEN;
	}
	close_both(stdio);
	return STDIO_IS_UNKNOWN;
}

void tracer_replace_stdio(
	struct tracer *tracer, struct request *request, const int stdio[2])
{
	struct pending *pending = (struct pending *)request;

	(void)tracer;
	stdio_forget(pending);
	pending->stdio[0] = stdio[0];
	pending->stdio[1] = stdio[1];
}

int stdio_give(int listener_fd, uint64_t id, struct pending *pending)
{
	if (!pending || pending->stdio[0] < 0) {
		errno = ENOENT;
		return -1;
	}
	for (uint32_t i = 0; i < 2; i++) {
		struct seccomp_notif_addfd request = {
			.id = id,
			.flags = SECCOMP_ADDFD_FLAG_SETFD,
			.srcfd = (uint32_t)pending->stdio[i],
			.newfd = i,
		};
		if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_ADDFD, &request) < 0) {
			return -1;
		}
	}
	pending->is_stdio_given = true;
	return 0;
}

bool stdio_is_given(pid_t tid, const struct pending *pending)
{
	if (pending->stdio[0] < 0) {
		return true;
	}
	for (int i = 0; i < 2; i++) {
		if (syscall(SYS_kcmp, tid, getpid(), KCMP_FILE, i, pending->stdio[i]) !=
			0) {
			return false;
		}
	}
	return true;
}

bool tracer_shares_file(struct tracer *tracer, pid_t tid, int fd, int own_fd)
{
	(void)tracer;
	return syscall(SYS_kcmp, tid, getpid(), KCMP_FILE, fd, own_fd) == 0;
}
