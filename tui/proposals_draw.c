/* SPDX-License-Identifier: MIT */
/* A list of the proposals above, all about the selected one below. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tui/lines.h"
#include "tui/proposals_internal.h"

#include <stdlib.h>

enum {
	LIST_ROWS_MIN = 3,
	DETAIL_ROWS_MIN = 4,
	HEADINGS = 2,	     /* the title, and the line between list and details */
	REASON_COLUMNS = 64, /* from that width on a line says its reason */
};

static void draw_title(const struct proposals_screen *proposals, int columns)
{
	char *title = xasprintf(" %s: %zu, %zu accepted | %s", proposals->source->title,
		proposals->count, proposals_accepted(proposals), proposals->summary);

	(void)screen_put(proposals->screen.over, (struct screen_place){0, 0, columns},
		A_REVERSE, title, true);
	free(title);
}

static void draw_item(const struct proposals_screen *proposals, size_t index, int row)
{
	const size_t number = proposals->shown[index];
	const struct tui_proposal *item = &proposals->items[number];
	const int columns = proposals->screen.columns;
	const bool has_reason = columns >= REASON_COLUMNS;
	const int reason = has_reason ? (int)lines_width(item->reason) + 2 : 0;
	const int room = columns - reason > 8 ? columns - reason : 8;
	const bool is_selected = index == proposals->selected;
	const attr_t attributes = is_selected ? A_REVERSE : A_NORMAL;
	char *rule = lines_shorten(item->rule, (size_t)room - 6);
	char *line = xasprintf("%c[%c] %s", is_selected ? '>' : ' ',
		proposals->accepted[number] ? 'x' : ' ', rule);

	(void)screen_put(proposals->screen.over, (struct screen_place){row, 0, columns},
		attributes, line, true);
	if (has_reason) {
		(void)screen_put(proposals->screen.over,
			(struct screen_place){row, columns - reason + 1, reason - 1},
			attributes, item->reason, false);
	}
	free(line);
	free(rule);
}

static void draw_list(struct proposals_screen *proposals, size_t rows)
{
	if (proposals->selected < proposals->top) {
		proposals->top = proposals->selected;
	} else if (proposals->selected >= proposals->top + rows) {
		proposals->top = proposals->selected + 1 - rows;
	}
	for (size_t i = 0; i < rows && proposals->top + i < proposals->shown_count;
		i++) {
		draw_item(proposals, proposals->top + i, (int)i + 1);
	}
}

/* One line of details into lines of the screen. */
static void add_detail(struct lines *lines, const char *begin, size_t length)
{
	const char *tab = memchr(begin, '\t', length);
	const size_t label_length = tab != NULL ? (size_t)(tab - begin) : 0;
	const size_t start = tab != NULL ? label_length + 1 : 0;
	char *label = xmemdup0(begin, label_length);
	char *value = xmemdup0(begin + start, length - start);

	lines_field(lines, label, value, 0);
	free(label);
	free(value);
}

static const char *details_of(struct proposals_screen *proposals)
{
	const struct tui_proposals *source = proposals->source;
	const size_t item = proposals_item(proposals);

	if (proposals->details == NULL || proposals->details_of != item) {
		free(proposals->details);
		proposals->details = source->details(source->context, item);
		proposals->details_of = item;
	}
	return proposals->details;
}

static void compose_details(struct proposals_screen *proposals, struct lines *lines)
{
	const char *at = details_of(proposals);

	if (proposals->message != NULL) {
		lines_field(lines, "NOTE", proposals->message, 0);
	}
	while (*at != '\0') {
		const size_t length = strcspn(at, "\n");
		add_detail(lines, at, length);
		at += length + (at[length] == '\n' ? 1 : 0);
	}
}

static size_t count_lines(const struct lines *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < lines->length; i++) {
		count += lines->bytes[i] == '\n';
	}
	return count;
}

static void draw_details(struct proposals_screen *proposals, int row, size_t rows)
{
	const int columns = proposals->screen.columns;
	struct lines lines = {.columns = columns > LINES_COLUMNS_MAX ? LINES_COLUMNS_MAX
					 : columns < LINES_COLUMNS_MIN
						 ? LINES_COLUMNS_MIN
						 : (unsigned)columns};

	compose_details(proposals, &lines);
	const size_t count = count_lines(&lines);
	const size_t most = count > rows ? count - rows : 0;
	const char *at = lines.bytes != NULL ? lines.bytes : "";
	proposals->detail_top =
		proposals->detail_top > most ? most : proposals->detail_top;
	proposals->detail_rows = rows;
	proposals->detail_lines = count;
	for (size_t i = 0; i < count; i++) {
		const size_t length = strcspn(at, "\n");
		if (i >= proposals->detail_top && i < proposals->detail_top + rows) {
			char *line = xmemdup0(at, length);
			(void)screen_put(proposals->screen.over,
				(struct screen_place){
					row + (int)(i - proposals->detail_top), 0,
					columns},
				A_NORMAL, line, true);
			free(line);
		}
		at += length + 1;
	}
	lines_finish(&lines);
}

