/* SPDX-License-Identifier: MIT */
#include "session/pty.h"

#include "base/xalloc.h"
#include "rules/mask.h"
#include "session/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum {
	RECENT_SIZE = 256 << 10,
	READ_SIZE = 32 << 10,
	READS_PER_TURN = 8,
	TYPED_MAX = 1 << 20,
	DEFAULT_ROWS = 24,
	DEFAULT_COLUMNS = 80,
};
/* A front end that does not read for longer holds nobody up any more. */
#define HELD_MAX (5 * NANOSECONDS_PER_SECOND)

static bool descriptors_open(struct pty *pty, struct error *err)
{
	char name[64];
	pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (pty->master < 0 || grantpt(pty->master) < 0 || unlockpt(pty->master) < 0 ||
		ptsname_r(pty->master, name, sizeof(name)) != 0) {
		return error_set(err, errno, "open a terminal: %s", strerror(errno));
	}
	pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	/* Of its own: not to block must not become the tree's way as well. */
	pty->line = open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (pty->slave < 0 || pty->line < 0) {
		return error_set(err, errno, "open %s: %s", name, strerror(errno));
	}
	return true;
}

bool pty_open(struct supervisor *supervisor, struct error *err)
{
	const struct session_options *options = supervisor->options;
	struct pty *pty = &supervisor->pty;
	*pty = (struct pty){.master = -1, .slave = -1, .line = -1};
	if (!session_has_terminal(options)) {
		return true;
	}
	if (!descriptors_open(pty, err)) {
		return false;
	}
	/* A fresh terminal, but for UTF-8; the person's own may be in use in raw mode. */
	struct termios settings;
	if (tcgetattr(pty->slave, &settings) == 0) {
		settings.c_iflag |= IUTF8;
		(void)tcsetattr(pty->slave, TCSANOW, &settings);
	}
	const struct winsize size = {
		.ws_row = options->rows != 0 ? options->rows : DEFAULT_ROWS,
		.ws_col = options->columns != 0 ? options->columns : DEFAULT_COLUMNS,
	};
	(void)ioctl(pty->slave, TIOCSWINSZ, &size);
	pty->recent = xmalloc(RECENT_SIZE);
	return true;
}

static void size_record(struct supervisor *supervisor, uint16_t rows, uint16_t columns)
{
	const struct terminal_record record = {
		.session = supervisor->session,
		.time = clock_wall(&supervisor->clock, clock_monotonic()),
		.kind = TERMINAL_SIZE,
		.rows = rows,
		.columns = columns,
	};
	(void)recorder_terminal(supervisor->recorder, &record);
}

static bool pty_control(struct supervisor *supervisor, int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = LOOP_PTY};
	return epoll_ctl(supervisor->epoll_fd, operation, supervisor->pty.master,
		       &event) == 0;
}

static void pty_update(struct supervisor *supervisor)
{
	struct pty *pty = &supervisor->pty;
	if (pty->is_watched) {
		(void)pty_control(supervisor, EPOLL_CTL_MOD,
			(pty->held_since == 0 ? (uint32_t)EPOLLIN : 0u) |
				(pty->typed_length > 0 ? (uint32_t)EPOLLOUT : 0u));
	}
}

bool pty_watch(struct supervisor *supervisor, struct error *err)
{
	struct pty *pty = &supervisor->pty;
	struct winsize size;
	if (pty->master < 0) {
		return true;
	}
	pty->is_watched = pty_control(supervisor, EPOLL_CTL_ADD, EPOLLIN);
	if (!pty->is_watched) {
		return error_set(err, errno, "watch the terminal: %s", strerror(errno));
	}
	if (ioctl(pty->master, TIOCGWINSZ, &size) == 0) {
		size_record(supervisor, size.ws_row, size.ws_col);
	}
	return true;
}

static void recent_add(struct pty *pty, const char *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		size_t step = RECENT_SIZE - pty->recent_end;
		step = step < length - done ? step : length - done;
		memcpy(pty->recent + pty->recent_end, bytes + done, step);
		done += step;
		pty->recent_end += step;
		if (pty->recent_end == RECENT_SIZE) {
			pty->recent_end = 0;
			pty->recent_is_full = true;
		}
	}
}

void pty_recent(const struct supervisor *supervisor, struct text parts[2])
{
	const struct pty *pty = &supervisor->pty;
	parts[0] = (struct text){0};
	if (pty->recent_is_full) {
		parts[0] = (struct text){
			pty->recent + pty->recent_end, RECENT_SIZE - pty->recent_end};
	}
	parts[1] = (struct text){pty->recent, pty->recent_end};
}

