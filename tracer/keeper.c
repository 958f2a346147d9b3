/* SPDX-License-Identifier: MIT */
/*
 * The keeper is no child of ours, so that waiting for the tree never meets it; it has a
 * session of its own and blocks all signals, so that no key of the terminal ends it.
 */
#include "tracer/keeper.h"

#include "base/defence.h"
#include "tracer/credentials.h"
#include "tracer/memory_forget.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CONTROL_NUMBER = 3,
	LOWEST_NUMBER = 64,
	STOP_MILLISECONDS = 1000,
};

/* Says which number is meant; a descriptor comes with it, or the number is freed. */
struct keeper_message {
	int number;
};

union control_buffer {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr alignment;
};

/* Takers need no more privilege than the keeper has. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	(void)syscall(SYS_capset, &header, none);
}

static int received_descriptor(struct msghdr *header)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);
	int fd = -1;

	if (control && control->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	}
	return fd;
}

/* One request of the supervisor; false: it is gone. */
static bool serve(void)
{
	struct keeper_message message;
	union control_buffer control;
	struct iovec part = {&message, sizeof(message)};
	struct msghdr header = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	ssize_t length = recvmsg(CONTROL_NUMBER, &header, MSG_CMSG_CLOEXEC);

	if (length != sizeof(message)) {
		return length < 0 && errno == EINTR;
	}
	int fd = received_descriptor(&header);
	char answer = 1;
	if (fd >= 0) {
		answer = dup3(fd, message.number, O_CLOEXEC) == message.number;
		close(fd);
	} else {
		close(message.number);
	}
	return send(CONTROL_NUMBER, &answer, 1, MSG_NOSIGNAL) == 1;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/*
 * Without privilege there are only our own. Others may look into what is theirs, but not
 * see what we know.
 */
static bool become(struct keeper_ids ids)
{
	return (ids.uid == getuid() && ids.gid == getgid()) ||
	       (syscall(SYS_setgroups, 0, NULL) == 0 &&
		       syscall(SYS_setresgid, ids.gid, ids.gid, ids.gid) == 0 &&
		       syscall(SYS_setresuid, ids.uid, ids.uid, ids.uid) == 0 &&
		       memory_forget());
}

static noreturn void keep(int pages, int control, const struct keeper *keeper)
{
	const int first = keeper->first;
	char path[32];
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	raise_descriptor_limit();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", pages);
	const int access = defence_is_off(DEFENCE_READ_ONLY) ? O_RDWR : O_RDONLY;
	int readable = open(path, access | O_CLOEXEC);
	if (dup2(readable, first) < 0 || dup2(control, CONTROL_NUMBER) < 0) {
		_exit(1);
	}
	(void)syscall(SYS_close_range, 0, CONTROL_NUMBER - 1, 0);
	(void)syscall(SYS_close_range, CONTROL_NUMBER + 1, first - 1, 0);
	(void)syscall(SYS_close_range, first + 1, ~0U, 0);
	if (!become(keeper->ids)) {
		_exit(1);
	}
	drop_capabilities();
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	while (serve()) {
	}
	_exit(0);
}

/* In a child: starts the keeper, says its pid and leaves it to whoever adopts orphans. */
static noreturn void start_orphan(int pages, int control, const struct keeper *keeper)
{
	pid_t pid = fork();

	if (pid == 0) {
		keep(pages, control, keeper);
	}
	_exit(pid > 0 && send(control, &pid, sizeof(pid), 0) == sizeof(pid) ? 0 : 1);
}

/* Where our own limit and so the keeper's lets all numbers be. */
static int choose_first(void)
{
	struct rlimit limit = {0};
	unsigned random = 0;

	invariant(getrandom(&random, sizeof(random), 0) == (ssize_t)sizeof(random));
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t range = limit.rlim_max < INT16_MAX ? limit.rlim_max : INT16_MAX;
	return range <= LOWEST_NUMBER + KEEPER_NUMBERS
		       ? LOWEST_NUMBER
		       : LOWEST_NUMBER + (int)(random % (range - LOWEST_NUMBER -
								KEEPER_NUMBERS));
}

/* Sends the request; fd -1: that the number be freed. */
static bool request(const struct keeper *keeper, int number, int fd)
{
	struct keeper_message message = {number};
	union control_buffer control = {{0}};
	struct iovec part = {&message, sizeof(message)};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	}
	return sendmsg(keeper->control_fd, &header, MSG_NOSIGNAL) == sizeof(message);
}

