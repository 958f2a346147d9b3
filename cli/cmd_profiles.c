/* SPDX-License-Identifier: MIT */
/* `duenna profiles`: the shipped rule files. */
#include "cli/commands.h"
#include "rules/profiles.h"

#include <stdio.h>
#include <string.h>

static void print_list(void)
{
	(void)puts("NAME          IN FORCE       WHAT IT IS");
	for (size_t i = 0; i < profile_count; i++) {
		(void)printf("%-12s  %-13s  %s\n", profiles[i].name,
			profiles[i].is_default ? "by default" : "by --profile",
			profiles[i].meaning);
	}
	(void)puts("\nduenna profiles NAME prints the rules of one.");
}

static int run_profiles(const struct command_line *line, struct error *err)
{
	if (line->argument_count == 0) {
		print_list();
		return EXIT_DONE;
	}
	const char *text = profile_text(line->arguments[0]);
	if (!text) {
		(void)error_set(err, ERROR_NOT_FOUND,
			"there is no profile \"%s\"; duenna profiles lists them",
			line->arguments[0]);
		return EXIT_FAILED;
	}
	(void)fputs(text, stdout);
	return EXIT_DONE;
}

const struct command command_profiles = {
	.name = "profiles",
	.arguments = "[NAME]",
	.summary = "list the shipped rule files, or print one",
	.arguments_max = 1,
	.run = run_profiles,
};
