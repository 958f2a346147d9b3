/* SPDX-License-Identifier: MIT */
/* One line of text being typed: a rule, a message, words to search for. */
#ifndef TUI_EDIT_H
#define TUI_EDIT_H

#include "base/text.h"

#include <stdint.h>

enum { EDIT_SIZE = 4096 };

/* Zero-initialise. */
struct edit {
	char bytes[EDIT_SIZE]; /* terminated */
	size_t length, cursor;
};

void edit_begin(struct edit *edit, const char *text);

/* False if the key is none that changes the line or moves in it. */
bool edit_take(struct edit *edit, uint32_t key);

/*
 * The part around the cursor that fits into that many columns, safe to show; owned.
 * *cursor is the column of the cursor in it.
 */
char *edit_show(const struct edit *edit, int columns, int *cursor);

#endif
