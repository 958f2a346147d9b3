/* SPDX-License-Identifier: MIT */
#include "tui/view.h"

#include "base/xalloc.h"
#include "tui/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAME_ROWS = 2 }; /* the title, and the line of hints and prompts */

static int rows_above(const struct view *view)
{
	return view->heading != NULL ? 2 : 1;
}

/* For the lines themselves. */
static size_t room_in(const struct view *view, int rows)
{
	const int frame = FRAME_ROWS - 1 + rows_above(view);

	return rows > frame ? (size_t)(rows - frame) : 1;
}

void view_finish(struct view *view)
{
	view_clear(view);
	free(view->rows);
	free(view->head);
	free(view->prompt_words);
	free(view->problem);
	*view = (struct view){0};
}

void view_clear(struct view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		free(view->rows[i].text);
	}
	view->count = 0;
}

static bool has_words(const char *text, const char *words)
{
	return *words == '\0' || strcasestr(text, words) != NULL;
}

void view_add(struct view *view, int64_t id, enum screen_style style, char *safe)
{
	if (view->filter_words == NULL && !has_words(safe, view->filter)) {
		free(safe);
		return;
	}
	if (view->count == view->capacity) {
		view->capacity = 2 * view->capacity + 64;
		view->rows =
			xreallocarray(view->rows, view->capacity, sizeof(*view->rows));
	}
	view->rows[view->count++] =
		(struct view_row){.text = safe, .id = id, .style = style};
}

int64_t view_selected_id(const struct view *view)
{
	return view->selected < view->count ? view->rows[view->selected].id : 0;
}

void view_filled(struct view *view, int64_t id)
{
	for (size_t i = 0; id != 0 && i < view->count; i++) {
		if (view->rows[i].id == id) {
			view->selected = i;
			break;
		}
	}
	if (view->count == 0) {
		view->selected = 0;
	} else if (view->is_at_end || view->selected >= view->count) {
		view->selected = view->count - 1;
	}
}

void view_set_problem(struct view *view, const char *safe)
{
	free(view->problem);
	view->problem = safe != NULL ? xstrdup(safe) : NULL;
}

void view_ask(struct view *view, enum view_prompt prompt, char *words, const char *text)
{
	free(view->prompt_words);
	view->prompt_words = words;
	view->prompt = prompt;
	edit_begin(&view->prompt_edit, text);
}

/* ---- Moving ---- */

static void move_by(struct view *view, long lines)
{
	const long last = view->count > 0 ? (long)view->count - 1 : 0;
	long to = (long)view->selected + lines;

	to = to < 0 ? 0 : to > last ? last : to;
	view->selected = (size_t)to;
	view->is_at_end = view->is_at_end && to == last;
}

/* What is only read moves as a whole: the selection is its first line. */
static void move_to(struct view *view, enum command_key command, int rows)
{
	const size_t room = room_in(view, rows);
	const long page = room > 1 ? (long)room - 1 : 1;

	switch ((int)command) {
	case COMMAND_UP:
		move_by(view, -1);
		break;
	case COMMAND_DOWN:
		move_by(view, 1);
		break;
	case COMMAND_PAGE_UP:
		move_by(view, -page);
		break;
	case COMMAND_PAGE_DOWN:
		move_by(view, page);
		break;
	case COMMAND_TOP:
		move_by(view, -(long)view->count);
		break;
	default:
		move_by(view, (long)view->count);
		break;
	}
}

static void search_on(struct view *view, bool from_here)
{
	for (size_t i = from_here ? 0 : 1; i <= view->count && view->count > 0; i++) {
		const size_t at = (view->selected + i) % view->count;
		if (has_words(view->rows[at].text, view->search)) {
			view->selected = at;
			view->is_at_end = false;
			return;
		}
	}
	view_set_problem(view, "not found");
}

/* ---- Keys ---- */

static enum view_result take_prompt(struct view *view, uint32_t key)
{
	const enum view_prompt prompt = view->prompt;

	if (prompt == PROMPT_CONFIRM) {
		view->prompt = PROMPT_NONE;
		return key == 'y' ? VIEW_CONFIRMED : VIEW_TAKEN;
	}
	if (key == KEY_ESC) {
		view->prompt = PROMPT_NONE;
		return VIEW_TAKEN;
	}
	if (key != KEY_RETURN) {
		(void)edit_take(&view->prompt_edit, key);
		return VIEW_TAKEN;
	}
	view->prompt = PROMPT_NONE;
	if (prompt == PROMPT_TEXT) {
		return VIEW_TYPED;
	}
	char *to = prompt == PROMPT_SEARCH ? view->search : view->filter;
	(void)snprintf(to, EDIT_SIZE, "%s", view->prompt_edit.bytes);
	if (prompt == PROMPT_FILTER) {
		return VIEW_REFILL;
	}
	search_on(view, true);
	return VIEW_TAKEN;
}

enum view_result view_take(struct view *view, uint32_t key, int rows)
{
	view_set_problem(view, NULL);
	if (view->prompt != PROMPT_NONE) {
		return take_prompt(view, key);
	}
	const enum command_key command = key_command(CONTEXT_VIEW, key);
	if (command >= COMMAND_UP && command <= COMMAND_BOTTOM) {
		move_to(view, command, rows);
	} else if (command == COMMAND_SEARCH) {
		view_ask(view, PROMPT_SEARCH, NULL, "");
	} else if (command == COMMAND_SEARCH_NEXT) {
		search_on(view, false);
	} else if (command == COMMAND_FILTER) {
		view_ask(view, PROMPT_FILTER, NULL, view->filter);
	} else {
		return VIEW_OTHER;
	}
	return VIEW_TAKEN;
}

