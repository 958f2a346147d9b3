/* SPDX-License-Identifier: MIT */
/* The last two lines of a replay: the time line, and where it stands. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/lines.h"
#include "tui/replay_internal.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BAR_DENIALS_MAX = 500, BAR_MADE_MS = 1000 };

/* ---- The time line ---- */

static void put_mark(struct replay *replay, int columns, int64_t time, char mark)
{
	const int64_t duration = replay->extent.duration;
	const double part = duration > 0 ? (double)time / (double)duration : 0;
	const int at = (int)(part * (columns - 1));

	if (at >= 0 && at < columns && replay->bar[at] != '?') {
		replay->bar[at] = mark;
	}
}

static void put_denials(struct replay *replay, int columns)
{
	const struct replay_source *source = replay->source;
	struct error err = {0};
	int64_t seq = 0;

	for (int i = 0; i < BAR_DENIALS_MAX; i++) {
		struct replay_event event = {0};
		if (!source->denial_beside(source->context, seq, true, &seq, &err) ||
			seq == 0 ||
			!source->event(source->context, seq, &event, &err)) {
			break;
		}
		put_mark(replay, columns, event.time, '!');
		replay_event_finish(&event);
	}
	if (err.code != 0) {
		replay_fail(replay, &err);
	}
}

/* Questions are the rarest; each column has one character. */
static void put_questions(struct replay *replay, int columns)
{
	const struct replay_source *source = replay->source;
	int64_t time = -1;

	for (int i = 0; i < columns; i++) {
		const int64_t number =
			source->question_beside(source->context, time, true);
		if (number == 0) {
			return;
		}
		time = source->question_time(source->context, number);
		put_mark(replay, columns, time, '?');
		/* The next one that lies in another column. */
		const int64_t column = replay->extent.duration / columns;
		time += column > 0 ? column - 1 : 0;
	}
}

static void make_bar(struct replay *replay, int columns)
{
	const int64_t now = replay_now();
	const bool is_fresh = !replay->extent.is_running ||
			      now - replay->bar_made < BAR_MADE_MS * REPLAY_MS;

	if (replay->bar != NULL && is_fresh && (int)strlen(replay->bar) == columns) {
		return;
	}
	free(replay->bar);
	replay->bar = xmalloc((size_t)columns + 1);
	memset(replay->bar, '-', (size_t)columns);
	replay->bar[columns] = '\0';
	replay->bar_made = now;
	put_denials(replay, columns);
	put_questions(replay, columns);
}

void replay_draw_bar(struct replay *replay, WINDOW *window, int row)
{
	const struct screen *screen = &replay->screen;
	const int columns = screen->columns - 1;
	const int64_t duration = replay->extent.duration;

	make_bar(replay, columns);
	(void)screen_put(window, (struct screen_place){row, 0, columns},
		screen_style(screen, STYLE_FAINT), replay->bar, true);
	for (int i = 0; i < columns; i++) {
		if (replay->bar[i] == '!' || replay->bar[i] == '?') {
			const char mark[] = {replay->bar[i], '\0'};
			(void)screen_put(window, (struct screen_place){row, i, 1},
				screen_style(screen,
					*mark == '!' ? STYLE_DENY : STYLE_STRONG),
				mark, false);
		}
	}
	for (size_t i = 0; i < replay->mark_count && duration > 0; i++) {
		const double part = (double)replay->marks[i] / (double)duration;
		(void)screen_put(window,
			(struct screen_place){row, (int)(part * (columns - 1)), 1},
			screen_style(screen, STYLE_STRONG), "m", false);
	}
	const double part = duration > 0 ? (double)replay->time / (double)duration : 0;
	(void)screen_put(window,
		(struct screen_place){row, (int)(part * (columns - 1)), 1},
		screen_style(screen, STYLE_REVERSED), "|", false);
}

/* ---- The status line ---- */

