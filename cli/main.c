/* SPDX-License-Identifier: MIT */
/* Finds the command, has its options parsed, runs it and prints what went wrong. */
#include "cli/commands.h"
#include "cli/locations.h"
#include "cli/report.h"
#include "cli/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A database opened as descriptor 2 would get our messages: see that 0 to 2 are open.
 */
static bool standard_descriptors_open(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			return false;
		}
		if (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) < 0) {
			return false;
		}
	} while (fd <= STDERR_FILENO);
	return close(fd) == 0;
}

static int failure_status(const struct command *command, int status, int code)
{
	if (command->failure_status) {
		return status ? status : command->failure_status;
	}
	if (code == ERROR_USAGE) {
		return EXIT_USAGE;
	}
	return status ? status : EXIT_FAILED;
}

/* Replaces *command by the subcommand that argv[*at] names, or its default. */
static bool choose_subcommand(const struct command **command, int argc, char **argv,
	int *at, struct error *err)
{
	const struct command *const *list = (*command)->subcommands;

	if (*at >= argc || argv[*at][0] == '-') {
		*command = list[0];
		return true;
	}
	for (size_t i = 0; list[i]; i++) {
		if (strcmp(list[i]->name, argv[*at]) == 0) {
			*command = list[i];
			(*at)++;
			return true;
		}
	}
	return error_set(
		err, ERROR_USAGE, "there is no \"%s %s\"", (*command)->name, argv[*at]);
}

static bool fill_in_locations(struct command_line *line, struct error *err)
{
	char *project;

	if (line->command->common & COMMON_DATABASE) {
		line->database = location_database(option_text(line, "db"), err);
		if (!line->database) {
			return false;
		}
	}
	if (line->command->common & COMMON_PROJECT) {
		if (!location_project(option_text(line, "project"), &project, err)) {
			return false;
		}
		line->project = project;
	}
	return true;
}

static int run_parsed(struct command_line *line, struct error *err)
{
	if (!fill_in_locations(line, err)) {
		return 0;
	}
	int status = line->command->run(line, err);
	if (err->code == 0) {
		(void)report_output_written(err);
	}
	return status;
}

static bool is_help_only(int argc, char **argv, int at)
{
	return at + 1 == argc &&
	       (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	static struct command_line line;
	const struct command *parent = command->subcommands ? command : NULL;
	const struct command *chosen = command;
	struct error err = {0};
	int status = 0;
	int at = 0;

	if (parent && is_help_only(argc, argv, 0)) {
		usage_print_command(stdout, NULL, parent);
		return EXIT_DONE;
	}
	bool parsed = !parent || choose_subcommand(&chosen, argc, argv, &at, &err);
	parsed = parsed && options_parse(chosen, argc - at, argv + at, &line, &err);
	if (parsed && line.help) {
		usage_print_command(stdout, parent, chosen);
	} else if (parsed) {
		status = run_parsed(&line, &err);
	}
	if (err.code == 0) {
		return status;
	}
	report_error(&err);
	if (!parsed) {
		report_note("`duenna %s --help` lists what it takes", command->name);
	}
	return failure_status(chosen, status, err.code);
}

int main(int argc, char **argv)
{
	if (!standard_descriptors_open()) {
		return EXIT_DUENNA_FAILED;
	}
	(void)setlocale(LC_ALL, "");
	if (argc < 2) {
		usage_print_all(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage_print_all(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("duenna " DUENNA_VERSION);
		return EXIT_DONE;
	}
	const struct command *command = command_find(argv[1]);
	if (!command) {
		report_note("there is no command \"%s\"; `duenna --help` lists them",
			argv[1]);
		return EXIT_USAGE;
	}
	return run_command(command, argc - 2, argv + 2);
}
