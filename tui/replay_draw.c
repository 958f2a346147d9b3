/* SPDX-License-Identifier: MIT */
/* The panels of a replay: the terminal, the events, the processes. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/lines.h"
#include "tui/replay_internal.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	WIDE_COLUMNS = 120,	 /* then panels lie beside the terminal */
	BESIDE_COLUMNS = 100,	 /* then events and processes do */
	BESIDE_COLUMNS_LOW = 70, /* also then, if rows are few */
	LOW_ROWS = 20,
	BAR_ROWS_MIN = 8, /* of the screen, for a time line */
	PANEL_ROWS_MIN = 3,
	TIME_COLUMNS_MIN = 46, /* of the panel, for the time of an event */
	PROGRAM_COLUMNS_MIN = 60,
	PER_CENT = 100,
	EVENTS_SHARE = 60, /* of what events and processes have together */
};

struct area {
	int row, column, rows, columns; /* rows 0: it is not shown */
};

struct layout {
	struct area terminal, events, processes;
	int bar_row; /* -1: none */
};

/* ---- Where everything lies ---- */

static void split_rows(
	const struct area *whole, int rows, struct area *first, struct area *second)
{
	*first = *second = *whole;
	first->rows = rows;
	second->row += rows;
	second->rows -= rows;
}

static void split_columns(
	const struct area *whole, int columns, struct area *first, struct area *second)
{
	*first = *second = *whole;
	first->columns = columns;
	second->column += columns;
	second->columns -= columns;
}

static void place_lists(
	const struct replay *replay, const struct area *whole, struct layout *layout)
{
	if (!replay->shows_processes) {
		layout->events = *whole;
	} else if (!replay->shows_events) {
		layout->processes = *whole;
	} else if (whole->columns >= BESIDE_COLUMNS ||
		   (whole->columns >= BESIDE_COLUMNS_LOW && whole->rows < LOW_ROWS)) {
		split_columns(whole, whole->columns * EVENTS_SHARE / PER_CENT,
			&layout->events, &layout->processes);
	} else {
		split_rows(whole, whole->rows * EVENTS_SHARE / PER_CENT,
			&layout->events, &layout->processes);
	}
}

static int bounded(int value, int least, int most)
{
	return value > most    ? (most > least ? most : least)
	       : value < least ? least
			       : value;
}

/* No more than the terminal needs, and no less than the others need. */
static void place_terminal(
	const struct replay *replay, const struct area *whole, struct layout *layout)
{
	struct area rest;
	int rows, columns;

	pane_size(replay_pane(replay), &rows, &columns);
	if (replay->screen.columns >= WIDE_COLUMNS) {
		const int share = whole->columns * replay->share / PER_CENT;
		split_columns(
			whole, bounded(share, 1, columns), &layout->terminal, &rest);
	} else {
		const int share = whole->rows * replay->share / PER_CENT;
		split_rows(whole,
			bounded(bounded(share, PANEL_ROWS_MIN, rows + 1), 1,
				whole->rows - PANEL_ROWS_MIN),
			&layout->terminal, &rest);
	}
	place_lists(replay, &rest, layout);
}

static struct layout place(const struct replay *replay)
{
	const struct screen *screen = &replay->screen;
	struct layout layout = {.bar_row = -1};
	struct area whole = {.rows = screen->rows - 1, .columns = screen->columns};

	if (screen->rows >= BAR_ROWS_MIN) {
		layout.bar_row = --whole.rows;
	}
	if (replay->is_zoomed || whole.rows < 2 * PANEL_ROWS_MIN ||
		(!replay->shows_events && !replay->shows_processes)) {
		layout.terminal = whole;
	} else if (!replay->shows_terminal) {
		place_lists(replay, &whole, &layout);
	} else {
		place_terminal(replay, &whole, &layout);
	}
	return layout;
}

/*
 * At most that many columns of what is only listed, the end rather than the beginning;
 * owned. Questions are shortened in another way, which says how much is missing.
 */
static char *cut(const char *safe, int columns)
{
	enum { DOTS = 3, HEAD_PART = 3, COLUMNS_MIN = 12 };
	const size_t length = strlen(safe);
	const size_t room = columns > 0 ? (size_t)columns : 0;

	for (const char *at = safe; *at != '\0'; at++) {
		if ((unsigned char)*at >= 0x80) { /* columns are no bytes */
			return lines_shorten(safe, room);
		}
	}
	if (room < COLUMNS_MIN || length <= room) {
		return xmemdup0(safe, length < room ? length : room);
	}
	const size_t head = (room - DOTS) / HEAD_PART;
	const size_t tail = room - DOTS - head;
	return xasprintf("%.*s...%s", (int)head, safe, safe + length - tail);
}

/* Takes safe words for the first line of an area. */
static void draw_title(const struct replay *replay, const struct area *area, char *safe)
{
	char *shown = cut(safe, area->columns);

	(void)screen_put(replay->screen.over,
		(struct screen_place){area->row, area->column, area->columns},
		A_REVERSE, shown, true);
	free(shown);
	free(safe);
}

