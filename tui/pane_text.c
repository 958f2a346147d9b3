/* SPDX-License-Identifier: MIT */
/* What stands on the agent's terminal, and has scrolled off it, as lines of text. */
#include "base/text_buffer.h"
#include "base/xalloc.h"
#include "tui/pane_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

static void add_cell(struct text_buffer *text, const VTermScreenCell *cell)
{
	wchar_t characters[CCHARW_MAX + 1];
	char bytes[MB_LEN_MAX];
	mbstate_t state = {0};

	pane_cell_characters(cell, characters);
	for (int i = 0; characters[i] != L'\0'; i++) {
		const size_t length = wcrtomb(bytes, characters[i], &state);
		if (length != (size_t)-1) {
			text_buffer_add(text, (struct text){bytes, length});
		}
	}
}

static void add_line(struct text_buffer *text, const VTermScreenCell *cells, int count)
{
	size_t end = text->length;

	for (int column = 0; column < count;) {
		add_cell(text, &cells[column]);
		if (text->length > end && text->bytes[text->length - 1] != ' ') {
			end = text->length;
		}
		column += cells[column].width == 2 ? 2 : 1;
	}
	text->length = end;
	text_buffer_add_string(text, "\n");
}

/* Not that of a program that draws on all of it: it would have taken it away itself. */
static void add_screen(struct text_buffer *text, const struct pane *pane)
{
	VTermScreenCell *cells = xcalloc((size_t)pane->columns, sizeof(*cells));

	for (int row = 0; row < pane->rows && !pane->is_alternate; row++) {
		for (int column = 0; column < pane->columns; column++) {
			const VTermPos at = {.row = row, .col = column};
			(void)vterm_screen_get_cell(pane->screen, at, &cells[column]);
		}
		add_line(text, cells, pane->columns);
	}
	free(cells);
}

char *pane_text(struct pane *pane)
{
	struct text_buffer text = {0};

	pane_process(pane);
	for (int i = 0; i < pane->history_count; i++) {
		const struct pane_line *line = pane_history_line(pane, i);
		add_line(&text, line->cells, line->count);
	}
	add_screen(&text, pane);
	while (text.length > 0 && text.bytes[text.length - 1] == '\n') {
		text.length--;
	}
	if (text.length == 0) {
		free(text.bytes);
		return NULL;
	}
	text_buffer_add_string(&text, "\n");
	return text.bytes;
}
