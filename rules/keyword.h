/* SPDX-License-Identifier: MIT */
/* The words that begin a qualifier, and the few other fixed words of rule text. */
#ifndef RULES_KEYWORD_H
#define RULES_KEYWORD_H

#include "base/text.h"

enum keyword {
	KEYWORD_BY,
	KEYWORD_UNDER,
	KEYWORD_VIA,
	KEYWORD_CODE,
	KEYWORD_AFTER,
	KEYWORD_UNTIL,
	KEYWORD_NOTE,
	KEYWORD_COUNT
};

#define NO_ARGUMENTS "()"
#define CODE_WORD_GENERATED "generated"

const char *keyword_name(enum keyword keyword);
bool keyword_from_name(struct text name, enum keyword *keyword);
/* True for every bare word that ends or replaces an argument list. */
bool keyword_is_one(struct text word);

#endif
