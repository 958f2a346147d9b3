/* SPDX-License-Identifier: MIT */
/* What is typed while a recorded session is looked at. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/replay_internal.h"

#include <inttypes.h>
#include <stdlib.h>

enum { INCOMPLETE_MS = 40, SHARE_STEP = 10, SHARE_MIN = 15, SHARE_MAX = 85 };

/* ---- What is asked for in the last line ---- */

static void ask(struct replay *replay, enum replay_prompt prompt, const char *text)
{
	replay->prompt = prompt;
	edit_begin(&replay->edit, text);
	replay_set_playing(replay, false);
}

static void set_filter(struct replay *replay, const char *typed)
{
	struct replay_filter filter;
	struct error err = {0};

	if (!replay_filter_parse(typed, &filter, &err)) {
		replay_say(replay, escape_copy(text_of(err.text)));
		return;
	}
	if (filter.is_changed && !replay->source->has_changes) {
		replay_say(replay,
			xstrdup("nothing was judged again: give --rules or --judge"));
	}
	replay_list_filter(replay, &filter, typed);
}

static void typed(struct replay *replay, enum replay_prompt prompt)
{
	const char *words = replay->edit.bytes;

	switch (prompt) {
	case REPLAY_PROMPT_TIME:
		replay->follows = false;
		if (*words != '\0' && !replay_go_to_typed(replay, words)) {
			replay_say(replay,
				xstrdup("a time is 90, 1:30, 1:02:03, +5, -5, 50% or "
					"#120 for an event that there is"));
		}
		break;
	case REPLAY_PROMPT_EVENTS:
		replay_search_begin(replay, REPLAY_SEARCH_EVENTS, words, true);
		break;
	case REPLAY_PROMPT_TERMINAL:
		replay_search_begin(replay, REPLAY_SEARCH_TERMINAL, words, true);
		break;
	case REPLAY_PROMPT_FILTER:
		set_filter(replay, words);
		break;
	case REPLAY_PROMPT_NONE:
		break;
	}
}

static void prompt_key(struct replay *replay, uint32_t key)
{
	const enum replay_prompt prompt = replay->prompt;

	if (key == KEY_ESC) {
		replay->prompt = REPLAY_PROMPT_NONE;
	} else if (key == KEY_RETURN) {
		replay->prompt = REPLAY_PROMPT_NONE;
		typed(replay, prompt);
	} else {
		(void)edit_take(&replay->edit, key);
	}
}

/* ---- Commands ---- */

static void toggle_play(struct replay *replay)
{
	if (!replay->is_playing && replay->time >= replay->extent.duration &&
		!replay->extent.is_running) {
		replay_go_to(replay, 0);
	}
	replay->follows = false;
	replay_set_playing(replay, !replay->is_playing);
}

static void change_speed(struct replay *replay, int step)
{
	const int speed = (int)replay->speed + step;

	if (speed >= 0 && speed < REPLAY_SPEEDS) {
		replay->speed = (unsigned)speed;
	}
}

static void follow(struct replay *replay)
{
	replay_set_playing(replay, false);
	replay->follows = replay->extent.is_running;
	if (!replay->follows) {
		replay_say(replay, xstrdup("the session has ended: this is its end"));
	}
	replay_go_to(replay, replay->extent.duration);
}

static void one_process(struct replay *replay)
{
	const struct replay_source *source = replay->source;
	struct replay_event event = {0};
	struct error err = {0};

	if (replay->list.typed != NULL) {
		set_filter(replay, "");
		return;
	}
	if (source->event(source->context, replay->seq, &event, &err)) {
		char *words = xasprintf("pid=%" PRId64, event.pid);
		set_filter(replay, words);
		free(words);
		replay_event_finish(&event);
	} else if (err.code != 0) {
		replay_fail(replay, &err);
	}
}

static void resize_share(struct replay *replay, int step)
{
	const int share = replay->share + step;

	replay->share = share < SHARE_MIN   ? SHARE_MIN
			: share > SHARE_MAX ? SHARE_MAX
					    : share;
}

static void toggle_panel(struct replay *replay, enum command_key command)
{
	bool *const shown = command == COMMAND_TERMINAL ? &replay->shows_terminal
			    : command == COMMAND_EVENTS ? &replay->shows_events
							: &replay->shows_processes;

	*shown = !*shown;
	if (!replay->shows_terminal && !replay->shows_events &&
		!replay->shows_processes) {
		*shown = true; /* something is always there */
	}
	replay->is_zoomed = false;
}

