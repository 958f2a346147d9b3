/* SPDX-License-Identifier: MIT */
#include "tui/line.h"

#include "base/xalloc.h"
#include "tui/line_front_end.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	TYPED_MAX = 4096,
	HELD_MAX = 4 << 20,	/* then the session is not read until an answer */
	UNSENT_MAX = 256 << 10, /* then the terminal is not read */
	SIGNALLED = 128,
	MS = 1000,
	NS_PER_MS = 1000000,
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* cannot fail for these clocks */
	return (int64_t)now.tv_sec * MS + now.tv_nsec / NS_PER_MS;
}

int64_t line_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t line_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

void line_write(struct line_front_end *front)
{
	if (!tty_write(&front->tty, front->lines.bytes, front->lines.length)) {
		front->is_gone = true;
	}
	front->lines.length = 0;
}

static void hold(struct line_front_end *front, struct text bytes)
{
	const size_t length = front->held_length + bytes.length;

	if (length > front->held_capacity) {
		front->held_capacity = 2 * length;
		front->held = xrealloc(front->held, front->held_capacity);
	}
	memcpy(front->held + front->held_length, bytes.bytes, bytes.length);
	front->held_length = length;
}

void line_output(struct line_front_end *front, struct text bytes)
{
	if (bytes.length == 0) {
		return;
	}
	if (front->state != LINE_RELAYING && front->state != LINE_OVER) {
		hold(front, bytes);
		return;
	}
	modes_follow(&front->modes, bytes.bytes, bytes.length);
	if (!tty_write(&front->tty, bytes.bytes, bytes.length)) {
		front->is_gone = true;
	}
}

static void resized(struct line_front_end *front)
{
	uint16_t rows;
	uint16_t columns;

	tty_size(&front->tty, &rows, &columns);
	front->lines.columns = columns > LINES_COLUMNS_MAX   ? LINES_COLUMNS_MAX
			       : columns < LINES_COLUMNS_MIN ? LINES_COLUMNS_MIN
							     : columns;
	front->redraw_deadline = 0;
	if (front->state != LINE_STARTING) {
		line_send_window(front, rows, columns);
	}
}

/* ---- Signals ---- */

static int open_signals(sigset_t *before)
{
	static const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		(void)sigaddset(&set, signals[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum tty_mode wanted_mode(enum line_state state)
{
	switch (state) {
	case LINE_RELAYING:
		return TTY_RELAY;
	case LINE_ASKING:
		return TTY_LINES;
	case LINE_STARTING:
	case LINE_ARMING:
	case LINE_REQUESTING:
	case LINE_DISARMING:
	case LINE_OVER:
		break;
	}
	return TTY_SILENT;
}

/* Somebody wants us to stop, as a shell does with a job: not in raw mode. */
static void stop_ourselves(struct line_front_end *front)
{
	(void)tcsetattr(front->tty.input, TCSADRAIN, &front->tty.found);
	(void)raise(SIGSTOP);
	front->is_gone =
		!tty_set_mode(&front->tty, wanted_mode(front->state)) || front->is_gone;
	resized(front);
}

static void take_signals(struct line_front_end *front, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			resized(front);
		} else if (info.ssi_signo == SIGTSTP) {
			stop_ourselves(front);
		} else if (front->options.supervisor > 0 && info.ssi_signo != SIGHUP) {
			(void)kill(front->options.supervisor, (int)info.ssi_signo);
		} else {
			front->status = SIGNALLED + (int)info.ssi_signo;
			front->state = LINE_OVER;
		}
	}
}

/* ---- The terminal ---- */

static void take_typing(struct line_front_end *front)
{
	char typed[TYPED_MAX];
	const ssize_t length = read(front->tty.input, typed, sizeof(typed));

	if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN)) {
		front->is_gone = true;
	} else if (length > 0 && front->state == LINE_RELAYING) {
		line_send_input(front, typed, (size_t)length);
	} else if (length > 0 && front->state == LINE_ASKING) {
		line_typed(front, (struct text){typed, (size_t)length});
	}
	/* In the other states typing does not count. */
}

/* ---- Waiting ---- */

enum { WAIT_TERMINAL, WAIT_SESSION, WAIT_SIGNALS, WAIT_COUNT };

static bool wants_typing(const struct line_front_end *front)
{
	return front->state != LINE_STARTING && front->state != LINE_REQUESTING &&
	       protocol_stream_unsent(&front->stream) < UNSENT_MAX;
}

static bool wants_session(const struct line_front_end *front)
{
	return front->held_length < HELD_MAX || front->state == LINE_REQUESTING ||
	       front->state == LINE_RELAYING;
}

