/* SPDX-License-Identifier: MIT */
/*
 * Command lines from tables: a command's options stand in one table, from which come
 * parsing, usage lines, --help and (through `duenna help --table`) the completions and
 * the check of the manual.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* One option. A table of them ends with a zeroed row. */
struct option_row {
	const char *name;    /* long name without dashes */
	char letter;	     /* short form; 0: none */
	bool repeats;	     /* may be given more than once */
	const char *value;   /* name of its value in usage, "FILE"; NULL: a flag */
	const char *choices; /* "deny|allow" when only these are valid; else NULL */
	const char *meaning; /* one line for --help, lower case, no full stop */
};

/* Options that many commands share; or-ed in struct command. */
enum common_option {
	COMMON_DATABASE = 1 << 0, /* --db FILE */
	COMMON_PROJECT = 1 << 1,  /* --project DIR */
	COMMON_JSON = 1 << 2,	  /* --json */
};

struct command;

enum { OPTIONS_GIVEN_MAX = 256 };

struct option_given {
	const struct option_row *row;
	const char *value; /* borrowed from argv; NULL for a flag */
};

/* A parsed command line. */
struct command_line {
	const struct command *command; /* the subcommand, if the command has some */
	struct option_given given[OPTIONS_GIVEN_MAX];
	size_t given_count;
	char *const *arguments; /* what is no option; NULL after the last */
	size_t argument_count;

	/* Filled in by main() before the command runs, each if the command takes it. */
	const char *database; /* path, --db or the default; its folder exists */
	const char *project;  /* canonical folder; NULL: none (home or /) */
	bool json;
	bool help; /* --help was given */
};

/*
 * Takes apart argv[0..argc) (without the command's name) by the command's table.
 * argv is permuted so that arguments stand together. "--" ends the options. False with
 * ERROR_USAGE and a sentence that names what is wrong.
 */
bool options_parse(const struct command *command, int argc, char **argv,
	struct command_line *line, struct error *err);

/* True if the option was given. Its name must stand in the command's table. */
bool option_given(const struct command_line *line, const char *name);

/* The last value given; NULL if none was. */
const char *option_text(const struct command_line *line, const char *name);

/* The index-th value of an option that repeats; NULL after the last. */
const char *option_value(
	const struct command_line *line, const char *name, size_t index);

/* All values of an option that repeats, ended by NULL; the array is owned. */
const char **option_values(const struct command_line *line, const char *name);

/* The last value as a whole number from 0 to max; absent if the option is not given. */
bool option_number(const struct command_line *line, const char *name, long max,
	long absent, long *number, struct error *err);

/* The index-th option of a command, shared ones and --help after its own; or NULL. */
const struct option_row *option_row_at(const struct command *command, size_t index);

#endif