/* ---- The terminal ---- */

static void make_pad(struct replay *replay, int rows, int columns)
{
	if (replay->pad != NULL && getmaxy(replay->pad) == rows &&
		getmaxx(replay->pad) == columns) {
		return;
	}
	if (replay->pad != NULL) {
		(void)delwin(replay->pad);
	}
	replay->pad = newpad(rows, columns);
	invariant(replay->pad != NULL);
	pane_damage_all(replay_pane(replay));
}

/* The first of `all` that is shown where `room` are, so that `wanted` is among them. */
static int first_shown(int all, int room, int wanted)
{
	const int first = wanted - room + 1;

	return first < 0 || all <= room ? 0 : first > all - room ? all - room : first;
}

static char *terminal_title(const struct replay *replay, int rows, int columns, int top,
	int left, const struct area *area)
{
	char *title = escape_copy(pane_title(replay_pane(replay)));
	char *part = rows > area->rows - 1 || columns > area->columns
			     ? xasprintf(", from row %d, column %d", top + 1, left + 1)
			     : xstrdup("");
	char *words = xasprintf(" %s  %dx%d%s%s  %s", replay->source->title, columns,
		rows, part, replay->preview != NULL ? ", roughly: still reading" : "",
		title);

	free(part);
	free(title);
	return words;
}

static void draw_terminal(struct replay *replay, const struct area *area)
{
	struct pane *pane = replay_pane(replay);
	WINDOW *over = replay->screen.over;
	int rows, columns, row, column;

	pane_size(replay_pane(replay), &rows, &columns);
	make_pad(replay, rows, columns);
	pane_draw(pane, replay->pad);
	const bool has_cursor = pane_cursor(pane, &row, &column);
	const int room = area->rows - 1;
	const int top = first_shown(rows, room, row);
	const int left = first_shown(columns, area->columns, column);
	const int shown_rows = rows - top < room ? rows - top : room;
	const int shown_columns =
		columns - left < area->columns ? columns - left : area->columns;

	draw_title(
		replay, area, terminal_title(replay, rows, columns, top, left, area));
	if (shown_rows < 1 || shown_columns < 1) {
		return;
	}
	(void)copywin(replay->pad, over, top, left, area->row + 1, area->column,
		area->row + shown_rows, area->column + shown_columns - 1, FALSE);
	if (has_cursor) {
		(void)mvwchgat(over, area->row + 1 + row - top,
			area->column + column - left, 1, A_REVERSE, 0, NULL);
	}
}

/* ---- Events ---- */

static enum screen_style verdict_style(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ALLOW:
		return STYLE_ALLOW;
	case VERDICT_DENY:
	case VERDICT_FORBID:
		return STYLE_DENY;
	case VERDICT_ASK:
	case VERDICT_COUNT:
		break;
	}
	return STYLE_STRONG;
}

static char *verdict_words(const struct replay_event *event)
{
	switch (event->change) {
	case REPLAY_CHANGED:
		return xasprintf("%s>%s", verdict_name(event->verdict),
			verdict_name(event->now));
	case REPLAY_NOT_JUDGED:
		return xasprintf("%s>?", verdict_name(event->verdict));
	case REPLAY_UNCHANGED:
		break;
	}
	return xstrdup(verdict_name(event->verdict));
}

/* Puts the words in so many columns; gives the column after them. */
static int put(const struct replay *replay, const struct area *line, int column,
	int columns, attr_t style, const char *safe)
{
	const int room = line->columns - column;

	if (room > 0) {
		(void)screen_put(replay->screen.over,
			(struct screen_place){line->row, line->column + column,
				columns < room ? columns : room},
			style, safe, true);
	}
	return column + columns;
}

static void draw_event(const struct replay *replay, const struct area *line,
	const struct replay_event *event)
{
	enum { TIME = 10, VERDICT = 7, CHANGED = 13, VERB = 8, PROGRAM = 14 };
	const bool is_present = event->seq == replay->seq;
	const attr_t style = is_present ? A_REVERSE
			     : event->seq > replay->seq
				     ? screen_style(&replay->screen, STYLE_FAINT)
				     : A_NORMAL;
	const enum verdict last =
		event->change == REPLAY_CHANGED ? event->now : event->verdict;
	const bool has_program = line->columns >= PROGRAM_COLUMNS_MIN;
	char clock[REPLAY_CLOCK_SIZE];
	char *words = verdict_words(event);
	int column = put(replay, line, 0, 2, style, is_present ? "> " : "  ");

	if (line->columns >= TIME_COLUMNS_MIN) {
		column = put(replay, line, column, TIME, style,
			replay_clock(event->time, clock));
	}
	column = put(replay, line, column,
		replay->source->has_changes ? CHANGED : VERDICT,
		is_present ? A_REVERSE | A_BOLD
			   : screen_style(&replay->screen, verdict_style(last)),
		words);
	column = put(replay, line, column, VERB, style, verb_name(event->verb));
	const int room = line->columns - column - (has_program ? PROGRAM : 0);
	char *shown = cut(event->object, room - 1);
	column = put(replay, line, column, room > 0 ? room : 0, style, shown);
	if (has_program) {
		(void)put(replay, line, column, PROGRAM, style, event->program);
	}
	free(shown);
	free(words);
}