static bool is_timed(const struct line_front_end *front)
{
	return front->state == LINE_ARMING || front->state == LINE_DISARMING;
}

static int time_left(const struct line_front_end *front)
{
	int64_t end = is_timed(front) ? front->deadline : 0;

	if (front->redraw_deadline != 0 && (end == 0 || front->redraw_deadline < end)) {
		end = front->redraw_deadline;
	}
	const int64_t left = end - line_monotonic_ms();
	return end == 0 ? -1 : left > 0 ? (int)left : 0;
}

static void take_time(struct line_front_end *front)
{
	const int64_t now = line_monotonic_ms();

	if (front->redraw_deadline != 0 && now >= front->redraw_deadline) {
		resized(front);
	}
	if (is_timed(front) && now >= front->deadline) {
		line_armed(front);
	}
}

static bool take_session(struct line_front_end *front, struct error *err)
{
	protocol_stream_receive(&front->stream);
	if (!line_receive(front, err)) {
		return false;
	}
	if (front->stream.is_closed && front->state != LINE_OVER) {
		return error_set(err, ECONNRESET, "the session ended without a word");
	}
	return true;
}

static bool wait_once(struct line_front_end *front, int signals, struct error *err)
{
	struct pollfd fds[WAIT_COUNT] = {
		[WAIT_TERMINAL] = {.fd = front->tty.input,
			.events = wants_typing(front) ? POLLIN : 0},
		[WAIT_SESSION] = {.fd = front->stream.fd,
			.events = (short)((wants_session(front) ? POLLIN : 0) |
					  (protocol_stream_unsent(&front->stream) > 0
							  ? POLLOUT
							  : 0))},
		[WAIT_SIGNALS] = {.fd = signals, .events = POLLIN},
	};

	if (poll(fds, WAIT_COUNT, time_left(front)) < 0) {
		return errno == EINTR ||
		       error_set(err, errno, "cannot wait for the terminal: %s",
			       strerror(errno));
	}
	/*
	 * The terminal comes first: what else happens may change its mode, and a read
	 * for what was ready in the old mode could then wait for a whole line.
	 */
	if ((fds[WAIT_TERMINAL].revents & POLLIN) != 0 && wants_typing(front)) {
		take_typing(front);
	} else if ((fds[WAIT_TERMINAL].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		front->is_gone = true;
	}
	if (fds[WAIT_SIGNALS].revents != 0) {
		take_signals(front, signals);
	}
	if (fds[WAIT_SESSION].revents != 0) {
		protocol_stream_flush(&front->stream);
		if (front->state != LINE_OVER && !take_session(front, err)) {
			return false;
		}
	}
	take_time(front);
	return true;
}

static bool run(struct line_front_end *front, int signals, struct error *err)
{
	line_say_hello(front);
	while (front->state != LINE_OVER && !front->is_gone) {
		if (!wait_once(front, signals, err)) {
			return false;
		}
	}
	if (front->is_gone) {
		front->status = SIGNALLED + SIGHUP;
	}
	return true;
}

/* ---- Beginning and end ---- */

/* The last output, and a terminal without what a killed program may have left on. */
static void leave_terminal(struct line_front_end *front)
{
	char reset[MODES_SEQUENCE_MAX];

	front->state = LINE_OVER;
	if (front->is_gone) {
		return;
	}
	line_output(front, (struct text){front->held, front->held_length});
	if (modes_are_left_on(&front->modes)) {
		const size_t length = modes_leave(&front->modes, reset);
		(void)tty_write(&front->tty, reset, length); /* we leave in any case */
	}
}

static void finish(struct line_front_end *front)
{
	protocol_stream_finish(&front->stream);
	questions_finish(&front->questions);
	dialogue_finish(&front->dialogue);
	lines_finish(&front->lines);
	free(front->project);
	free(front->outcome);
	free(front->held);
	free(front->notices);
}

bool line_front_end_run(int session_fd, const struct line_options *options, int *status,
	struct error *err)
{
	struct line_front_end front = {.options = *options};
	sigset_t before;

	protocol_stream_init(&front.stream, session_fd);
	if (!tty_open(&front.tty, options->input, options->output, err)) {
		finish(&front);
		return false;
	}
	if (options->word != NULL) {
		(void)snprintf(front.word, sizeof(front.word), "%s", options->word);
	} else {
		word_choose(front.word);
	}
	front.dialogue.word = front.word;
	modes_init(&front.modes);
	tty_restore_on_crash();
	const int signals = open_signals(&before);
	resized(&front);
	const bool ended = run(&front, signals, err);
	leave_terminal(&front);
	tty_close(&front.tty);
	line_add_notices(&front);
	line_write(&front);
	(void)close(signals);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	*status = front.status;
	finish(&front);
	return ended;
}
