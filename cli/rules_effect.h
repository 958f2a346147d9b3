/* SPDX-License-Identifier: MIT */
/* What rules would change: all recordings judged with and without them. */
#ifndef CLI_RULES_EFFECT_H
#define CLI_RULES_EFFECT_H

#include "db/db.h"
#include "rules/rule.h"

struct effect_options {
	const char *database;
	const char *project; /* only recordings of this project; NULL: all */
	/* To be added, as rules of a file; may be NULL. */
	const struct rule_list *added;
	/* The project's own rules count as if they were accepted. */
	bool accepts_repository;
};

/*
 * Prints what would come out otherwise, the most important first, and how much in all;
 * every text is safe. False if the recordings cannot be read. Without recordings it says
 * so.
 */
bool rules_effect_print(const struct effect_options *options, struct error *err);

#endif
