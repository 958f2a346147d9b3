/* SPDX-License-Identifier: MIT */
/* Plain words about objects whose power is easily missed, for questions. */
#ifndef RULES_DANGER_H
#define RULES_DANGER_H

#include "rules/rule_index.h"

/*
 * One sentence about what this action would make possible, or NULL if nothing special
 * is known. Static.
 */
const char *danger_note(
	const struct action *action, const struct rule_variables *variables);

#endif
