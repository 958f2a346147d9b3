/* SPDX-License-Identifier: MIT */
/* What a terminal says of its mouse, in the form that Duenna asks for (SGR, mode 1006). */
#ifndef TUI_MOUSE_H
#define TUI_MOUSE_H

#include "base/text.h"

enum mouse_deed { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse {
	enum mouse_deed deed;
	int row, column; /* from 0 */
};

/*
 * False for all that means nothing here: other buttons, buttons let go, movement, and
 * what is no report of a mouse.
 */
bool mouse_read(struct text bytes, struct mouse *mouse);

#endif
