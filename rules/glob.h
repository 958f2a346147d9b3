/* SPDX-License-Identifier: MIT */
/*
 * The spelling of one pattern token: literal bytes, escapes, wildcards and variables;
 * its canonical form; its compiled form and how that matches. What a token means as an
 * object is rules/pattern.h.
 */
#ifndef RULES_GLOB_H
#define RULES_GLOB_H

#include "base/text.h"
#include "rules/rule_index.h"

#include <stdint.h>

/* What is wrong with a token, and where; strings are static. */
struct glob_error {
	size_t offset;
	const char *message;
	const char *hint;
};

/*
 * A compiled token: literal bytes are themselves, wildcards are the values below.
 * UNIT_SET + i is sets[i].
 */
enum { UNIT_ANY = 256, UNIT_ONE, UNIT_DEPTH, UNIT_SET };

struct glob_set {
	uint32_t members[4]; /* ASCII */
	bool is_negated;
};

struct glob {
	uint16_t *units;
	size_t count;
	struct glob_set *sets;
	size_t set_count;
};

/* The canonical spelling of a token, owned; NULL with error if it is not valid. */
char *glob_canonical(struct text token, struct glob_error *error);

/* Bytes that stand for themselves, in canonical spelling; owned. */
char *glob_quote(struct text literal);

/* The bytes of a text without wildcards: only escapes have a meaning. Owned; or NULL. */
char *glob_unescape(struct text token, struct glob_error *error);

/* Compiles a canonical token (false if it is none); variables are put in. */
bool glob_compile(
	struct text token, const struct rule_variables *variables, struct glob *glob);
/* A copy, owned, that matches names folded by name_fold. */
void glob_fold(const struct glob *glob, struct glob *folded);
void glob_finish(struct glob *glob);

bool glob_is_literal(const struct glob *glob);

/* Matches units [begin, end) against all of text; `*` takes any bytes, also slashes. */
bool glob_match_part(
	const struct glob *glob, size_t begin, size_t end, struct text text);
bool glob_match(const struct glob *glob, struct text text);

/* Matches segment by segment; `**` takes any number of segments, also none. */
bool glob_match_path(const struct glob *glob, struct text path);

/*
 * True if whatever it matches below the folder `here` it matches below `there` as well,
 * by the same names from there on; false where that is not easily seen.
 */
bool glob_goes_along(const struct glob *glob, struct text here, struct text there);

/*
 * True if it matches names below the folder and says the folder's own name: the part of it
 * that stands for the folder does not end in `**`.
 */
bool glob_names_folder(const struct glob *glob, struct text folder);

#endif
