/* SPDX-License-Identifier: MIT */
/* What the subcommands of `duenna rules` share. */
#ifndef CLI_CMD_RULES_H
#define CLI_CMD_RULES_H

#include "cli/commands.h"
#include "db/db.h"

extern const struct command rules_check;
extern const struct command rules_load;
extern const struct command rules_review_command;
extern const struct command rules_accept_command;
extern const struct command rules_export_command;

/* --scope always|project */
extern const struct option_row rules_scope_options[];
/* Fills in scope and project: always, or in this project, as --scope says. */
bool rules_read_scope(
	const struct command_line *line, struct rule_record *record, struct error *err);

/* Now, in nanoseconds since the epoch. */
int64_t rules_now(void);

#endif
