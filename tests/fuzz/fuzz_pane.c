/* SPDX-License-Identifier: MIT */
/*
 * The agent's terminal: whatever bytes come, however they are cut and resized, it keeps
 * its promises, and what is drawn of it holds no control character, so that no sequence
 * of the agent gets to the person's terminal.
 */
#include "base/error.h"
#include "tui/pane.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <wctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 12, COLUMNS = 40, ROWS_MAX = 40, COLUMNS_MAX = 120, PIECE_MAX = 64 };

static WINDOW *window;

static void take_reply(struct text bytes, void *context)
{
	size_t *length = context;

	*length += bytes.length;
}

/* Windows need a screen, which draws to nowhere. */
static void open_screen(void)
{
	FILE *nothing = fopen("/dev/null", "r+e");

	(void)setlocale(LC_ALL, "C.UTF-8");
	invariant(nothing != NULL);
	invariant(newterm("xterm-256color", nothing, nothing) != NULL);
	(void)start_color();
	(void)use_default_colors();
	window = newwin(ROWS_MAX, COLUMNS_MAX, 0, 0);
}

static void check_drawn(struct pane *pane, int rows, int columns)
{
	int row;
	int column;

	(void)werase(window);
	pane_damage_all(pane);
	pane_draw(pane, window);
	for (int i = 0; i < rows * columns; i++) {
		cchar_t cell;
		wchar_t characters[CCHARW_MAX + 1] = L"";
		attr_t attributes;
		short pair;
		(void)mvwin_wch(window, i / columns, i % columns, &cell);
		(void)getcchar(&cell, characters, &attributes, &pair, NULL);
		for (const wchar_t *at = characters; *at != L'\0'; at++) {
			invariant(!iswcntrl((wint_t)*at));
		}
	}
	(void)pane_cursor(pane, &row, &column);
	invariant(row >= 0 && row < rows && column >= 0 && column < columns);
	invariant(pane_scrolled(pane) <= pane_history_count(pane));
	invariant(pane_history_count(pane) <= PANE_HISTORY_MAX);
}

/* The first byte of each piece says how long it is and what is done after it. */
static void play(struct pane *pane, struct text bytes)
{
	int rows = ROWS;
	int columns = COLUMNS;

	while (bytes.length > 0) {
		const unsigned wish = (unsigned char)bytes.bytes[0];
		size_t length = wish % PIECE_MAX + 1;
		bytes.bytes++;
		bytes.length--;
		length = length < bytes.length ? length : bytes.length;
		pane_write(pane, (struct text){bytes.bytes, length});
		bytes.bytes += length;
		bytes.length -= length;
		if (wish >= 0xf0) {
			rows = 1 + (int)(wish * 7 % ROWS_MAX);
			columns = 2 + (int)(wish * 13 % (COLUMNS_MAX - 2));
			pane_resize(pane, rows, columns);
		} else if (wish >= 0xe0) {
			pane_scroll_to(pane, (int)wish - 0xe0);
			(void)pane_search_up(pane, "x");
		}
		pane_process(pane);
		check_drawn(pane, rows, columns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t replied = 0;

	if (window == NULL) {
		open_screen();
	}
	struct pane *pane = pane_new(ROWS, COLUMNS, take_reply, &replied);
	check_drawn(pane, ROWS, COLUMNS);
	play(pane, (struct text){(const char *)data, size});
	/* What is asked of a terminal is answered shortly: no flood comes back. */
	invariant(replied <= 64 * (size + 1));
	(void)pane_title(pane);
	(void)pane_take_bell(pane);
	pane_free(pane);
	return 0;
}
