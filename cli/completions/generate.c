/* SPDX-License-Identifier: MIT */
/*
 * Prints the completions of a shell (bash, zsh, fish), or the bare table of commands and
 * options that a test compares with the manual, from the option tables. Runs during the
 * build only.
 */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command as the shells see it: with its parent's name, if it is a subcommand. */
typedef void print_command_fn(
	const struct command *parent, const struct command *command);

static void for_each_command(print_command_fn *print)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *const *list = commands[i]->subcommands;
		if (!list) {
			print(NULL, commands[i]);
		}
		for (size_t j = 0; list && list[j]; j++) {
			print(commands[i], list[j]);
		}
	}
}

/* "rules add", as one key */
static const char *full_name(
	const struct command *parent, const struct command *command)
{
	static char name[128];

	(void)snprintf(name, sizeof(name), "%s%s%s", parent ? parent->name : "",
		parent ? " " : "", command->name);
	return name;
}

/* The choices "a|b" as words. */
static void print_choices(const char *choices)
{
	for (const char *at = choices; *at; at++) {
		putchar(*at == '|' ? ' ' : *at);
	}
}

/* Text within single quotes; in zsh's specifications, colons and brackets are special. */
static void print_quoted(const char *text, const char *special)
{
	for (const char *at = text; *at; at++) {
		if (*at == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(special, *at)) {
			putchar('\\');
		}
		putchar(*at);
	}
}

static bool takes_file(const struct option_row *row)
{
	return strcmp(row->value, "FILE") == 0;
}

static bool takes_folder(const struct option_row *row)
{
	return strcmp(row->value, "DIR") == 0;
}

/* --- The table ------------------------------------------------------------------- */

static void table_print(const struct command *parent, const struct command *command)
{
	const struct option_row *row;
	const char *name = full_name(parent, command);

	printf("command %s\n", name);
	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		printf("option %s --%s\n", name, row->name);
	}
}

/* --- bash ------------------------------------------------------------------------ */

static const char bash_function[] =
	"_duenna() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal key=${COMP_WORDS[1]} at=2\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$_duenna_commands\" -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tlocal subcommands=${_duenna_subcommands[$key]}\n"
	"\tif [[ $subcommands ]]; then\n"
	"\t\tif ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -W \"$subcommands\" -- \"$cur\")\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\tif [[ \" $subcommands \" == *\" ${COMP_WORDS[2]} \"* ]]; then\n"
	"\t\t\tkey+=\" ${COMP_WORDS[2]}\"\n"
	"\t\telse\n"
	"\t\t\tkey+=\" ${subcommands%% *}\"\n"
	"\t\tfi\n"
	"\tfi\n"
	"\twhile [[ $key == run ]] && ((at <= COMP_CWORD)); do\n"
	"\t\t[[ ${COMP_WORDS[at]} == -* ]] && ((at == COMP_CWORD)) && break\n"
	"\t\tif [[ ${COMP_WORDS[at]} == -- || ${COMP_WORDS[at]} != -* ]]; then\n"
	"\t\t\t[[ ${COMP_WORDS[at]} == -- ]] && ((at++))\n"
	"\t\t\tif declare -F _command_offset >/dev/null; then\n"
	"\t\t\t\t_command_offset \"$at\"\n"
	"\t\t\telif ((at == COMP_CWORD)); then\n"
	"\t\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	"\t\t\telse\n"
	"\t\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\t\tfi\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\t[[ ${_duenna_values[\"run ${COMP_WORDS[at]}\"]} ]] && ((at++))\n"
	"\t\t((at++))\n"
	"\tdone\n"
	"\tcase ${_duenna_values[\"$key $prev\"]} in\n"
	"\t'')\n"
	"\t\tif [[ $cur == -* ]]; then\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -W \"${_duenna_options[$key]}\" -- "
	"\"$cur\")\n"
	"\t\telse\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\tfi\n"
	"\t\t;;\n"
	"\t@file) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\t@folder) mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"\t@text) ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"${_duenna_values[\"$key "
	"$prev\"]}\" -- "
	"\"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"complete -o filenames -F _duenna duenna\n";

