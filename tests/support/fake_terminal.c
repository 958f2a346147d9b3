/* SPDX-License-Identifier: MIT */
#include "tests/support/fake_terminal.h"

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

bool fake_terminal_start(struct fake_terminal *terminal, unsigned short rows,
	unsigned short columns, fake_terminal_child_fn *run, void *argument)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	*terminal = (struct fake_terminal){.child = -1};
	if (openpty(&terminal->master, &terminal->slave, NULL, NULL, &size) != 0) {
		return false;
	}
	(void)tcgetattr(terminal->slave, &terminal->before);
	terminal->child = fork();
	if (terminal->child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(terminal->master);
		if (login_tty(terminal->slave) != 0) {
			_exit(SIGNALLED - 1);
		}
		_exit(run(argument));
	}
	return terminal->child > 0;
}

void fake_terminal_finish(struct fake_terminal *terminal)
{
	if (terminal->child > 0) {
		(void)kill(terminal->child, SIGKILL);
		(void)waitpid(terminal->child, NULL, 0);
	}
	if (terminal->master >= 0) {
		(void)close(terminal->master);
	}
	(void)close(terminal->slave);
	free(terminal->shown);
	*terminal = (struct fake_terminal){.child = -1, .master = -1, .slave = -1};
}

/* Reads what is shown next; false when the deadline has passed or nothing can come. */
static bool read_more(struct fake_terminal *terminal, int64_t deadline)
{
	struct pollfd ready = {.fd = terminal->master, .events = POLLIN};
	const int64_t left = deadline - now_ms();

	if (left <= 0 || poll(&ready, 1, (int)left) <= 0) {
		return false;
	}
	if (terminal->length + CHUNK + 1 > terminal->capacity) {
		terminal->capacity = 2 * terminal->capacity + CHUNK + 1;
		terminal->shown = realloc(terminal->shown, terminal->capacity);
	}
	const ssize_t length =
		read(terminal->master, terminal->shown + terminal->length, CHUNK);
	if (length <= 0) {
		return false;
	}
	terminal->length += (size_t)length;
	terminal->shown[terminal->length] = '\0';
	return true;
}

void fake_terminal_read(struct fake_terminal *terminal)
{
	(void)read_more(terminal, now_ms() + FAKE_TERMINAL_WAIT_MS);
}

bool fake_terminal_await(struct fake_terminal *terminal, const char *text)
{
	const int64_t deadline = now_ms() + FAKE_TERMINAL_WAIT_MS;

	for (;;) {
		const char *found = terminal->length > terminal->seen
					    ? memmem(terminal->shown + terminal->seen,
						      terminal->length - terminal->seen,
						      text, strlen(text))
					    : NULL;
		if (found != NULL) {
			terminal->seen =
				(size_t)(found - terminal->shown) + strlen(text);
			return true;
		}
		if (!read_more(terminal, deadline)) {
			return false;
		}
	}
}

bool fake_terminal_has_shown(const struct fake_terminal *terminal, const char *text)
{
	return terminal->length > 0 &&
	       memmem(terminal->shown, terminal->length, text, strlen(text)) != NULL;
}

void fake_terminal_type(struct fake_terminal *terminal, const char *keys)
{
	size_t left = strlen(keys);

	while (left > 0) {
		const ssize_t written = write(terminal->master, keys, left);
		if (written <= 0) {
			return; /* the test then waits in vain and says so */
		}
		keys += written;
		left -= (size_t)written;
	}
}

void fake_terminal_resize(
	struct fake_terminal *terminal, unsigned short rows, unsigned short columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	(void)ioctl(terminal->master, TIOCSWINSZ, &size);
}

void fake_terminal_hang_up(struct fake_terminal *terminal)
{
	(void)close(terminal->master);
	terminal->master = -1;
}

/* Also empties the terminal, so that the child is not kept waiting by it. */
int fake_terminal_await_exit(struct fake_terminal *terminal)
{
	const int64_t deadline = now_ms() + FAKE_TERMINAL_WAIT_MS;
	const int pidfd = (int)syscall(SYS_pidfd_open, terminal->child, 0);
	int status;

	for (;;) {
		struct pollfd ready[] = {{.fd = pidfd, .events = POLLIN},
			{.fd = terminal->master, .events = POLLIN}};
		const int64_t left = deadline - now_ms();
		if (left <= 0 || poll(ready, 2, (int)left) <= 0) {
			(void)close(pidfd);
			return -1;
		}
		if ((ready[1].revents & POLLIN) != 0 && read_more(terminal, deadline)) {
			continue;
		}
		if (ready[0].revents != 0) {
			break;
		}
	}
	(void)close(pidfd);
	(void)waitpid(terminal->child, &status, 0);
	terminal->child = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}

bool fake_terminal_is_restored(const struct fake_terminal *terminal)
{
	struct termios now;

	return tcgetattr(terminal->slave, &now) == 0 &&
	       now.c_iflag == terminal->before.c_iflag &&
	       now.c_oflag == terminal->before.c_oflag &&
	       now.c_cflag == terminal->before.c_cflag &&
	       now.c_lflag == terminal->before.c_lflag &&
	       memcmp(now.c_cc, terminal->before.c_cc, sizeof(now.c_cc)) == 0;
}
