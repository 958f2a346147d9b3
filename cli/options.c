/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include "base/xalloc.h"
#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row database_row = {
	.name = "db",
	.value = "FILE",
	.meaning = "use this database",
};
static const struct option_row project_row = {
	.name = "project",
	.value = "DIR",
	.meaning = "the project folder; by default that of git, or this one",
};
static const struct option_row json_row = {
	.name = "json",
	.meaning = "print JSON, one object a line",
};
static const struct option_row help_row = {
	.name = "help",
	.letter = 'h',
	.meaning = "say what the command does and what it takes",
};

static size_t own_row_count(const struct command *command)
{
	size_t count = 0;

	while (command->options && command->options[count].name) {
		count++;
	}
	return count;
}

const struct option_row *option_row_at(const struct command *command, size_t index)
{
	const struct option_row *shared[4];
	size_t own = own_row_count(command);
	size_t count = 0;

	if (index < own) {
		return &command->options[index];
	}
	if (command->common & COMMON_DATABASE) {
		shared[count++] = &database_row;
	}
	if (command->common & COMMON_PROJECT) {
		shared[count++] = &project_row;
	}
	if (command->common & COMMON_JSON) {
		shared[count++] = &json_row;
	}
	shared[count++] = &help_row;
	return index - own < count ? shared[index - own] : NULL;
}

static const struct option_row *row_by_name(
	const struct command *command, const char *name, size_t length)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		if (strlen(row->name) == length &&
			strncmp(row->name, name, length) == 0) {
			return row;
		}
	}
	return NULL;
}

static const struct option_row *row_by_letter(
	const struct command *command, char letter)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		if (row->letter && row->letter == letter) {
			return row;
		}
	}
	return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (const char *at = choices; at; at = strchr(at, '|')) {
		if (*at == '|') {
			at++;
		}
		size_t end = strcspn(at, "|");
		if (length == end && strncmp(at, value, length) == 0) {
			return true;
		}
	}
	return false;
}

static bool was_given(const struct command_line *line, const struct option_row *row)
{
	for (size_t i = 0; i < line->given_count; i++) {
		if (line->given[i].row == row) {
			return true;
		}
	}
	return false;
}

static bool line_add(struct command_line *line, const struct option_row *row,
	const char *value, struct error *err)
{
	if (row->choices && value && !is_choice(row->choices, value)) {
		return error_set(err, ERROR_USAGE, "--%s must be one of %s, not \"%s\"",
			row->name, row->choices, value);
	}
	if (!row->repeats && row->value && was_given(line, row)) {
		return error_set(
			err, ERROR_USAGE, "--%s may be given only once", row->name);
	}
	if (line->given_count == OPTIONS_GIVEN_MAX) {
		return error_set(err, ERROR_USAGE, "more than %d options are given",
			OPTIONS_GIVEN_MAX);
	}
	line->given[line->given_count++] = (struct option_given){row, value};
	if (row == &help_row) {
		line->help = true;
	}
	if (row == &json_row) {
		line->json = true;
	}
	return true;
}

/* One option word, argv[*at] or with its value in argv[*at + 1]; moves *at past it. */
static bool parse_option(
	char **argv, int *at, struct command_line *line, struct error *err)
{
	const char *word = argv[*at];
	const char *value = NULL;
	const struct option_row *row;

	if (word[1] == '-') {
		size_t length = strcspn(word + 2, "=");
		row = row_by_name(line->command, word + 2, length);
		if (word[2 + length] == '=') {
			value = word + 2 + length + 1;
		}
	} else {
		row = row_by_letter(line->command, word[1]);
		if (word[2] != '\0') {
			value = word + 2;
		}
	}
	if (!row) {
		return error_set(err, ERROR_USAGE, "there is no option \"%s\"", word);
	}
	if (!row->value && value) {
		return error_set(err, ERROR_USAGE, "--%s takes no value", row->name);
	}
	(*at)++;
	if (row->value && !value) {
		value = argv[*at];
		if (!value) {
			return error_set(err, ERROR_USAGE, "--%s needs a value: %s",
				row->name, row->value);
		}
		(*at)++;
	}
	return line_add(line, row, value, err);
}

static bool check_argument_count(const struct command_line *line, struct error *err)
{
	const struct command *command = line->command;

	if (line->help) {
		return true;
	}
	if (line->argument_count < command->arguments_min) {
		return error_set(err, ERROR_USAGE, "an argument is missing: %s",
			command->arguments);
	}
	if (line->argument_count > command->arguments_max) {
		return error_set(err, ERROR_USAGE,
			"there is an argument too many: \"%s\"",
			line->arguments[command->arguments_max]);
	}
	return true;
}

bool options_parse(const struct command *command, int argc, char **argv,
	struct command_line *line, struct error *err)
{
	int at = 0;
	int count = 0;

	*line = (struct command_line){.command = command, .arguments = argv};
	while (at < argc) {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		if (argv[at][0] == '-' && argv[at][1] != '\0') {
			if (!parse_option(argv, &at, line, err)) {
				return false;
			}
			continue;
		}
		if (command->arguments_end_options) {
			break;
		}
		argv[count++] = argv[at++];
	}
	while (at < argc) {
		argv[count++] = argv[at++];
	}
	argv[count] = NULL;
	line->argument_count = (size_t)count;
	return check_argument_count(line, err);
}

static const struct option_row *known_row(
	const struct command_line *line, const char *name)
{
	const struct option_row *row = row_by_name(line->command, name, strlen(name));

	invariant(row != NULL);
	return row;
}

bool option_given(const struct command_line *line, const char *name)
{
	return was_given(line, known_row(line, name));
}

const char *option_text(const struct command_line *line, const char *name)
{
	const struct option_row *row = known_row(line, name);
	const char *value = NULL;

	for (size_t i = 0; i < line->given_count; i++) {
		if (line->given[i].row == row) {
			value = line->given[i].value;
		}
	}
	return value;
}

const char *option_value(
	const struct command_line *line, const char *name, size_t index)
{
	const struct option_row *row = known_row(line, name);

	for (size_t i = 0; i < line->given_count; i++) {
		if (line->given[i].row == row && index-- == 0) {
			return line->given[i].value;
		}
	}
	return NULL;
}

const char **option_values(const struct command_line *line, const char *name)
{
	const char **values = xcalloc(OPTIONS_GIVEN_MAX + 1, sizeof(*values));

	for (size_t i = 0; (values[i] = option_value(line, name, i)); i++) {
	}
	return values;
}

bool option_number(const struct command_line *line, const char *name, long max,
	long absent, long *number, struct error *err)
{
	const char *text = option_text(line, name);
	char *end;

	if (!text) {
		*number = absent;
		return true;
	}
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 0 || value > max) {
		return error_set(err, ERROR_USAGE,
			"--%s must be a number from 0 to %ld, not \"%s\"", name, max,
			text);
	}
	*number = value;
	return true;
}