static void bash_print_options(
	const struct command *parent, const struct command *command)
{
	const struct option_row *row;

	printf("\t[\"%s\"]=\"", full_name(parent, command));
	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		printf("%s--%s", i ? " " : "", row->name);
	}
	puts("\"");
}

static void bash_print_values(
	const struct command *parent, const struct command *command)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		if (!row->value) {
			continue;
		}
		printf("\t[\"%s --%s\"]=\"", full_name(parent, command), row->name);
		if (row->choices) {
			print_choices(row->choices);
		} else {
			fputs(takes_file(row)	    ? "@file"
				: takes_folder(row) ? "@folder"
						    : "@text",
				stdout);
		}
		puts("\"");
	}
}

/* Arrays are global, since bash-completion reads the script within a function. */
static void bash_print(void)
{
	fputs("# Completion of duenna for bash, generated from its option tables.\n"
	      "_duenna_commands=\"--help --version",
		stdout);
	for (size_t i = 0; commands[i]; i++) {
		printf(" %s", commands[i]->name);
	}
	puts("\"\ndeclare -gA _duenna_subcommands=(");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *const *list = commands[i]->subcommands;
		if (!list) {
			continue;
		}
		printf("\t[\"%s\"]=\"", commands[i]->name);
		for (size_t j = 0; list[j]; j++) {
			printf("%s%s", j ? " " : "", list[j]->name);
		}
		puts("\"");
	}
	puts(")\ndeclare -gA _duenna_options=(");
	for_each_command(bash_print_options);
	puts(")\n# What an option's value is: one of these words, a @file, a @folder, "
	     "@text.\n"
	     "declare -gA _duenna_values=(");
	for_each_command(bash_print_values);
	printf(")\n%s", bash_function);
}

/* --- zsh ------------------------------------------------------------------------- */

static void zsh_print_option(const struct option_row *row)
{
	printf(" \\\n\t\t'%s--%s[", row->repeats ? "*" : "", row->name);
	print_quoted(row->meaning, "[]:\\");
	putchar(']');
	if (row->value) {
		putchar(':');
		print_quoted(row->value, "[]:\\");
		putchar(':');
		if (row->choices) {
			putchar('(');
			print_choices(row->choices);
			putchar(')');
		} else if (takes_file(row)) {
			fputs("_files", stdout);
		} else if (takes_folder(row)) {
			fputs("_files -/", stdout);
		}
	}
	putchar('\'');
}

static void zsh_print_case(const struct command *parent, const struct command *command)
{
	const struct option_row *row;

	printf("\t'%s') _arguments%s", full_name(parent, command),
		command->arguments_end_options ? " -S" : "");
	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		zsh_print_option(row);
	}
	if (command->arguments_end_options) {
		fputs(" \\\n\t\t'*:::command:_normal'", stdout);
	} else if (command->arguments[0]) {
		fputs(" \\\n\t\t'*: :_files'", stdout);
	}
	puts(" ;;");
}

static void zsh_print_names(const struct command *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		printf("\t\t'%s:", list[i]->name);
		print_quoted(list[i]->summary, ":\\");
		puts("'");
	}
}

static void zsh_print_subcommands(const struct command *command)
{
	printf("\t%s)\n\t\tchoices=(\n", command->name);
	zsh_print_names(command->subcommands);
	printf("\t\t)\n"
	       "\t\tif ((CURRENT == 2)); then\n"
	       "\t\t\t_describe 'subcommand' choices\n"
	       "\t\t\treturn\n"
	       "\t\tfi\n"
	       "\t\tkey+=\" $words[2]\"\n"
	       "\t\tshift words\n"
	       "\t\t((CURRENT--))\n"
	       "\t\t;;\n");
}

