/* SPDX-License-Identifier: MIT */
/* All rules that a new session would have here, for commands that judge by them. */
#ifndef CLI_RULES_IN_FORCE_H
#define CLI_RULES_IN_FORCE_H

#include "cli/config.h"
#include "session/places.h"
#include "session/rule_set.h"

struct rules_in_force {
	struct config config;
	struct places places;
	struct rule_sources sources;
	struct rule_set *set;
};

/*
 * Built-in rules, default and configured profiles, those of the project (NULL: none), the
 * stored ones, and rule_files (ends with NULL; or NULL), whose expectations are checked.
 */
bool rules_in_force_load(struct rules_in_force *rules, const char *database,
	const char *project, const char *const *rule_files, struct error *err);
void rules_in_force_finish(struct rules_in_force *rules);

#endif
