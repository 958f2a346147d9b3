/* SPDX-License-Identifier: MIT */
/* What terminfo says of the person's terminal; its own header has names of all kinds. */
#ifndef TUI_TERMINAL_KIND_H
#define TUI_TERMINAL_KIND_H

#include <stdbool.h>

/* Whether TERM names a terminal that can be drawn on; false for a dumb one. */
bool terminal_kind_can_draw(int input, int output);

/* Whether the terminal that is open under ncurses can change its cursor's shape. */
bool terminal_kind_has_cursor_shapes(void);

#endif
