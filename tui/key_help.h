/* SPDX-License-Identifier: MIT */
/* The table of keys as lines of a view. */
#ifndef TUI_KEY_HELP_H
#define TUI_KEY_HELP_H

#include "tui/view.h"

/* Adds what each key does there, under its title, in lines of so many columns. */
void key_help_add(struct view *view, enum key_context context, int columns);
/* Adds a sentence, broken between words. */
void key_help_add_words(struct view *view, const char *words, int columns);

#endif
