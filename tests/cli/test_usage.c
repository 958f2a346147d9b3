/* SPDX-License-Identifier: MIT */
#include "cli/usage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

static char *help_of(const struct command *parent, const struct command *command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	usage_print_command(file, parent, command);
	cr_assert(fclose(file) == 0);
	return text;
}

typedef void check_fn(const struct command *parent, const struct command *command);

static void for_each_command(check_fn *check)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *const *list = commands[i]->subcommands;
		check(NULL, commands[i]);
		for (size_t j = 0; list && list[j]; j++) {
			check(commands[i], list[j]);
		}
	}
}

static void check_lines(const struct command *parent, const struct command *command)
{
	char *help = help_of(parent, command);

	for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n")) {
		cr_expect(strlen(line) <= 84, "%s: %s", command->name, line);
	}
	free(help);
}

Test(usage, lines_fit_a_terminal)
{
	for_each_command(check_lines);
}

static void check_options(const struct command *parent, const struct command *command)
{
	char *help = help_of(parent, command);
	const struct option_row *row;

	for (size_t i = 0; !command->subcommands && (row = option_row_at(command, i));
		i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "  --%s", row->name);
		cr_expect(strstr(help, name + 2) != NULL, "%s %s", command->name, name);
		cr_expect(row->meaning != NULL && row->meaning[0] != '\0');
		bool has_value = row->value != NULL;
		cr_expect(has_value || !row->choices, "%s %s", command->name, name);
	}
	free(help);
}

Test(usage, help_names_every_option)
{
	for_each_command(check_options);
}

static void check_row(const struct command *parent, const struct command *command)
{
	cr_expect(command->name && command->arguments && command->summary);
	bool runs = command->run != NULL;
	bool has_subcommands = command->subcommands != NULL;
	cr_expect(runs != has_subcommands, "%s", command->name);
	cr_expect(parent == NULL || runs, "%s", command->name);
}

Test(usage, command_rows_are_complete)
{
	for_each_command(check_row);
}

Test(usage, commands_are_found_by_name)
{
	cr_expect(command_find("run") == &command_run);
	cr_expect(command_find("ru") == NULL);
	cr_expect(command_find("") == NULL);
}
