/* SPDX-License-Identifier: MIT */
/* One line of rule text to words. Quotes keep blanks in a word and its meaning plain. */
#ifndef RULES_LEXER_H
#define RULES_LEXER_H

#include "rules/glob.h"

enum { LINE_LENGTH_MAX = 1 << 20 };

struct word {
	struct text text; /* without its quotes; escapes are still in it */
	size_t offset;	  /* of text in the line */
	bool is_quoted;	  /* never a keyword, never a comment */
};

/* Zero-initialise; used again for the next line. */
struct words {
	struct word *words;
	size_t count, capacity;
};
void words_finish(struct words *words);

/* Splits a line at blanks up to a comment; false with error. */
bool lexer_split(struct text line, struct words *words, struct glob_error *error);

#endif
