/* SPDX-License-Identifier: MIT */
/*
 * The mouse while keys go to Duenna: the wheel moves, a click selects, and a click on a
 * key that is named does what the key does, under the same rules.
 */
#include "tui/app_fill.h"
#include "tui/mouse.h"

enum { WHEEL_LINES = 3 };

bool app_wants_mouse(const struct app *app)
{
	return app->settings.uses_mouse &&
	       (app->mode == APP_QUESTION || app->mode == APP_VIEW ||
		       app->mode == APP_SCROLL);
}

/* The line's key under the column; nothing counts as typed that is not a key. */
static void click_question(struct app *app, const struct mouse *mouse)
{
	const int row =
		app->screen.over != NULL ? mouse->row - getbegy(app->screen.over) : -1;

	if (row < 0 || (size_t)row >= app->box.count) {
		return;
	}
	const struct box_line *line = &app->box.lines[row];
	const uint32_t key = line->hints != NULL ? key_hint_at(line->context,
							   line->hints, mouse->column)
						 : KEY_NONE;
	if (key != KEY_NONE) {
		app_question_key(app, key, true);
		app->last_key = key;
		app->last_key_time = app_monotonic_ms();
	}
}

static void click_view(struct app *app, const struct mouse *mouse)
{
	switch (view_click(&app->view, mouse->row, app->screen.rows - 1)) {
	case VIEW_CLICKED_NOTHING:
	case VIEW_CLICKED_LINE:
		break;
	case VIEW_CLICKED_SELECTED:
		app_open_selected(app);
		break;
	case VIEW_CLICKED_HEADING:
		app_sort_view(app);
		break;
	}
}

void app_take_mouse(struct app *app, struct text bytes)
{
	struct mouse mouse;

	if (!app_wants_mouse(app) || app->is_pasting || !mouse_read(bytes, &mouse)) {
		return;
	}
	const int lines = mouse.deed == MOUSE_WHEEL_UP	   ? -WHEEL_LINES
			  : mouse.deed == MOUSE_WHEEL_DOWN ? WHEEL_LINES
							   : 0;
	app->is_dirty = true;
	if (app->mode == APP_SCROLL && lines != 0) {
		pane_scroll_to(app->pane, pane_scrolled(app->pane) - lines);
	} else if (app->mode == APP_VIEW && lines != 0) {
		view_wheel(&app->view, lines);
	} else if (app->mode == APP_VIEW) {
		click_view(app, &mouse);
	} else if (app->mode == APP_QUESTION && lines == 0) {
		click_question(app, &mouse);
	}
}