static void draw_events(struct replay *replay, const struct area *area)
{
	const struct replay_source *source = replay->source;
	const int room = area->rows - 1;
	const int64_t count = (int64_t)replay_list_count(replay);
	const int64_t upto = (int64_t)replay_list_upto(replay, replay->seq);
	int64_t top = upto - 1 - room * 2 / 3;

	draw_title(replay, area,
		replay->list.typed != NULL
			? xasprintf(" Events: %" PRId64 " of %" PRId64 "%s", upto,
				  count, replay->list.scan_at != 0 ? " so far" : "")
			: xasprintf(" Events: %" PRId64 " of %" PRId64, upto, count));
	top = top > count - room ? count - room : top;
	top = top < 0 ? 0 : top;
	for (int i = 0; i < room && top + i < count; i++) {
		const struct area line = {.row = area->row + 1 + i,
			.column = area->column,
			.rows = 1,
			.columns = area->columns};
		struct replay_event event = {0};
		struct error err = {0};
		if (source->event(source->context,
			    replay_list_seq(replay, (size_t)(top + i)), &event, &err)) {
			draw_event(replay, &line, &event);
			replay_event_finish(&event);
		} else if (err.code != 0) {
			replay_fail(replay, &err);
			return;
		}
	}
}

/* ---- Processes ---- */

static int64_t present_process(struct replay *replay)
{
	struct replay_event event = {0};
	struct error err = {0};

	if (!replay->source->event(
		    replay->source->context, replay->seq, &event, &err)) {
		return 0; /* drawing the events says what is wrong */
	}
	replay_event_finish(&event);
	return event.process;
}

static void draw_process(const struct replay *replay, const struct area *line,
	const struct replay_process *process, bool is_present)
{
	const attr_t style =
		is_present ? A_REVERSE
			   : screen_style(&replay->screen,
				     process->waits ? STYLE_STRONG : STYLE_PLAIN);
	char *text = xasprintf("%s%*s%" PRId64 " %s%s", is_present ? "> " : "  ",
		2 * process->depth, "", process->pid, process->waits ? "WAITS " : "",
		process->words);
	char *shown = cut(text, line->columns);

	(void)put(replay, line, 0, line->columns, style, shown);
	free(shown);
	free(text);
}

static void draw_processes(struct replay *replay, const struct area *area)
{
	const struct replay_source *source = replay->source;
	const int64_t present = present_process(replay);
	const size_t room = (size_t)(area->rows - 1);
	struct replay_process *list = NULL;
	struct error err = {0};
	size_t count = 0, at = 0;

	if (!source->processes(source->context, replay->time, &list, &count, &err)) {
		replay_fail(replay, &err);
		return;
	}
	draw_title(replay, area, xasprintf(" Processes: %zu", count));
	while (at < count && list[at].number != present) {
		at++;
	}
	const size_t top = at < count && at >= room ? at - room + 1 : 0;
	for (size_t i = 0; i < room && top + i < count; i++) {
		const struct area line = {.row = area->row + 1 + (int)i,
			.column = area->column,
			.rows = 1,
			.columns = area->columns};
		draw_process(replay, &line, &list[top + i], top + i == at);
	}
	replay_processes_free(list, count);
}

/* ---- The whole ---- */

static void draw_panels(struct replay *replay)
{
	const struct layout layout = place(replay);
	WINDOW *over = replay->screen.over;

	(void)werase(over);
	if (layout.terminal.rows > 1) {
		draw_terminal(replay, &layout.terminal);
	}
	if (layout.events.rows > 1) {
		draw_events(replay, &layout.events);
	}
	if (layout.processes.rows > 1) {
		draw_processes(replay, &layout.processes);
	}
	if (layout.bar_row >= 0) {
		replay_draw_bar(replay, over, layout.bar_row);
	}
}

void replay_draw(struct replay *replay)
{
	struct screen *screen = &replay->screen;
	int row = -1, column = -1;

	screen_set_over(screen, screen->rows - 1);
	if (replay->has_view) {
		view_draw(&replay->view, screen, screen->over, &row, &column);
	} else {
		draw_panels(replay);
	}
	const int typed_at = replay_draw_status(replay);
	if (typed_at >= 0) {
		row = screen->rows - 1;
		column = typed_at;
	}
	screen_update(screen, row, column);
}

void replay_draw_finish(struct replay *replay)
{
	if (replay->pad != NULL) {
		(void)delwin(replay->pad);
	}
	free(replay->bar);
}
