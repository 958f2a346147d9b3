/* SPDX-License-Identifier: MIT */
/*
 * The word that questions of one session begin with. The tree never sees it, so its
 * output cannot pass for a question.
 */
#ifndef TUI_WORD_H
#define TUI_WORD_H

#include <stddef.h>

enum { WORD_SIZE = 24 };

/* Chooses one at random: two words and a hyphen, easily read aloud. */
void word_choose(char word[WORD_SIZE]);

#endif