static void zsh_print(void)
{
	puts("#compdef duenna\n"
	     "# Completion of duenna for zsh, generated from its option tables.\n"
	     "_duenna() {\n"
	     "\tlocal key=$words[2]\n"
	     "\tlocal -a choices\n"
	     "\tif ((CURRENT == 2)); then\n"
	     "\t\tchoices=(");
	zsh_print_names(commands);
	puts("\t\t)\n"
	     "\t\t_describe 'command' choices\n"
	     "\t\treturn\n"
	     "\tfi\n"
	     "\tshift words\n"
	     "\t((CURRENT--))\n"
	     "\tcase $key in");
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->subcommands) {
			zsh_print_subcommands(commands[i]);
		}
	}
	puts("\tesac\n\tcase $key in");
	for_each_command(zsh_print_case);
	puts("\tesac\n}\n_duenna \"$@\"");
}

/* --- fish ------------------------------------------------------------------------ */

/*
 * fish's own __fish_seen_subcommand_from holds wherever the word stands: `rules export`
 * would offer the options of `export`, and `rules list` other subcommands.
 */
/* clang-format off */
static const char fish_functions[] =
	"function __duenna_in\n"
	"\tset -l last (count $argv)\n"
	"\tset -l words (commandline -opc)[2..-1]\n"
	"\ttest \"$words[1..$last]\" = \"$argv\"\n"
	"end\n"
	"function __duenna_at\n"
	"\tset -l words (commandline -opc)[2..-1]\n"
	"\ttest \"$words\" = \"$argv\"\n"
	"end\n";
/* clang-format on */

static void fish_print_condition(
	const struct command *parent, const struct command *command)
{
	printf("complete -c duenna -n '__duenna_in %s'", full_name(parent, command));
}

static void fish_print_option(const struct option_row *row)
{
	printf(" -l %s", row->name);
	if (row->letter) {
		printf(" -s %c", row->letter);
	}
	if (row->choices) {
		fputs(" -x -a '", stdout);
		print_choices(row->choices);
		putchar('\'');
	} else if (row->value && takes_file(row)) {
		fputs(" -r -F", stdout);
	} else if (row->value && takes_folder(row)) {
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	} else if (row->value) {
		fputs(" -x", stdout);
	}
	fputs(" -d '", stdout);
	print_quoted(row->meaning, "");
	puts("'");
}

static void fish_print_options(
	const struct command *parent, const struct command *command)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row_at(command, i)); i++) {
		fish_print_condition(parent, command);
		fish_print_option(row);
	}
	if (command->arguments_end_options) {
		fish_print_condition(parent, command);
		puts(" -x -a '(__fish_complete_subcommand --fcs-skip=2)'");
	}
}

static void fish_print_name(const char *condition, const struct command *command)
{
	printf("complete -c duenna -n '%s' -f -a %s -d '", condition, command->name);
	print_quoted(command->summary, "");
	puts("'");
}

static void fish_print(void)
{
	char condition[128];

	printf("# Completion of duenna for fish, generated from its option tables.\n%s",
		fish_functions);
	for (size_t i = 0; commands[i]; i++) {
		const struct command *const *list = commands[i]->subcommands;
		fish_print_name("__duenna_at", commands[i]);
		(void)snprintf(condition, sizeof(condition), "__duenna_at %s",
			commands[i]->name);
		for (size_t j = 0; list && list[j]; j++) {
			fish_print_name(condition, list[j]);
		}
	}
	for_each_command(fish_print_options);
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "bash") == 0) {
		bash_print();
	} else if (strcmp(what, "zsh") == 0) {
		zsh_print();
	} else if (strcmp(what, "fish") == 0) {
		fish_print();
	} else if (strcmp(what, "table") == 0) {
		for_each_command(table_print);
	} else {
		fputs("usage: generate bash|zsh|fish|table\n", stderr);
		return EXIT_USAGE;
	}
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
