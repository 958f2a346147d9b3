/* SPDX-License-Identifier: MIT */
#include "tests/support/pty.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

enum { CHUNK = 4096, MS = 1000, NS_PER_MS = 1000000, SIGNALLED = 128 };

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS + now.tv_nsec / NS_PER_MS;
}

bool pty_start(struct pty *pty, unsigned short rows, unsigned short columns,
	pty_child_fn *run, void *argument)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	*pty = (struct pty){.child = -1};
	if (openpty(&pty->master, &pty->slave, NULL, NULL, &size) != 0) {
		return false;
	}
	(void)tcgetattr(pty->slave, &pty->before);
	pty->child = fork();
	if (pty->child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(pty->master);
		if (login_tty(pty->slave) != 0) {
			_exit(SIGNALLED - 1);
		}
		_exit(run(argument));
	}
	return pty->child > 0;
}

void pty_finish(struct pty *pty)
{
	if (pty->child > 0) {
		(void)kill(pty->child, SIGKILL);
		(void)waitpid(pty->child, NULL, 0);
	}
	if (pty->master >= 0) {
		(void)close(pty->master);
	}
	(void)close(pty->slave);
	free(pty->shown);
	*pty = (struct pty){.child = -1, .master = -1, .slave = -1};
}

/* Reads what is shown next; false when the deadline has passed or nothing can come. */
static bool read_more(struct pty *pty, int64_t deadline)
{
	struct pollfd ready = {.fd = pty->master, .events = POLLIN};
	const int64_t left = deadline - now_ms();

	if (left <= 0 || poll(&ready, 1, (int)left) <= 0) {
		return false;
	}
	if (pty->length + CHUNK + 1 > pty->capacity) {
		pty->capacity = 2 * pty->capacity + CHUNK + 1;
		pty->shown = realloc(pty->shown, pty->capacity);
	}
	const ssize_t length = read(pty->master, pty->shown + pty->length, CHUNK);
	if (length <= 0) {
		return false;
	}
	pty->length += (size_t)length;
	pty->shown[pty->length] = '\0';
	return true;
}

bool pty_await(struct pty *pty, const char *text)
{
	const int64_t deadline = now_ms() + PTY_WAIT_MS;

	for (;;) {
		const char *found =
			pty->length > pty->seen
				? memmem(pty->shown + pty->seen,
					  pty->length - pty->seen, text, strlen(text))
				: NULL;
		if (found != NULL) {
			pty->seen = (size_t)(found - pty->shown) + strlen(text);
			return true;
		}
		if (!read_more(pty, deadline)) {
			return false;
		}
	}
}

bool pty_has_shown(const struct pty *pty, const char *text)
{
	return pty->length > 0 &&
	       memmem(pty->shown, pty->length, text, strlen(text)) != NULL;
}

void pty_type(struct pty *pty, const char *keys)
{
	size_t left = strlen(keys);

	while (left > 0) {
		const ssize_t written = write(pty->master, keys, left);
		if (written <= 0) {
			return; /* the test then waits in vain and says so */
		}
		keys += written;
		left -= (size_t)written;
	}
}

void pty_resize(struct pty *pty, unsigned short rows, unsigned short columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	(void)ioctl(pty->master, TIOCSWINSZ, &size);
}

void pty_hang_up(struct pty *pty)
{
	(void)close(pty->master);
	pty->master = -1;
}

/* Also empties the terminal, so that the child is not kept waiting by it. */
int pty_await_exit(struct pty *pty)
{
	const int64_t deadline = now_ms() + PTY_WAIT_MS;
	const int pidfd = (int)syscall(SYS_pidfd_open, pty->child, 0);
	int status;

	for (;;) {
		struct pollfd ready[] = {{.fd = pidfd, .events = POLLIN},
			{.fd = pty->master, .events = POLLIN}};
		const int64_t left = deadline - now_ms();
		if (left <= 0 || poll(ready, 2, (int)left) <= 0) {
			(void)close(pidfd);
			return -1;
		}
		if ((ready[1].revents & POLLIN) != 0 && read_more(pty, deadline)) {
			continue;
		}
		if (ready[0].revents != 0) {
			break;
		}
	}
	(void)close(pidfd);
	(void)waitpid(pty->child, &status, 0);
	pty->child = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}

bool pty_is_restored(const struct pty *pty)
{
	struct termios now;

	return tcgetattr(pty->slave, &now) == 0 && now.c_iflag == pty->before.c_iflag &&
	       now.c_oflag == pty->before.c_oflag &&
	       now.c_cflag == pty->before.c_cflag &&
	       now.c_lflag == pty->before.c_lflag &&
	       memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) == 0;
}
