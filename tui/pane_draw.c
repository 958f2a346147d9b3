/* SPDX-License-Identifier: MIT */
/* Cells of the agent's terminal as those of ncurses, in the colours that there are. */
#include "base/xalloc.h"
#include "tui/direct_colour.h"
#include "tui/pane_internal.h"

#include <stdlib.h>
#include <wchar.h>

enum {
	COLOURS_MANY = 256,
	COLOURS_BRIGHT = 16,
	COLOURS_FEW = 8,
	REPLACEMENT = 0xfffd,
};

/* ---- Colours ---- */

/* The nearest of the 6x6x6 cube, or of the greys. */
static int nearest_of_many(int red, int green, int blue)
{
	static const int levels[] = {0, 95, 135, 175, 215, 255};
	const int parts[] = {red, green, blue};
	int nearest[3];
	int distance = 0;

	for (int part = 0; part < 3; part++) {
		nearest[part] = 0;
		for (int level = 1; level < 6; level++) {
			if (abs(levels[level] - parts[part]) <
				abs(levels[nearest[part]] - parts[part])) {
				nearest[part] = level;
			}
		}
		distance += abs(levels[nearest[part]] - parts[part]);
	}
	const int average = (red + green + blue) / 3;
	const int grey = average < 8 ? 0 : average > 238 ? 23 : (average - 3) / 10;
	const int shade = 8 + 10 * grey;
	if (abs(shade - red) + abs(shade - green) + abs(shade - blue) < distance) {
		return 232 + grey;
	}
	return 16 + 36 * nearest[0] + 6 * nearest[1] + nearest[2];
}

static int nearest_of_few(int red, int green, int blue)
{
	enum { HALF = 128, BRIGHT = 192 };
	const int colour = (red >= HALF ? COLOR_RED : 0) |
			   (green >= HALF ? COLOR_GREEN : 0) |
			   (blue >= HALF ? COLOR_BLUE : 0);
	const bool is_bright = red > BRIGHT || green > BRIGHT || blue > BRIGHT;

	return COLORS >= COLOURS_BRIGHT && is_bright ? colour + COLOURS_FEW : colour;
}

/* The lowest numbers stand for the person's own palette. */
static int direct_colour(const struct pane *pane, VTermColor colour)
{
	const int palette =
		direct_colour_is_in_use() ? DIRECT_COLOUR_PALETTE : COLOURS_FEW;

	if (VTERM_COLOR_IS_INDEXED(&colour) && colour.indexed.idx < palette) {
		return colour.indexed.idx;
	}
	vterm_screen_convert_color_to_rgb(pane->screen, &colour);
	const int value =
		colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue;
	/* A dark blue, then, with the least of green. */
	return value >= palette ? value : palette == COLOURS_FEW ? 0 : value | 1 << 8;
}

static int colour_number(const struct pane *pane, VTermColor colour)
{
	if ((colour.type & VTERM_COLOR_DEFAULT_MASK) != 0) {
		return -1;
	}
	if (COLORS >= DIRECT_COLOURS) {
		return direct_colour(pane, colour);
	}
	if (VTERM_COLOR_IS_INDEXED(&colour) && colour.indexed.idx < COLORS) {
		return colour.indexed.idx;
	}
	vterm_screen_convert_color_to_rgb(pane->screen, &colour);
	return COLORS >= COLOURS_MANY ? nearest_of_many(colour.rgb.red,
						colour.rgb.green, colour.rgb.blue)
				      : nearest_of_few(colour.rgb.red, colour.rgb.green,
						colour.rgb.blue);
}

static int pair_of(const struct pane *pane, const VTermScreenCell *cell)
{
	static VTermColor last_fg, last_bg; /* neighbours mostly look the same */
	static int last_pair = -1;

	if (!has_colors()) {
		return 0;
	}
	if (last_pair < 0 || !vterm_color_is_equal(&last_fg, &cell->fg) ||
		!vterm_color_is_equal(&last_bg, &cell->bg)) {
		const int fg = colour_number(pane, cell->fg);
		const int bg = colour_number(pane, cell->bg);
		last_fg = cell->fg;
		last_bg = cell->bg;
		last_pair = fg < 0 && bg < 0 ? 0 : alloc_pair(fg, bg);
		last_pair = last_pair < 0 ? 0 : last_pair;
	}
	return last_pair;
}

static attr_t attributes_of(const VTermScreenCell *cell)
{
	return (cell->attrs.bold ? A_BOLD : 0) |
	       (cell->attrs.font == PANE_FONT_FAINT ? A_DIM : 0) |
	       (cell->attrs.underline ? A_UNDERLINE : 0) |
	       (cell->attrs.italic ? A_ITALIC : 0) | (cell->attrs.blink ? A_BLINK : 0) |
	       (cell->attrs.reverse ? A_REVERSE : 0);
}

/* ---- Cells ---- */

void pane_cell_characters(const VTermScreenCell *cell, wchar_t *characters)
{
	int count = 0;

	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && i < CCHARW_MAX; i++) {
		const wchar_t character = (wchar_t)cell->chars[i];
		if (character == 0 || (i > 0 && wcwidth(character) != 0)) {
			break;
		}
		characters[count++] = character;
	}
	if (count == 0) {
		characters[count++] = L' ';
	} else if (wcwidth(characters[0]) != cell->width) {
		characters[0] = wcwidth(REPLACEMENT) == 1 ? REPLACEMENT : L'?';
		count = 1;
	}
	characters[count] = L'\0';
}

static void draw_cells(const struct pane *pane, WINDOW *window, int row,
	const VTermScreenCell *cells, int count)
{
	int column = 0;

	(void)wmove(window, row, 0);
	(void)wattrset(window, A_NORMAL);
	(void)wclrtoeol(window);
	while (column < count && column < getmaxx(window)) {
		wchar_t characters[CCHARW_MAX + 1];
		cchar_t drawn;
		int pair = pair_of(pane, &cells[column]);
		pane_cell_characters(&cells[column], characters);
		if (setcchar(&drawn, characters, attributes_of(&cells[column]), 0,
			    &pair) == OK) {
			(void)mvwadd_wchnstr(window, row, column, &drawn, 1);
		}
		column += cells[column].width == 2 ? 2 : 1;
	}
}

static void draw_row(
	const struct pane *pane, WINDOW *window, int row, VTermScreenCell *cells)
{
	const int line = pane->history_count - pane->scrolled + row;

	if (pane->scrolled > 0 && line < pane->history_count) {
		const struct pane_line *old = pane_history_line(pane, line);
		draw_cells(pane, window, row, old->cells, old->count);
		return;
	}
	const int shown = row - pane->scrolled;
	for (int column = 0; column < pane->columns; column++) {
		const VTermPos at = {.row = shown, .col = column};
		(void)vterm_screen_get_cell(pane->screen, at, &cells[column]);
	}
	draw_cells(pane, window, row, cells, pane->columns);
}

void pane_draw(struct pane *pane, WINDOW *window)
{
	pane_process(pane);
	vterm_screen_flush_damage(pane->screen);
	VTermScreenCell *cells = xcalloc((size_t)pane->columns, sizeof(*cells));
	for (int row = 0; row < pane->rows && row < getmaxy(window); row++) {
		if (pane->is_damaged[row] || pane->scrolled > 0) {
			pane->is_damaged[row] = false;
			draw_row(pane, window, row, cells);
		}
	}
	free(cells);
	pane->has_damage = false;
}
