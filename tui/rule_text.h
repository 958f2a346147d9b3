/* SPDX-License-Identifier: MIT */
/*
 * Rules as a person sees and types them, against rules as an answer carries them: the
 * latter have no verdict and no `until`, which stand in the answer itself.
 */
#ifndef TUI_RULE_TEXT_H
#define TUI_RULE_TEXT_H

#include "base/error.h"
#include "rules/rule.h"

#include <stdint.h>

/*
 * The whole rule that will be stored, safe to show. until 0: no end; program empty: for
 * every program. Owned.
 */
char *rule_text_show(
	enum verdict verdict, struct text rule, int64_t until, struct text program);

struct rule_typed {
	enum verdict verdict;
	int64_t until; /* 0: none was typed */
	char *rule;    /* owned */
};

/*
 * Reads a typed rule. One without a verdict gets that of wished, if it is not NULL, and
 * one with another verdict is refused. False with a sentence that names the column.
 */
bool rule_text_read(struct text typed, const enum verdict *wished,
	struct rule_typed *result, struct error *err);

/*
 * Reads how long an answer holds: 30m, 1h, 2d, 1w or a date as 2026-12-31. The result
 * is in seconds since the epoch and lies after now.
 */
bool until_read(struct text typed, int64_t now, int64_t *until, struct error *err);

#endif