static void output_take(struct supervisor *supervisor, const char *bytes, size_t length)
{
	const struct text output = {bytes, length};
	char *masked = mask_output(output);
	const struct terminal_record record = {
		.session = supervisor->session,
		.time = clock_wall(&supervisor->clock, clock_monotonic()),
		.kind = TERMINAL_OUTPUT,
		.bytes = masked != NULL ? (struct text){masked, length} : output,
	};
	(void)recorder_terminal(supervisor->recorder, &record);
	free(masked);
	recent_add(&supervisor->pty, bytes, length);
	clients_send_output(supervisor, output);
}

/* Gives false when there is nothing to read. */
static bool output_read(struct supervisor *supervisor)
{
	char bytes[READ_SIZE];
	ssize_t got = read(supervisor->pty.master, bytes, sizeof(bytes));
	if (got > 0) {
		output_take(supervisor, bytes, (size_t)got);
	}
	return got > 0 || (got < 0 && errno == EINTR);
}

static void typed_write(struct supervisor *supervisor)
{
	struct pty *pty = &supervisor->pty;
	if (pty->typed_length == 0) {
		return;
	}
	ssize_t sent = write(pty->master, pty->typed, pty->typed_length);
	if (sent > 0) {
		pty->typed_length -= (size_t)sent;
		memmove(pty->typed, pty->typed + sent, pty->typed_length);
	}
}

void pty_type(struct supervisor *supervisor, struct text bytes)
{
	struct pty *pty = &supervisor->pty;
	if (pty->master < 0 || bytes.length == 0 ||
		pty->typed_length + bytes.length > TYPED_MAX) {
		return; /* a terminal drops what nobody reads, too */
	}
	const struct terminal_record record = {
		.session = supervisor->session,
		.time = clock_wall(&supervisor->clock, clock_monotonic()),
		.kind = TERMINAL_INPUT,
		.bytes = bytes,
	};
	struct termios settings;
	/* What is not echoed is often a password. */
	if (tcgetattr(pty->master, &settings) == 0 && (settings.c_lflag & ECHO) != 0) {
		(void)recorder_terminal(supervisor->recorder, &record);
	}
	pty->typed = xrealloc(pty->typed, pty->typed_length + bytes.length);
	memcpy(pty->typed + pty->typed_length, bytes.bytes, bytes.length);
	pty->typed_length += bytes.length;
	typed_write(supervisor);
	pty_update(supervisor);
}

void pty_ready(struct supervisor *supervisor, uint32_t events)
{
	struct pty *pty = &supervisor->pty;
	if (pty->master < 0) {
		return;
	}
	if ((events & EPOLLOUT) != 0) {
		typed_write(supervisor);
	}
	for (int i = 0; (events & EPOLLIN) != 0 && i < READS_PER_TURN; i++) {
		if (!pty->is_impatient && clients_behind(supervisor) != NULL) {
			pty->held_since = clock_monotonic();
			break;
		}
		if (!output_read(supervisor)) {
			break;
		}
	}
	pty_update(supervisor);
}

void pty_tick(struct supervisor *supervisor, int64_t now)
{
	struct pty *pty = &supervisor->pty;
	if (pty->held_since == 0 && !pty->is_impatient) {
		return;
	}
	bool is_behind = clients_behind(supervisor) != NULL;
	if (!is_behind) {
		pty->is_impatient = false;
	}
	if (pty->held_since != 0 && (!is_behind || now - pty->held_since > HELD_MAX)) {
		/* Who is still behind gets on to the limit at which it is dropped. */
		pty->is_impatient = is_behind;
		pty->held_since = 0;
		pty_update(supervisor);
	}
}

void pty_drain(struct supervisor *supervisor)
{
	while (supervisor->pty.master >= 0 && output_read(supervisor)) {
	}
}

void pty_resize(struct supervisor *supervisor, uint16_t rows, uint16_t columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};
	if (supervisor->pty.master >= 0 && rows > 0 && columns > 0 &&
		ioctl(supervisor->pty.master, TIOCSWINSZ, &size) == 0) {
		size_record(supervisor, rows, columns);
		clients_send_size(supervisor, rows, columns);
	}
}

static void fd_close(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

void pty_hang_up(struct supervisor *supervisor)
{
	struct pty *pty = &supervisor->pty;
	if (pty->master < 0) {
		return;
	}
	pty_drain(supervisor);
	supervisor->denial.fd = -1;
	pty->is_watched = false;
	pty->held_since = 0;
	fd_close(&pty->line);
	fd_close(&pty->slave);
	fd_close(&pty->master);
}

void pty_close(struct supervisor *supervisor)
{
	struct pty *pty = &supervisor->pty;
	fd_close(&pty->line);
	fd_close(&pty->slave);
	fd_close(&pty->master);
	free(pty->recent);
	free(pty->typed);
	pty->recent = NULL;
	pty->typed = NULL;
}
