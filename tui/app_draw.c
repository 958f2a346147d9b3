/* SPDX-License-Identifier: MIT */
/* The whole screen: the pane, the box or view over it, and the status line. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_internal.h"
#include "tui/lines.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ROWS_LEFT_MIN = 2, HINT_COLUMNS_MIN = 60 };

/* Where the cursor is to stand; row -1: nowhere. */
struct cursor {
	int row, column;
};

/* ---- The status line ---- */

static char *state_words(const struct app *app)
{
	const size_t count = app->questions.count;

	if (app->mode == APP_PREFIX) {
		return key_hints(CONTEXT_PREFIX,
			"{questions} {processes} {events} {rules} {summary}: views  "
			"{detach} detach  {pause} pause  {undo} undo  {scroll} scroll  "
			"{help} help");
	}
	if (app->mode == APP_SCROLL && app->is_scroll_searching) {
		char *words = escape_copy(text_of(app->scroll_search.bytes));
		char *line = xasprintf("search: %s_", words);
		free(words);
		return line;
	}
	if (app->mode == APP_SCROLL) {
		char *keys = key_hints(CONTEXT_SCROLL, "{search} search  {close} back");
		char *line = xasprintf("%d of %d lines up  %s",
			pane_scrolled(app->pane), pane_history_count(app->pane), keys);
		free(keys);
		return line;
	}
	if (app->message != NULL) {
		return xstrdup(app->message);
	}
	if (count > 0) {
		char *keys = key_hints(CONTEXT_PREFIX,
			app->mode == APP_PANE ? ": {prefix} {questions}" : "");
		const char *does = count == 1 ? " waits" : "s wait";
		char *line = xasprintf("%zu question%s%s", count, does, keys);
		free(keys);
		return line;
	}
	if (app->is_paused) {
		return key_hints(CONTEXT_PREFIX, "paused: {prefix} {pause} goes on");
	}
	return escape_copy(pane_title(app->pane));
}

static void draw_status(struct app *app)
{
	struct screen *screen = &app->screen;
	const bool is_alert = app->questions.count > 0 || app->is_paused;
	const attr_t style = screen_style(screen, STYLE_REVERSED);
	const bool has_hint = screen->columns >= HINT_COLUMNS_MIN &&
			      app->mode != APP_PREFIX && app->message == NULL;
	char *hint =
		key_hints(CONTEXT_PREFIX, has_hint ? " {prefix} {help} help " : "");
	const int room = screen->columns - (int)strlen(hint);
	const bool has_command = screen->columns >= HINT_COLUMNS_MIN;
	char *left = xasprintf(" duenna %" PRId64 " | %s%s%s", app->session,
		has_command ? app->command : "", app->is_paused ? " (paused)" : "",
		has_command || app->is_paused ? " | " : "");
	char *words = state_words(app);

	const int used = screen_put(
		screen->status, (struct screen_place){0, 0, room}, style, left, true);
	char *shortened = lines_shorten(words, room > used ? (size_t)(room - used) : 0);
	(void)screen_put(screen->status,
		(struct screen_place){0, used, room > used ? room - used : 0},
		is_alert ? screen_style(screen, STYLE_ALERT) : style, shortened, true);
	/* The last cell of a terminal's last line is drawn too: ncurses knows how. */
	(void)screen_put(screen->status,
		(struct screen_place){0, room, screen->columns - room}, style, hint,
		true);
	free(shortened);
	free(words);
	free(left);
	free(hint);
}

/* ---- A question ---- */

static void draw_box(struct app *app, struct cursor *cursor)
{
	struct screen *screen = &app->screen;
	const struct box_frame frame = {
		.columns = screen->columns,
		.rows_max = screen->rows - 1 - ROWS_LEFT_MIN,
		.position = questions_position(&app->questions, app->current) + 1,
		.open_count = app->questions.count,
		.now_ms = app_now_ms(),
		.is_armed = app->armed_at == 0,
		.is_paused = app->is_paused,
	};

	question_box_compose(&app->question, &frame, &app->box);
	screen_set_over(screen, (int)app->box.count);
	(void)werase(screen->over);
	for (size_t i = 0; i < app->box.count; i++) {
		(void)screen_put(screen->over,
			(struct screen_place){(int)i, 0, screen->columns},
			screen_style(screen, app->box.lines[i].style),
			app->box.lines[i].text, true);
	}
	app->is_shown = true;
	if (app->box.cursor_row >= 0) {
		cursor->row = getbegy(screen->over) + app->box.cursor_row;
		cursor->column = app->box.cursor_column;
	}
}

/* ---- The whole ---- */

static void draw_over(struct app *app, struct cursor *cursor)
{
	struct screen *screen = &app->screen;

	if (app->mode == APP_QUESTION && app->current != 0) {
		draw_box(app, cursor);
	} else if (app->mode == APP_VIEW) {
		screen_set_over(screen, screen->rows - 1);
		view_draw(&app->view, screen, screen->over, &cursor->row,
			&cursor->column);
		app->is_shown = true;
	} else {
		screen_set_over(screen, 0);
	}
}

static bool keys_go_to_agent(const struct app *app)
{
	return app->mode == APP_PANE || app->mode == APP_PREFIX;
}

void app_draw(struct app *app)
{
	struct screen *screen = &app->screen;
	struct cursor cursor = {.row = -1};

	if (pane_is_damaged(app->pane)) {
		pane_draw(app->pane, screen->pane);
	}
	if (pane_take_bell(app->pane)) {
		(void)beep();
	}
	draw_over(app, &cursor);
	draw_status(app);
	screen->has_mouse = app_wants_mouse(app);
	screen_mirror_modes(
		screen, keys_go_to_agent(app) ? pane_modes(app->pane) : NULL);
	if (keys_go_to_agent(app)) {
		if (!pane_cursor(app->pane, &cursor.row, &cursor.column)) {
			cursor.row = -1;
		}
		screen_set_cursor_shape(screen, pane_cursor_shape(app->pane));
	} else {
		screen_set_cursor_shape(screen, 0);
	}
	app->is_dirty = false;
	screen_update(screen, cursor.row, cursor.column);
}
