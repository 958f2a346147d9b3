/* SPDX-License-Identifier: MIT */
#include "tracer/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

/* Linux 6.6; newer than the headers of Debian 12. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

bool listener_set_synchronous(int listener_fd)
{
	return ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		       SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
}

bool listener_receive(int listener_fd, struct seccomp_notif *notification)
{
	/* The kernel insists on zeroes. */
	memset(notification, 0, sizeof(*notification));
	return ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, notification) == 0;
}

bool listener_send(int listener_fd, uint64_t id, int64_t result)
{
	struct seccomp_notif_resp answer = {.id = id};

	if (result < 0 && result >= -4095) {
		answer.error = (int32_t)result;
	} else {
		answer.val = result;
	}
	return ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

int listener_send_descriptor(int listener_fd, uint64_t id, int fd, bool close_on_exec)
{
	struct seccomp_notif_addfd request = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = close_on_exec ? O_CLOEXEC : 0,
	};

	return ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_ADDFD, &request) >= 0 ? 0 : errno;
}