/* Those that only look. False: the command is another. */
static bool look(struct replay *replay, enum command_key command)
{
	switch ((int)command) {
	case COMMAND_OPEN:
		replay_view_event(replay);
		return true;
	case COMMAND_DETAILS:
		replay_view_question(replay);
		return true;
	case COMMAND_SUMMARY:
		replay_view_summary(replay);
		return true;
	case COMMAND_HELP:
		replay_view_help(replay);
		return true;
	case COMMAND_TERMINAL:
	case COMMAND_EVENTS:
	case COMMAND_PROCESSES:
		toggle_panel(replay, command);
		return true;
	case COMMAND_LARGER:
	case COMMAND_SMALLER:
		resize_share(
			replay, command == COMMAND_LARGER ? SHARE_STEP : -SHARE_STEP);
		return true;
	case COMMAND_ZOOM:
		replay->is_zoomed = !replay->is_zoomed;
		return true;
	default:
		return false;
	}
}

static bool seek_words(struct replay *replay, enum command_key command)
{
	switch ((int)command) {
	case COMMAND_TIME:
		ask(replay, REPLAY_PROMPT_TIME, "");
		return true;
	case COMMAND_SEARCH:
		ask(replay, REPLAY_PROMPT_EVENTS, "");
		return true;
	case COMMAND_SEARCH_TERMINAL:
		ask(replay, REPLAY_PROMPT_TERMINAL, "");
		return true;
	case COMMAND_SEARCH_NEXT:
	case COMMAND_SEARCH_PREVIOUS:
		replay_search_again(replay, command == COMMAND_SEARCH_NEXT);
		return true;
	case COMMAND_FILTER:
		ask(replay, REPLAY_PROMPT_FILTER,
			replay->list.typed != NULL ? replay->list.typed : "");
		return true;
	case COMMAND_ONE_PROCESS:
		one_process(replay);
		return true;
	default:
		return false;
	}
}

static void command_key(struct replay *replay, enum command_key command)
{
	if (look(replay, command) || seek_words(replay, command)) {
		return;
	}
	switch ((int)command) {
	case COMMAND_NONE:
		break;
	case COMMAND_PLAY:
		toggle_play(replay);
		break;
	case COMMAND_FASTER:
	case COMMAND_SLOWER:
		change_speed(replay, command == COMMAND_FASTER ? 1 : -1);
		break;
	case COMMAND_IDLE:
		replay->keeps_idle = !replay->keeps_idle;
		replay_say(replay,
			xstrdup(replay->keeps_idle ? "pauses are as long as they were"
						   : "pauses are cut to a second"));
		break;
	case COMMAND_FOLLOW:
		follow(replay);
		break;
	case COMMAND_MARK:
		replay_toggle_mark(replay);
		break;
	case COMMAND_CLOSE:
		replay->is_over = true;
		break;
	default:
		replay_step(replay, command);
		break;
	}
}

static void view_key(struct replay *replay, uint32_t key)
{
	const bool closes = key_command(CONTEXT_VIEW, key) == COMMAND_CLOSE ||
			    key_command(CONTEXT_REPLAY, key) == COMMAND_OPEN;

	switch (view_take(&replay->view, key, replay->screen.rows - 1)) {
	case VIEW_REFILL:
		replay->is_refilling = true;
		replay->fill_view(replay);
		replay->is_refilling = false;
		break;
	case VIEW_OTHER:
		replay->has_view = replay->has_view && !closes;
		break;
	case VIEW_TAKEN:
	case VIEW_TYPED:
	case VIEW_CONFIRMED:
		break;
	}
}

static void take_key(struct replay *replay, uint32_t key)
{
	replay->is_dirty = true;
	if (key == ('C' & 0x1f)) {
		replay->is_over = true;
	} else if (replay->search.is_active) {
		replay->search.is_active = false; /* any key ends a long search */
		replay_say(replay, xstrdup("the search was stopped"));
	} else if (replay->has_view) {
		view_key(replay, key);
	} else if (replay->prompt != REPLAY_PROMPT_NONE) {
		prompt_key(replay, key);
	} else {
		const enum command_key command = key_command(CONTEXT_REPLAY, key);
		if (command != COMMAND_NONE) {
			replay_say(replay, NULL);
		}
		command_key(replay, command);
	}
}

void replay_take_input(struct replay *replay, bool is_final)
{
	size_t used = 0;

	replay->pending_deadline = 0;
	while (used < replay->pending_length && !replay->is_over) {
		const struct text rest = {
			replay->pending + used, replay->pending_length - used};
		size_t taken;
		const uint32_t key = key_read(rest, is_final, &taken);
		if (taken == 0) {
			if (rest.length < sizeof(replay->pending)) {
				replay->pending_deadline =
					replay_now() + INCOMPLETE_MS * REPLAY_MS;
				break;
			}
			taken = rest.length; /* no sequence is that long */
		} else if (key < KEY_PASTE_BEGIN) {
			take_key(replay, key);
		}
		used += taken;
	}
	memmove(replay->pending, replay->pending + used, replay->pending_length - used);
	replay->pending_length -= used;
}