/* ---- The mouse ---- */

enum view_click view_click(struct view *view, int row, int rows)
{
	const int above = rows_above(view);
	const size_t index = view->top + (size_t)(row > above ? row - above : 0);

	if (view->prompt != PROMPT_NONE || view->is_text) {
		return VIEW_CLICKED_NOTHING;
	}
	if (view->heading != NULL && row == 1) {
		return VIEW_CLICKED_HEADING;
	}
	if (row < above || row >= rows - 1 || index >= view->count) {
		return VIEW_CLICKED_NOTHING;
	}
	view_set_problem(view, NULL);
	if (index == view->selected) {
		return VIEW_CLICKED_SELECTED;
	}
	view->is_at_end = view->is_at_end && index + 1 == view->count;
	view->selected = index;
	return VIEW_CLICKED_LINE;
}

void view_wheel(struct view *view, int lines)
{
	if (view->prompt == PROMPT_NONE) {
		move_by(view, lines);
	}
}

/* ---- Drawing ---- */

static void draw_title(struct view *view, WINDOW *window, int columns)
{
	char *filter = *view->filter != '\0' ? xasprintf(" with \"%s\"", view->filter)
					     : xstrdup("");
	char *place = view->is_text ? xasprintf("%zu lines", view->count)
				    : xasprintf("%zu of %zu",
					      view->count > 0 ? view->selected + 1 : 0,
					      view->count);
	char *title =
		xasprintf(" %s%s%s%s (%s)", view->title, view->head != NULL ? ": " : "",
			view->head != NULL ? view->head : "", filter, place);

	(void)screen_put(
		window, (struct screen_place){0, 0, columns}, A_REVERSE, title, true);
	free(title);
	free(place);
	free(filter);
}

static void draw_prompt(
	struct view *view, WINDOW *window, int row, int columns, int *cursor)
{
	static const char *const labels[] = {
		[PROMPT_NONE] = "",
		[PROMPT_SEARCH] = "search: ",
		[PROMPT_FILTER] = "only lines with: ",
		[PROMPT_TEXT] = "",
		[PROMPT_CONFIRM] = "",
	};
	const bool has_own =
		view->prompt == PROMPT_FILTER && view->filter_words != NULL;
	const char *label = view->prompt_words != NULL ? view->prompt_words
			    : has_own		       ? view->filter_words
						       : labels[view->prompt];
	const int used = screen_put(
		window, (struct screen_place){row, 0, columns}, A_BOLD, label, true);

	*cursor = -1;
	if (view->prompt != PROMPT_CONFIRM && used < columns - 1) {
		char *shown = edit_show(&view->prompt_edit, columns - used - 1, cursor);
		(void)screen_put(window,
			(struct screen_place){row, used, columns - used}, A_NORMAL,
			shown, true);
		*cursor += used;
		free(shown);
	}
}

static void draw_row(const struct view *view, const struct screen *screen,
	WINDOW *window, int at, size_t index)
{
	const struct view_row *row = &view->rows[index];
	const bool is_selected = !view->is_text && index == view->selected;
	attr_t attributes = screen_style(screen, row->style);
	char *shortened =
		view->is_text
			? xstrdup(row->text)
			: lines_shorten(row->text,
				  (size_t)(screen->columns > 3 ? screen->columns - 2
							       : 1));
	char *text = xasprintf("%s%s",
		row->is_marked ? "* "
		: is_selected  ? "> "
			       : "  ",
		shortened);

	attributes = is_selected ? A_REVERSE | (attributes & A_BOLD) : attributes;
	(void)screen_put(window, (struct screen_place){at, 0, screen->columns},
		attributes, text, true);
	free(text);
	free(shortened);
}

void view_draw(struct view *view, const struct screen *screen, WINDOW *window, int *row,
	int *column)
{
	const int rows = getmaxy(window);
	const size_t room = room_in(view, rows);

	if (view->selected < view->top || view->is_text) {
		view->top = view->selected;
	} else if (view->selected >= view->top + room) {
		view->top = view->selected + 1 - room;
	}
	if (view->top + room > view->count) {
		view->top = view->count > room ? view->count - room : 0;
	}
	if (view->is_text && view->selected > view->top) {
		view->selected = view->top;
	}
	(void)werase(window);
	draw_title(view, window, screen->columns);
	if (view->heading != NULL) {
		(void)screen_put(window, (struct screen_place){1, 0, screen->columns},
			A_UNDERLINE, view->heading, true);
	}
	for (size_t i = 0; i < room && view->top + i < view->count; i++) {
		draw_row(
			view, screen, window, (int)i + rows_above(view), view->top + i);
	}
	*row = -1;
	if (view->prompt != PROMPT_NONE) {
		draw_prompt(view, window, rows - 1, screen->columns, column);
		*row = *column >= 0 ? rows - 1 : -1;
	} else {
		char *keys = key_hints(CONTEXT_VIEW,
			"{close} close  {search} search  {filter} filter  {help} help");
		(void)screen_put(window,
			(struct screen_place){rows - 1, 0, screen->columns}, A_BOLD,
			view->problem != NULL ? view->problem : keys, true);
		free(keys);
	}
}
