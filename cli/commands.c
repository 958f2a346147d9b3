/* SPDX-License-Identifier: MIT */
/* The list of commands. */
#include "cli/commands.h"

#include <string.h>

const struct command *const commands[] = {
	&command_run,
	&command_attach,
	&command_stop,
	&command_pause,
	&command_resume,
	&command_questions,
	&command_answer,
	&command_sessions,
	&command_log,
	&command_learn,
	&command_replay,
	&command_export,
	&command_import,
	&command_rules,
	&command_why,
	&command_profiles,
	&command_config,
	&command_keys,
	&command_doctor,
	NULL,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}
