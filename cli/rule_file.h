/* SPDX-License-Identifier: MIT */
/* Rule files and stored rules, for the commands about rules. */
#ifndef CLI_RULE_FILE_H
#define CLI_RULE_FILE_H

#include "db/db.h"
#include "rules/rule.h"

/*
 * Reads and parses a file ("-": standard input) and appends its rules. Every error in it
 * is printed to standard output as "file:line:column: message"; then the result is
 * false with err->code 0. err is filled in if the file cannot be read.
 */
bool rule_file_read(const char *path, struct rule_list *list, struct error *err);

/*
 * Checks the expectations of the file together with all rules in force in the project
 * (NULL: none), and prints those that do not hold. The result as above.
 */
bool rule_file_check(
	const char *path, const char *database, const char *project, struct error *err);

/* The text of a rule as it is stored: without expiry and note. Owned. */
char *rule_bare_text(const struct rule *rule);

#endif
