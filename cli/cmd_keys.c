/* SPDX-License-Identifier: MIT */
/* `duenna keys`: what each key of the full-screen front end does. */
#include "cli/commands.h"
#include "tui/keys.h"

#include <stdio.h>

static int run_keys(const struct command_line *line, struct error *err)
{
	enum key_context context = CONTEXT_COUNT;
	const struct key_binding *binding;
	char name[KEY_NAME_SIZE];

	(void)line;
	(void)err;
	(void)printf("The prefix key is %s; typed twice, it goes to the agent.\n",
		key_words(PREFIX_DEFAULT, name));
	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		char second[KEY_NAME_SIZE];
		if (binding->context != context) {
			context = binding->context;
			(void)printf("\n%s\n", key_context_title(context));
		}
		(void)printf("  %-5s %-10s %s\n", key_words(binding->keys[0], name),
			binding->keys[1] != KEY_NONE
				? key_words(binding->keys[1], second)
				: "",
			binding->meaning);
	}
	return EXIT_DONE;
}

const struct command command_keys = {
	.name = "keys",
	.arguments = "",
	.summary = "list the keys of the full-screen front end",
	.run = run_keys,
};
