/* SPDX-License-Identifier: MIT */
/* Whether two patterns have an object in common, by their form alone. */
#ifndef RULES_PATTERN_OVERLAP_H
#define RULES_PATTERN_OVERLAP_H

#include "rules/pattern.h"

/*
 * False only if no action can match both: where that is not easily seen (names and
 * addresses of one host, patterns made to take long) the answer is true. Verbs count.
 */
bool pattern_overlaps(const struct pattern *a, const struct pattern *b);

/* The same, but the `**` of a stands for no hidden folders or files. */
bool pattern_overlaps_visibly(const struct pattern *a, const struct pattern *b);

/*
 * True only if everything that inner matches is matched by outer too; false where that
 * is not easily seen.
 */
bool pattern_covers(const struct pattern *outer, const struct pattern *inner);

#endif
