/* SPDX-License-Identifier: MIT */
/* `duenna keys`: what each key of the full-screen front end does, as it is configured. */
#include "cli/commands.h"
#include "cli/config.h"

#include <stdio.h>

static void print_keys(void)
{
	enum key_context context = CONTEXT_COUNT;
	const struct key_binding *binding;
	char name[KEY_NAME_SIZE];

	(void)printf("The prefix key is %s; typed twice, it goes to the agent.\n",
		key_words(key_prefix(), name));
	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		char second[KEY_NAME_SIZE];
		if (binding->context != context) {
			context = binding->context;
			(void)printf("\n%s (%s)\n", key_context_title(context),
				key_context_name(context));
		}
		(void)printf("  %-5s %-10s %-12s %s\n",
			binding->keys[0] != KEY_NONE ? key_words(binding->keys[0], name)
						     : "",
			binding->keys[1] != KEY_NONE
				? key_words(binding->keys[1], second)
				: "",
			command_key_name(binding->command), binding->meaning);
	}
}

static int run_keys(const struct command_line *line, struct error *err)
{
	struct config config;

	(void)line;
	if (!config_load(&config, err)) {
		return EXIT_FAILED;
	}
	key_table_use(&config.tui.keys);
	print_keys();
	config_finish(&config);
	return EXIT_DONE;
}

const struct command command_keys = {
	.name = "keys",
	.arguments = "",
	.summary = "list the keys of the full-screen front end",
	.run = run_keys,
};
