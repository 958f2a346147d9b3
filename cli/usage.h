/* SPDX-License-Identifier: MIT */
/* Usage lines and --help, printed from the command and option tables. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "cli/commands.h"

#include <stdio.h>

/* `duenna --help` */
void usage_print_all(FILE *file);

/* `duenna COMMAND [SUBCOMMAND] --help`; parent is NULL unless it is a subcommand. */
void usage_print_command(
	FILE *file, const struct command *parent, const struct command *command);

#endif
