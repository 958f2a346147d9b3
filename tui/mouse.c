/* SPDX-License-Identifier: MIT */
#include "tui/mouse.h"

enum {
	BUTTON_LEFT = 0,
	BUTTON_WHEEL_UP = 64,
	BUTTON_WHEEL_DOWN = 65,
	MODIFIERS = 4 | 8 | 16, /* shift, meta, control */
	NUMBER_MAX = 99999,
};

/* Digits up to the byte that ends them; -1: there is something else. */
static int number_take(struct text *rest, const char *ends)
{
	int number = -1;
	size_t i = 0;

	for (; i < rest->length; i++) {
		const char byte = rest->bytes[i];
		if (byte < '0' || byte > '9') {
			break;
		}
		number = (number < 0 ? 0 : number) * 10 + (byte - '0');
		if (number > NUMBER_MAX) {
			return -1;
		}
	}
	if (i == rest->length || strchr(ends, rest->bytes[i]) == NULL ||
		rest->bytes[i] == '\0') {
		return -1;
	}
	rest->bytes += i + 1;
	rest->length -= i + 1;
	return number;
}

bool mouse_read(struct text bytes, struct mouse *mouse)
{
	if (!text_starts_with(bytes, "\x1b[<")) {
		return false;
	}
	struct text rest = {bytes.bytes + 3, bytes.length - 3};
	const int button = number_take(&rest, ";");
	const int column = button >= 0 ? number_take(&rest, ";") : -1;
	const int row = column > 0 ? number_take(&rest, "M") : -1;

	if (row < 1 || rest.length > 0) {
		return false;
	}
	switch (button & ~MODIFIERS) {
	case BUTTON_LEFT:
		*mouse = (struct mouse){MOUSE_CLICK, row - 1, column - 1};
		return true;
	case BUTTON_WHEEL_UP:
		*mouse = (struct mouse){MOUSE_WHEEL_UP, row - 1, column - 1};
		return true;
	case BUTTON_WHEEL_DOWN:
		*mouse = (struct mouse){MOUSE_WHEEL_DOWN, row - 1, column - 1};
		return true;
	default:
		return false;
	}
}
