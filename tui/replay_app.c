/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "tui/replay_internal.h"
#include "tui/screen_signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	FRAME_MS = 33,
	REFRESH_MS = 250,
	MESSAGE_MS = 6000,
	PREPARE_BYTES = 512 << 10,
	SHARE_USUAL = 55,
};

int64_t replay_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return now.tv_sec * REPLAY_SECOND + now.tv_nsec;
}

void replay_say(struct replay *replay, char *safe)
{
	free(replay->message);
	replay->message = safe;
	replay->message_until = replay_now() + MESSAGE_MS * REPLAY_MS;
	replay->is_dirty = true;
}

void replay_fail(struct replay *replay, const struct error *err)
{
	if (replay->failure.code == 0) {
		replay->failure = *err;
	}
	replay->is_over = true;
}

/* ---- Signals ---- */

static void take_signals(struct replay *replay, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT) {
			screen_resize(&replay->screen);
			replay->is_dirty = true;
		} else if (info.ssi_signo != SIGTSTP) {
			replay->is_over = true;
		}
	}
}

/* ---- Waiting ---- */

/* Something is left to do that nobody has to wait for. */
static bool has_work(const struct replay *replay)
{
	return replay->is_behind || replay->search.is_active ||
	       replay->list.scan_at != 0 || !replay->is_prepared;
}

static void sooner(int64_t *end, int64_t other)
{
	if (other != 0 && (*end == 0 || other < *end)) {
		*end = other;
	}
}

static int time_left(const struct replay *replay)
{
	int64_t end = 0;

	if (has_work(replay)) {
		return 0;
	}
	sooner(&end, replay->pending_deadline);
	sooner(&end, replay->message != NULL ? replay->message_until : 0);
	sooner(&end, replay->extent.is_running ? replay->refresh_at : 0);
	if (replay->is_playing || replay->is_dirty) {
		sooner(&end, replay->drawn + FRAME_MS * REPLAY_MS);
	}
	const int64_t left = (end - replay_now() + REPLAY_MS - 1) / REPLAY_MS;
	return end == 0 ? -1 : left > 0 ? (int)left : 0;
}

/* A little of what is left to do. */
static void work(struct replay *replay)
{
	struct error err = {0};

	if (replay->is_behind) {
		replay_catch_up(replay);
	} else if (replay->search.is_active) {
		replay_search_on(replay);
	} else if (replay->list.scan_at != 0) {
		replay_list_scan(replay);
	} else if (!replay->is_prepared &&
		   !replay_terminal_prepare(replay->terminal, PREPARE_BYTES,
			   &replay->is_prepared, &err)) {
		replay_fail(replay, &err);
	}
}

static void take_typing(struct replay *replay)
{
	const ssize_t length =
		read(replay->screen.tty.input, replay->pending + replay->pending_length,
			sizeof(replay->pending) - replay->pending_length);

	if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN)) {
		replay->is_over = true;
	} else if (length > 0) {
		replay->pending_length += (size_t)length;
		replay_take_input(replay, false);
	}
}

static void take_time(struct replay *replay)
{
	const int64_t now = replay_now();

	if (replay->pending_deadline != 0 && now >= replay->pending_deadline) {
		replay->pending_deadline = 0;
		replay_take_input(replay, true);
	}
	if (replay->message != NULL && now >= replay->message_until) {
		replay_say(replay, NULL);
	}
	if (replay->extent.is_running && now >= replay->refresh_at) {
		replay->refresh_at = now + REFRESH_MS * REPLAY_MS;
		replay_refresh(replay);
	}
	if (now < replay->drawn + FRAME_MS * REPLAY_MS || replay->is_over) {
		return;
	}
	replay_play(replay);
	if (replay->is_dirty && !replay->is_over) {
		replay->is_dirty = false;
		replay_draw(replay);
		replay->drawn = replay_now();
	}
}

static void wait_once(struct replay *replay, int signals)
{
	struct pollfd fds[] = {
		{.fd = replay->screen.tty.input, .events = POLLIN},
		{.fd = signals, .events = POLLIN},
	};

	if (poll(fds, 2, time_left(replay)) < 0) {
		return; /* a signal, which is looked at the next time */
	}
	if ((fds[0].revents & POLLIN) != 0) {
		take_typing(replay);
	} else if (fds[0].revents != 0) {
		replay->is_over = true;
	} else if (has_work(replay)) {
		work(replay);
	}
	if (fds[1].revents != 0) {
		take_signals(replay, signals);
	}
	take_time(replay);
}

/* ---- Beginning and end ---- */

static void begin(struct replay *replay, const struct replay_options *options)
{
	replay->options = *options;
	replay->source = options->source;
	replay->terminal = replay_terminal_new(options->source);
	replay->keeps_idle = options->keeps_idle;
	replay->speed = REPLAY_SPEED_USUAL;
	for (unsigned i = 0; i < REPLAY_SPEEDS; i++) {
		replay->speed = options->speed == 1u << i ? i : replay->speed;
	}
	replay->shows_events = true;
	replay->share = SHARE_USUAL;
	replay->is_dirty = true;
	replay_refresh(replay);
	/* Not every command had a terminal of its own. */
	replay->shows_terminal = replay->extent.last_chunk > 0;
	replay_go_to(replay, 0);
}

static void finish(struct replay *replay)
{
	replay_draw_finish(replay);
	replay_list_finish(&replay->list);
	pane_free(replay->preview);
	replay_terminal_free(replay->terminal);
	view_finish(&replay->view);
	free(replay->message);
}

bool tui_replay_run(const struct replay_options *options, struct error *err)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));
	struct tui_settings settings;
	sigset_t before;

	tui_settings_init(&settings);
	settings = options->settings != NULL ? *options->settings : settings;
	key_table_use(&settings.keys);
	if (!screen_open(&replay->screen, options->input, options->output, err)) {
		free(replay);
		return false;
	}
	screen_set_looks(&replay->screen, settings.looks);
	tty_restore_on_crash();
	const int signals = screen_signals_open(&before);
	begin(replay, options);
	replay->shows_processes = replay->screen.rows >= 30 ||
				  replay->screen.columns >= 160 ||
				  !replay->shows_terminal;
	while (!replay->is_over) {
		wait_once(replay, signals);
	}
	*err = replay->failure;
	finish(replay);
	screen_close(&replay->screen);
	screen_signals_close(signals, &before);
	free(replay);
	return err->code == 0;
}
