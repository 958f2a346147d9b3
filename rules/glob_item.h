/* SPDX-License-Identifier: MIT */
/* The elements of a pattern token as written; for rules/glob*.c only. */
#ifndef RULES_GLOB_ITEM_H
#define RULES_GLOB_ITEM_H

#include "rules/glob.h"

enum item_kind { ITEM_BYTES, ITEM_ANY, ITEM_DEPTH, ITEM_ONE, ITEM_SET, ITEM_VARIABLE };

enum variable { VARIABLE_HOME, VARIABLE_PROJECT, VARIABLE_TEMPORARY, VARIABLE_COUNT };

/* One element of a token as written. */
struct item {
	enum item_kind kind;
	char bytes[4];
	size_t byte_count;
	struct glob_set set;
	enum variable variable;
};

/* Each reads what begins at *at and moves it on; false with error. */
bool item_read(
	struct text token, size_t *at, struct item *item, struct glob_error *error);
bool item_read_escape(
	struct text token, size_t *at, struct item *item, struct glob_error *error);
bool item_read_plain(
	struct text token, size_t *at, struct item *item, struct glob_error *error);

/* Length of the UTF-8 character at the start of bytes, or 1 where there is none. */
size_t glob_character_length(const char *bytes, size_t left);

#endif