/* How many are shown, and why not all. */
static char *shown_words(const struct proposals_screen *proposals)
{
	return proposals->vectors == 0
		       ? xasprintf("%zu", proposals->shown_count)
		       : xasprintf("%zu that have to do with %s, %zu in all",
				 proposals->shown_count,
				 vector_name(vector_foremost(proposals->vectors)),
				 proposals->count);
}

/* What does not fit is said, since it would not be missed. */
static void draw_between(const struct proposals_screen *proposals, int row)
{
	const size_t below =
		proposals->detail_lines > proposals->detail_top + proposals->detail_rows
			? proposals->detail_lines - proposals->detail_top -
				  proposals->detail_rows
			: 0;
	char *which = shown_words(proposals);
	char *line = below > 0 ? xasprintf(" Rule %zu of %s (%zu more line%s: Space) ",
					 proposals->selected + 1, which, below,
					 below == 1 ? "" : "s")
			       : xasprintf(" Rule %zu of %s ", proposals->selected + 1,
					 which);

	(void)screen_put(proposals->screen.over,
		(struct screen_place){row, 0, proposals->screen.columns}, A_REVERSE,
		line, true);
	free(line);
	free(which);
}

static void draw_whole(struct proposals_screen *proposals)
{
	const int rows = getmaxy(proposals->screen.over);
	int list = (rows - HEADINGS) / 2;

	if (list < LIST_ROWS_MIN &&
		rows >= HEADINGS + LIST_ROWS_MIN + DETAIL_ROWS_MIN) {
		list = LIST_ROWS_MIN;
	}
	list = list > (int)proposals->shown_count ? (int)proposals->shown_count : list;
	list = list < 1 ? 1 : list;
	(void)werase(proposals->screen.over);
	draw_title(proposals, proposals->screen.columns);
	if (proposals->count == 0) {
		(void)screen_put(proposals->screen.over,
			(struct screen_place){1, 0, proposals->screen.columns},
			A_NORMAL, " Nothing is left to decide.", true);
		return;
	}
	draw_list(proposals, (size_t)list);
	const int left = rows - HEADINGS - list;
	draw_details(proposals, list + HEADINGS, left > 0 ? (size_t)left : 0);
	draw_between(proposals, list + 1);
}

/* ---- The status line ---- */

static char *status_words(const struct proposals_screen *proposals)
{
	const size_t accepted = proposals_accepted(proposals);
	const char *where = proposals->in_project ? "for this project" : "always";

	if (proposals->mode == PROPOSALS_STORING) {
		return xasprintf(" store %zu rule%s, %s? y stores, any other key does "
				 "not",
			accepted, accepted == 1 ? "" : "s", where);
	}
	if (proposals->mode == PROPOSALS_LEAVING) {
		return xasprintf(
			" %zu accepted, none stored: leave? y leaves", accepted);
	}
	if (proposals->mode == PROPOSALS_HELP) {
		return key_hints(CONTEXT_VIEW, " {close} back to the rules");
	}
	if (proposals->count == 0) {
		return key_hints(CONTEXT_PROPOSALS, " {undo} undo  {close} leave");
	}
	if (proposals->screen.columns < REASON_COLUMNS) {
		return key_hints(CONTEXT_PROPOSALS,
			" {accept} accept  {wider} {narrower} wider  {store} store  "
			"{help} help");
	}
	/* 80 columns hold one of the two, and who changed something knows the keys. */
	const char *turn = proposals->past_count > 0 ? "{undo} undo" : "{split} split";
	char *words = xasprintf(" {accept} accept  {wider} wider  {narrower} narrower  "
				"%s  {drop} drop  {store} store (%s)  {help} help",
		turn, where);
	char *hints = key_hints(CONTEXT_PROPOSALS, words);
	free(words);
	return hints;
}

static void draw_status(const struct proposals_screen *proposals)
{
	const struct screen *screen = &proposals->screen;
	const enum screen_style style =
		proposals->mode == PROPOSALS_LIST ? STYLE_REVERSED : STYLE_ALERT;
	char *words = status_words(proposals);

	(void)screen_put(screen->status, (struct screen_place){0, 0, screen->columns},
		screen_style(screen, style), words, true);
	free(words);
}

void proposals_draw(struct proposals_screen *proposals)
{
	struct screen *screen = &proposals->screen;
	int row = -1;
	int column = 0;

	screen_set_over(screen, screen->rows - 1);
	if (proposals->mode == PROPOSALS_HELP) {
		view_draw(&proposals->help, screen, screen->over, &row, &column);
	} else {
		draw_whole(proposals);
	}
	draw_status(proposals);
	screen_update(screen, row, column);
}
