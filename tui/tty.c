/* SPDX-License-Identifier: MIT */
#include "tui/tty.h"

#include "tui/modes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CONTROL_C = 0x03, CONTROL_Z = 0x1a, ROWS_UNKNOWN = 24, COLUMNS_UNKNOWN = 80 };

/* The one that tty_emergency_restore() restores; signal handlers get no argument. */
static const struct tty *volatile open_tty;

bool tty_open(struct tty *tty, int input, int output, struct error *err)
{
	*tty = (struct tty){.input = input, .output = output};
	if (tcgetattr(input, &tty->found) != 0 || !isatty(output)) {
		return error_set(err, ERROR_REFUSED,
			"questions in lines need a terminal on standard input and "
			"standard output");
	}
	tty->is_open = true;
	open_tty = tty;
	return true;
}

static bool set_attributes(int fd, int when, const struct termios *modes)
{
	int result;

	do {
		result = tcsetattr(fd, when, modes);
	} while (result != 0 && errno == EINTR);
	return result == 0;
}

void tty_close(struct tty *tty)
{
	if (!tty->is_open) {
		return;
	}
	/* Done also from the background, where it would stop us as a job. */
	sigset_t block;
	sigset_t before;
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &block, &before);
	(void)set_attributes(tty->input, TCSADRAIN, &tty->found); /* it may have gone */
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	open_tty = NULL;
	tty->is_open = false;
}

static void make_lines(struct termios *modes)
{
	modes->c_iflag &= (tcflag_t) ~(IXON | IXOFF | INLCR | IGNCR | ISTRIP | PARMRK);
	modes->c_iflag |= ICRNL;
	modes->c_oflag |= OPOST | ONLCR;
	modes->c_lflag &= (tcflag_t) ~(ISIG | ECHONL | NOFLSH | EXTPROC);
	modes->c_lflag |= ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	/* Ctrl-D is no end of file: only a terminal that has gone is. */
	modes->c_cc[VEOF] = _POSIX_VDISABLE;
	modes->c_cc[VEOL] = CONTROL_C;
	modes->c_cc[VEOL2] = CONTROL_Z;
}

bool tty_set_mode(const struct tty *tty, enum tty_mode mode)
{
	struct termios modes = tty->found;
	int when = TCSADRAIN;

	switch (mode) {
	case TTY_RELAY:
		cfmakeraw(&modes);
		break;
	case TTY_SILENT:
		cfmakeraw(&modes);
		modes.c_oflag |= OPOST | ONLCR;
		break;
	case TTY_LINES:
		make_lines(&modes);
		when = TCSAFLUSH;
		break;
	}
	return set_attributes(tty->input, when, &modes);
}

void tty_flush_input(const struct tty *tty)
{
	(void)tcflush(tty->input, TCIFLUSH); /* fails only if it has gone */
}

bool tty_write(const struct tty *tty, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t written = write(tty->output, at, length);
		if (written > 0) {
			at += written;
			length -= (size_t)written;
		} else if (written < 0 && errno == EAGAIN) {
			/* Somebody made the shared open file non-blocking. */
			struct pollfd ready = {.fd = tty->output, .events = POLLOUT};
			(void)poll(&ready, 1, -1);
		} else if (written == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

void tty_size(const struct tty *tty, uint16_t *rows, uint16_t *columns)
{
	struct winsize size = {0};

	(void)ioctl(tty->output, TIOCGWINSZ, &size); /* zeroes mean unknown */
	*rows = size.ws_row != 0 ? size.ws_row : ROWS_UNKNOWN;
	*columns = size.ws_col != 0 ? size.ws_col : COLUMNS_UNKNOWN;
}

void tty_emergency_restore(void)
{
	const struct tty *tty = open_tty;

	if (tty == NULL) {
		return;
	}
	int error = errno;
	const char *reset = modes_reset_everything();
	static const char leave[] = "\x1b[r\x1b[?1049l";
	ssize_t written = 0;
	if (tty->is_full_screen) {
		written += write(tty->output, leave, sizeof(leave) - 1);
	}
	written += write(tty->output, reset, strlen(reset));
	(void)written; /* nothing better can be done */
	(void)tcsetattr(tty->input, TCSANOW, &tty->found);
	errno = error;
}

static void crashed(int sig)
{
	tty_emergency_restore();
	(void)raise(sig); /* SA_RESETHAND: now with its default action */
}

void tty_restore_on_crash(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
	struct sigaction action = {
		.sa_handler = crashed, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction before;
		(void)sigaction(signals[i], NULL, &before);
		/* A sanitizer that wants to report the crash itself is left alone. */
		if (before.sa_handler == SIG_DFL) {
			(void)sigaction(signals[i], &action, NULL);
		}
	}
}