static char *list_words(const struct replay *replay)
{
	const struct replay_list *list = &replay->list;

	if (list->typed == NULL) {
		return xasprintf("event %" PRId64 "/%" PRId64, replay->seq,
			replay->extent.last_event);
	}
	char *typed = escape_copy(text_of(list->typed));
	char *words =
		xasprintf("%zu of %zu%s with %s", replay_list_upto(replay, replay->seq),
			list->count, list->scan_at != 0 ? " so far" : "", typed);
	free(typed);
	return words;
}

static char *question_words(const struct replay *replay)
{
	const struct replay_source *source = replay->source;
	const int64_t number = source->question_open(source->context, replay->time);
	struct replay_question question = {0};
	struct error err = {0};

	if (number == 0 ||
		!source->question(source->context, number, &question, &err)) {
		return NULL;
	}
	char *shown = lines_shorten(question.title, 60);
	char *hint = key_hints(CONTEXT_REPLAY, "{details}");
	char *words = xasprintf(
		"question %" PRId64 " waits: %s (%s shows it)", number, shown, hint);
	free(hint);
	free(shown);
	replay_question_finish(&question);
	return words;
}

static char *state_words(struct replay *replay)
{
	if (replay->search.is_active) {
		char *words = escape_copy(text_of(replay->search.words));
		char *line = xasprintf("searching: %s (any key stops)", words);
		free(words);
		return line;
	}
	if (replay->message != NULL) {
		return xstrdup(replay->message);
	}
	char *question = question_words(replay);
	return question != NULL ? question : list_words(replay);
}

static int draw_prompt(struct replay *replay)
{
	static const char *const labels[] = {
		[REPLAY_PROMPT_NONE] = "",
		[REPLAY_PROMPT_TIME] = "go to (1:30, +5, 50%, #event): ",
		[REPLAY_PROMPT_EVENTS] = "search the events: ",
		[REPLAY_PROMPT_TERMINAL] = "search the terminal: ",
		[REPLAY_PROMPT_FILTER] = "only events with: ",
	};
	struct screen *screen = &replay->screen;
	int cursor = 0;
	const int used = screen_put(screen->status,
		(struct screen_place){0, 0, screen->columns / 2 + 1}, A_BOLD,
		labels[replay->prompt], false);
	char *shown = edit_show(&replay->edit, screen->columns - used - 1, &cursor);

	(void)screen_put(screen->status,
		(struct screen_place){0, used, screen->columns - used}, A_NORMAL, shown,
		true);
	free(shown);
	return used + cursor;
}

int replay_draw_status(struct replay *replay)
{
	struct screen *screen = &replay->screen;
	const attr_t style = screen_style(screen, STYLE_REVERSED);
	char now[REPLAY_CLOCK_SIZE], end[REPLAY_CLOCK_SIZE];

	if (replay->prompt != REPLAY_PROMPT_NONE) {
		return draw_prompt(replay);
	}
	char *words = state_words(replay);
	char *left = xasprintf(" %s %s/%s %sx%s | ",
		replay->is_playing ? "playing"
		: replay->follows  ? "following"
				   : "stopped",
		replay_clock(replay->time, now),
		replay_clock(replay->extent.duration, end),
		replay_speed_name(replay->speed),
		replay->extent.is_running ? " (running)" : "");
	char *hint =
		key_hints(CONTEXT_REPLAY, " {play} play  {close} quit  {help} help ");
	if (strlen(left) + lines_width(words) + strlen(hint) >
		(size_t)screen->columns) {
		*hint = '\0'; /* what is going on comes first */
	}
	const int room = screen->columns - (int)strlen(hint);
	const int used = screen_put(
		screen->status, (struct screen_place){0, 0, room}, style, left, true);
	char *shown = lines_shorten(words, room > used ? (size_t)(room - used) : 0);
	(void)screen_put(screen->status,
		(struct screen_place){0, used, room > used ? room - used : 0}, style,
		shown, true);
	(void)screen_put(screen->status,
		(struct screen_place){0, room, screen->columns - room}, style, hint,
		true);
	free(shown);
	free(left);
	free(words);
	free(hint);
	return -1;
}
