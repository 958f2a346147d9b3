/* SPDX-License-Identifier: MIT */
#include "tui/terminal_kind.h"

#include <ncurses.h>

#include <stdint.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

bool terminal_kind_can_draw(int input, int output)
{
	const char *term = getenv("TERM");
	int found = 0;

	if (!isatty(input) || !isatty(output) || term == NULL || *term == '\0') {
		return false;
	}
	if (setupterm(term, output, &found) != OK) {
		return false;
	}
	const bool can_move = cursor_address != NULL && clear_screen != NULL;
	(void)del_curterm(cur_term);
	return can_move;
}

bool terminal_kind_has_cursor_shapes(void)
{
	/* Wherever there is one, it is the sequence that xterm knows. */
	const char *sequence = tigetstr("Ss");

	return sequence != NULL && (intptr_t)sequence != -1;
}
