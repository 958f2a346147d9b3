/* SPDX-License-Identifier: MIT */
#include "tui/app.h"

#include "base/xalloc.h"
#include "tui/app_fill.h"
#include "tui/screen_signals.h"
#include "tui/terminal_kind.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	FRAME_MS = 16,
	UNSENT_MAX = 256 << 10, /* then the terminal is not read */
	MESSAGE_MS = 6000,
	SIGNALLED = 128,
	MS = 1000,
	NS_PER_MS = 1000000,
	ROWS_OF_STATUS = 1,
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* cannot fail for these clocks */
	return (int64_t)now.tv_sec * MS + now.tv_nsec / NS_PER_MS;
}

int64_t app_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t app_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

void app_say(struct app *app, char *safe)
{
	free(app->message);
	app->message = safe;
	app->message_until = app_monotonic_ms() + MESSAGE_MS;
	app->is_dirty = true;
}

static void reply(struct text bytes, void *context)
{
	struct app *app = context;

	/* What was asked before this front end came was answered by another. */
	if (app->is_ready) {
		app_send_reply(app, bytes);
	}
}

static void resized(struct app *app)
{
	screen_resize(&app->screen);
	pane_resize(app->pane, app->screen.rows - ROWS_OF_STATUS, app->screen.columns);
	pane_damage_all(app->pane);
	if (app->mode != APP_STARTING) {
		app_send_window(app);
	}
	if (app->mode == APP_QUESTION) {
		app_arm(app);
	}
	app->is_dirty = true;
}

/* ---- Signals ---- */

static void take_signals(struct app *app, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT) {
			resized(app);
		} else if (info.ssi_signo == SIGHUP) {
			app->is_gone = true;
		} else if (app->options.supervisor > 0 && info.ssi_signo != SIGTSTP) {
			(void)kill(app->options.supervisor, (int)info.ssi_signo);
		} else if (info.ssi_signo != SIGTSTP) {
			app->end->status = SIGNALLED + (int)info.ssi_signo;
			app->mode = APP_OVER;
		}
	}
}

/* ---- Waiting ---- */

enum { WAIT_TERMINAL, WAIT_SESSION, WAIT_SIGNALS, WAIT_COUNT };

static bool wants_typing(const struct app *app)
{
	return app->mode != APP_STARTING && app->pending_length < APP_PENDING_MAX &&
	       protocol_stream_unsent(&app->stream) < UNSENT_MAX;
}

static void sooner(int64_t *end, int64_t other)
{
	if (other != 0 && (*end == 0 || other < *end)) {
		*end = other;
	}
}

static bool is_to_draw(const struct app *app)
{
	return app->is_dirty || pane_is_damaged(app->pane);
}

static int time_left(const struct app *app)
{
	int64_t end = 0;

	sooner(&end, app->pending_deadline);
	sooner(&end, app->refill_at);
	sooner(&end, is_to_draw(app) ? app->drawn + FRAME_MS : 0);
	sooner(&end, app->message != NULL ? app->message_until : 0);
	sooner(&end, app->mode == APP_QUESTION ? app->armed_at : 0);
	sooner(&end, app->mode == APP_QUESTION ? app->drawn + MS : 0);
	const int64_t left = end - app_monotonic_ms();
	return end == 0 ? -1 : left > 0 ? (int)left : 0;
}

static void take_time(struct app *app)
{
	const int64_t now = app_monotonic_ms();

	if (app->pending_deadline != 0 && now >= app->pending_deadline) {
		app->pending_deadline = 0;
		app_take_input(app, true);
	}
	if (app->message != NULL && now >= app->message_until) {
		app_say(app, NULL);
	}
	if (app->armed_at != 0 && now >= app->armed_at) {
		app->armed_at = 0;
		app->is_dirty = true;
	}
	if (app->mode == APP_QUESTION && now >= app->drawn + MS) {
		app->is_dirty = true; /* how long it waits */
	}
	if (app->refill_at != 0 && now >= app->refill_at) {
		app->refill_at = 0;
		app_fill_view(app);
	}
	if (app->mode != APP_OVER && app->mode != APP_STARTING && is_to_draw(app) &&
		now >= app->drawn + FRAME_MS) {
		app_draw(app);
		app->drawn = app_monotonic_ms();
	}
}

