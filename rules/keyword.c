/* SPDX-License-Identifier: MIT */
#include "rules/keyword.h"

#include "base/error.h"

static const char *const names[KEYWORD_COUNT] = {
	[KEYWORD_BY] = "by",
	[KEYWORD_UNDER] = "under",
	[KEYWORD_VIA] = "via",
	[KEYWORD_CODE] = "code",
	[KEYWORD_AFTER] = "after",
	[KEYWORD_UNTIL] = "until",
	[KEYWORD_NOTE] = "note",
};

const char *keyword_name(enum keyword keyword)
{
	invariant((unsigned)keyword < KEYWORD_COUNT);
	return names[keyword];
}

bool keyword_from_name(struct text name, enum keyword *keyword)
{
	for (unsigned i = 0; i < KEYWORD_COUNT; i++) {
		if (text_equal_string(name, names[i])) {
			*keyword = (enum keyword)i;
			return true;
		}
	}
	return false;
}

bool keyword_is_one(struct text word)
{
	enum keyword ignored;

	return text_equal_string(word, NO_ARGUMENTS) ||
	       keyword_from_name(word, &ignored);
}
