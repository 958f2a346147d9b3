/* SPDX-License-Identifier: MIT */
#include "cli/usage.h"

#include <string.h>

enum {
	USAGE_WIDTH = 80,
	USAGE_WORD = 7,	   /* "Usage: " */
	USAGE_INDENT = 11, /* of a usage line that goes on */
	MEANING_COLUMN = 28,
	SUMMARY_COLUMN = 12,
};

/* "[--db FILE]", "[--rules FILE]..." */
static int format_option(const struct option_row *row, char *buffer, size_t size)
{
	const char *value = row->choices ? row->choices : row->value;

	return snprintf(buffer, size, "[--%s%s%s]%s", row->name, value ? " " : "",
		value ? value : "", row->repeats ? "..." : "");
}

static void print_word(FILE *file, const char *word, int *column)
{
	int length = (int)strlen(word);

	if (*column + 1 + length > USAGE_WIDTH) {
		fprintf(file, "\n%*s", USAGE_INDENT, "");
		*column = USAGE_INDENT;
	}
	*column += fprintf(file, " %s", word);
}

static void print_usage_line(
	FILE *file, const struct command *parent, const struct command *command)
{
	const struct option_row *row;
	char word[256];
	int column =
		USAGE_WORD + fprintf(file, "duenna %s%s%s", parent ? parent->name : "",
				     parent ? " " : "", command->name);

	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		if (strcmp(row->name, "help") == 0) {
			continue;
		}
		(void)format_option(row, word, sizeof(word));
		print_word(file, word, &column);
	}
	if (command->arguments_end_options) {
		print_word(file, "[--]", &column);
	}
	if (command->arguments[0] != '\0') {
		print_word(file, command->arguments, &column);
	}
	fputc('\n', file);
}

static void print_option(FILE *file, const struct option_row *row)
{
	const char *value = row->choices ? row->choices : row->value;
	char letter[5] = "    ";

	if (row->letter) {
		(void)snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	}
	int column = fprintf(file, "  %s--%s%s%s", letter, row->name, value ? " " : "",
		value ? value : "");
	if (column >= MEANING_COLUMN) {
		fputc('\n', file);
		column = 0;
	}
	fprintf(file, "%*s%s\n", MEANING_COLUMN - column, "", row->meaning);
}

/* A line wrapped at the terminal's width; one that begins with a space as it is. */
static void print_wrapped(FILE *file, const char *line, size_t length)
{
	int column = 0;
	size_t at = 0;

	while (at < length && line[0] != ' ') {
		size_t word = strcspn(line + at, " \n");
		if (column > 0 && column + 1 + (int)word > USAGE_WIDTH) {
			fputc('\n', file);
			column = 0;
		}
		column += fprintf(
			file, "%s%.*s", column > 0 ? " " : "", (int)word, line + at);
		at += word + strspn(line + at + word, " ");
	}
	fprintf(file, "%.*s\n", (int)(length - at), line + at);
}

static void print_description(FILE *file, const struct command *command)
{
	const char *at = command->description ? command->description : command->summary;

	fputc('\n', file);
	while (*at) {
		size_t length = strcspn(at, "\n");
		print_wrapped(file, at, length);
		at += length + (at[length] == '\n');
	}
	fputc('\n', file);
}

static void print_subcommands(FILE *file, const struct command *command)
{
	const struct command *first = command->subcommands[0];

	invariant(first != NULL);
	for (size_t i = 0; command->subcommands[i]; i++) {
		fputs(i == 0 ? "Usage: " : "       ", file);
		print_usage_line(file, command, command->subcommands[i]);
	}
	print_description(file, command);
	for (size_t i = 0; command->subcommands[i]; i++) {
		fprintf(file, "  %-*s%s\n", SUMMARY_COLUMN,
			command->subcommands[i]->name,
			command->subcommands[i]->summary);
	}
	fprintf(file, "\nWithout a word after it, `%s` means `%s %s`.\n", command->name,
		command->name, first->name);
}

void usage_print_command(
	FILE *file, const struct command *parent, const struct command *command)
{
	const struct option_row *row;

	if (command->subcommands) {
		print_subcommands(file, command);
		return;
	}
	fputs("Usage: ", file);
	print_usage_line(file, parent, command);
	print_description(file, command);
	fputs("Options:\n", file);
	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		print_option(file, row);
	}
}

void usage_print_all(FILE *file)
{
	fputs("Usage: duenna COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "Runs a program and all that it starts under supervision: what it does "
	      "to\n"
	      "files, programs and hosts is judged by rules, asked, and recorded.\n\n",
		file);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(file, "  %-*s%s\n", SUMMARY_COLUMN, commands[i]->name,
			commands[i]->summary);
	}
	fputs("\n`duenna COMMAND --help` says more of one; so does the manual, "
	      "duenna(1).\n"
	      "`duenna --version` prints the version.\n",
		file);
}