/* The keeper is never busy with anything that takes time. */
static bool is_answered(const struct keeper *keeper)
{
	char answer = 0;

	return recv(keeper->control_fd, &answer, 1, 0) == 1 && answer == 1;
}

int keeper_put(struct keeper *keeper, int fd)
{
	for (int i = 0; i < KEEPER_NUMBERS; i++) {
		int place = (keeper->next + i) % KEEPER_NUMBERS;
		int number = keeper->first + 1 + place;
		if (keeper->is_taken[place]) {
			continue;
		}
		if (!request(keeper, number, fd) || !is_answered(keeper)) {
			return -EIO;
		}
		keeper->is_taken[place] = true;
		keeper->next = place + 1;
		return number;
	}
	return -EAGAIN;
}

void keeper_drop(struct keeper *keeper, int number)
{
	if (number < 0) {
		return;
	}
	/* Waited for: while it is open for writing here, the file cannot be executed. */
	if (request(keeper, number, -1)) {
		(void)is_answered(keeper);
	}
	keeper->is_taken[number - keeper->first - 1] = false;
}

void keeper_stop(struct keeper *keeper)
{
	if (keeper->pid <= 0) {
		return;
	}
	/* No child of ours, so not waitable; but nothing shall be left when we end. */
	struct pollfd end = {.events = POLLIN};
	end.fd = (int)syscall(SYS_pidfd_open, keeper->pid, 0);
	close(keeper->control_fd);
	if (end.fd >= 0) {
		(void)poll(&end, 1, STOP_MILLISECONDS);
		close(end.fd);
	}
	*keeper = (struct keeper){0};
}

bool keeper_start(
	struct keeper *keeper, int pages, struct keeper_ids ids, struct error *err)
{
	int pair[2];
	pid_t pid = 0;

	*keeper = (struct keeper){.ids = ids, .first = choose_first()};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		return error_set(
			err, errno, "cannot make a socket: %s", strerror(errno));
	}
	pid_t child = fork();
	if (child == 0) {
		close(pair[0]);
		start_orphan(pages, pair[1], keeper);
	}
	close(pair[1]);
	bool started = child > 0 && recv(pair[0], &pid, sizeof(pid), 0) == sizeof(pid);
	if (child > 0) {
		(void)waitpid(child, NULL, __WALL);
	}
	if (!started) {
		close(pair[0]);
		return error_set(err, EAGAIN, "cannot start a process");
	}
	keeper->pid = pid;
	keeper->control_fd = pair[0];
	/* It answers once it is ready to be taken from. */
	int number = keeper_put(keeper, pages);
	if (number < 0) {
		keeper_stop(keeper);
		return error_set(
			err, EAGAIN, "the keeper of descriptors did not start");
	}
	keeper_drop(keeper, number);
	return true;
}

bool keepers_start(struct keepers *keepers, int pages, struct error *err)
{
	const struct keeper_ids own = {getuid(), getgid()};

	keepers->pages = pages;
	keepers->count = keeper_start(&keepers->all[0], pages, own, err) ? 1 : 0;
	return keepers->count == 1;
}

void keepers_stop(struct keepers *keepers)
{
	for (size_t i = 0; i < keepers->count; i++) {
		keeper_stop(&keepers->all[i]);
	}
	keepers->count = 0;
}

struct keeper *keepers_find(struct keepers *keepers, pid_t tid)
{
	struct keeper_ids ids;
	struct keeper *const own = &keepers->all[0];

	if (keepers->count == 0 || own->ids.uid != 0 ||
		!caller_real_ids_read(tid, &ids.uid, &ids.gid)) {
		return own;
	}
	for (size_t i = 0; i < keepers->count; i++) {
		const struct keeper_ids there = keepers->all[i].ids;
		if (there.uid == ids.uid && there.gid == ids.gid) {
			return &keepers->all[i];
		}
	}
	struct keeper *const added = &keepers->all[keepers->count];
	if (keepers->count == KEEPERS_MAX ||
		!keeper_start(added, keepers->pages, ids, NULL)) {
		return own;
	}
	keepers->count++;
	return added;
}
