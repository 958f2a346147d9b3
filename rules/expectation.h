/* SPDX-License-Identifier: MIT */
/* Expect lines, checked against the whole rule set that they were loaded into. */
#ifndef RULES_EXPECTATION_H
#define RULES_EXPECTATION_H

#include "rules/parser.h"
#include "rules/rule_index.h"

/*
 * Checks every RULE_EXPECT of rules against all of rules. Adds one error (with the place
 * from the rule's source) for each that is not met, naming the rule that decided.
 * Returns true if all hold.
 */
bool rules_check_expectations(const struct rule_list *rules,
	const struct rule_variables *variables, time_t now, struct rule_errors *errors);

#endif
