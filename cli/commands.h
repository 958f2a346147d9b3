/* SPDX-License-Identifier: MIT */
/*
 * What a command is. Each file cmd_NAME.c defines one `const struct command
 * command_NAME`, and commands.c lists them all: nothing else knows the commands. A new
 * one needs a line there, one in CMakeLists.txt and a section in docs/duenna.1.scd.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

/* Exit statuses. `run` otherwise ends with the status of its command. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	   /* it failed, or what was asked about is not so */
	EXIT_USAGE = 2,		   /* wrong command line */
	EXIT_DUENNA_FAILED = 125,  /* run: Duenna failed */
	EXIT_NOT_EXECUTABLE = 126, /* run: the command cannot be executed */
	EXIT_NOT_FOUND = 127,	   /* run: the command does not exist */
};

/*
 * Does the command's work, printing results to standard output, and returns the exit
 * status. If it fails it fills in err, which main() prints as "duenna: …"; the exit
 * status is then by err's code: EXIT_USAGE for ERROR_USAGE, otherwise what was
 * returned, or EXIT_FAILED if that was 0. Warnings go through cli/report.h.
 */
typedef int command_fn(const struct command_line *line, struct error *err);

struct command {
	const char *name;
	const char *arguments;	 /* for the usage line, "[SESSION]"; "" for none */
	const char *summary;	 /* one line of `duenna --help`, no full stop */
	const char *description; /* paragraphs of its --help; may be NULL */
	unsigned common;	 /* enum common_option, or-ed */
	const struct option_row *options;    /* its own; NULL: none */
	size_t arguments_min, arguments_max; /* how many; max may be ARGUMENTS_ANY */
	bool arguments_end_options; /* the first argument ends the options (run) */
	command_fn *run;	    /* NULL if it has subcommands */
	int failure_status;	    /* of every failure; 0: EXIT_USAGE or EXIT_FAILED */
	/*
	 * `duenna NAME SUBCOMMAND …`: a NULL-ended list; the first one is meant when
	 * none is named. Their run gets line->command set to the subcommand.
	 */
	const struct command *const *subcommands;
};

#define ARGUMENTS_ANY ((size_t)-1)

/* Every command of this build, in the order of `duenna --help`; ends with NULL. */
extern const struct command *const commands[];

const struct command *command_find(const char *name);

extern const struct command command_answer;
extern const struct command command_attach;
extern const struct command command_config;
extern const struct command command_doctor;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_keys;
extern const struct command command_learn;
extern const struct command command_log;
extern const struct command command_pause;
extern const struct command command_profiles;
extern const struct command command_questions;
extern const struct command command_replay;
extern const struct command command_resume;
extern const struct command command_rules;
extern const struct command command_run;
extern const struct command command_sessions;
extern const struct command command_stop;
extern const struct command command_why;

#endif