static void take_typing(struct app *app)
{
	const ssize_t length =
		read(app->screen.tty.input, app->pending + app->pending_length,
			APP_PENDING_MAX - app->pending_length);

	if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN)) {
		app->is_gone = true;
	} else if (length > 0) {
		app->pending_length += (size_t)length;
		app_take_input(app, false);
	}
}

static bool take_session(struct app *app, struct error *err)
{
	protocol_stream_receive(&app->stream);
	if (!app_receive(app, err)) {
		return false;
	}
	if (app->stream.is_closed && app->mode != APP_OVER) {
		return error_set(err, ECONNRESET, "the session ended without a word");
	}
	return true;
}

static bool wait_once(struct app *app, int signals, struct error *err)
{
	struct pollfd fds[WAIT_COUNT] = {
		[WAIT_TERMINAL] = {.fd = app->screen.tty.input,
			.events = wants_typing(app) ? POLLIN : 0},
		[WAIT_SESSION] = {.fd = app->stream.fd,
			.events = (short)(POLLIN |
					  (protocol_stream_unsent(&app->stream) > 0
							  ? POLLOUT
							  : 0))},
		[WAIT_SIGNALS] = {.fd = signals, .events = POLLIN},
	};

	if (poll(fds, WAIT_COUNT, time_left(app)) < 0) {
		return errno == EINTR ||
		       error_set(err, errno, "cannot wait for the terminal: %s",
			       strerror(errno));
	}
	if ((fds[WAIT_TERMINAL].revents & POLLIN) != 0) {
		take_typing(app);
	} else if ((fds[WAIT_TERMINAL].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		app->is_gone = true;
	}
	if (fds[WAIT_SIGNALS].revents != 0) {
		take_signals(app, signals);
	}
	if (fds[WAIT_SESSION].revents != 0 && app->mode != APP_OVER) {
		protocol_stream_flush(&app->stream);
		if (!take_session(app, err)) {
			return false;
		}
	}
	take_time(app);
	return true;
}

/* The terminal going away leaves the session for another one to attach to. */
static void leave_session(struct app *app)
{
	app->end->is_detached = true;
	app->end->status = 0;
	app_send_detach(app);
}

static bool run(struct app *app, int signals, struct error *err)
{
	app_say_hello(app);
	while (app->mode != APP_OVER && !app->is_gone) {
		if (!wait_once(app, signals, err)) {
			return false;
		}
	}
	if (app->is_gone) {
		leave_session(app);
	}
	return true;
}

/* ---- Beginning and end ---- */

static void finish(struct app *app)
{
	protocol_stream_finish(&app->stream);
	questions_finish(&app->questions);
	question_view_finish(&app->question);
	box_finish(&app->box);
	view_finish(&app->view);
	protocol_processes_finish(&app->processes);
	app_events_finish(app);
	app_answers_free(app);
	app_trail_clear(app);
	pane_free(app->pane);
	free(app->batch);
	free(app->batch_problem);
	free(app->project);
	free(app->command);
	free(app->outcome);
	free(app->message);
}

bool tui_is_possible(int input, int output)
{
	return terminal_kind_can_draw(input, output);
}

bool tui_front_end_run(int session_fd, const struct tui_options *options,
	struct tui_end *end, struct error *err)
{
	struct app *app = xcalloc(1, sizeof(*app));
	sigset_t before;

	*end = (struct tui_end){0};
	tui_settings_init(&app->settings);
	if (options->settings != NULL) {
		app->settings = *options->settings;
	}
	key_table_use(&app->settings.keys);
	app->options = *options;
	app->end = end;
	app->has_focus = true;
	protocol_stream_init(&app->stream, session_fd);
	if (!screen_open(&app->screen, options->input, options->output, err)) {
		finish(app);
		free(app);
		return false;
	}
	screen_set_looks(&app->screen, app->settings.looks);
	tty_restore_on_crash();
	app->pane = pane_new(
		app->screen.rows - ROWS_OF_STATUS, app->screen.columns, reply, app);
	const int signals = screen_signals_open(&before);
	const bool ended = run(app, signals, err);
	if (!end->is_detached) {
		end->left = pane_text(app->pane);
	}
	protocol_stream_flush(&app->stream);
	screen_close(&app->screen);
	screen_signals_close(signals, &before);
	end->session = app->session;
	finish(app);
	free(app);
	return ended;
}
