/* SPDX-License-Identifier: MIT */
/* The configuration written out: as it is, and as a file to begin with. */
#include "base/text.h"
#include "cli/config.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_OF_MEANING = 34 };

static bool needs_quotes(const char *word)
{
	return *word == '\0' || strpbrk(word, " \t\"\\#") != NULL;
}

/* A word as config_line_read() takes it. */
static void print_word(FILE *out, const char *word)
{
	const bool is_quoted = needs_quotes(word);

	(void)fputs(is_quoted ? " \"" : " ", out);
	for (; *word != '\0'; word++) {
		if (*word == '"' || (is_quoted && *word == '\\')) {
			(void)fputc('\\', out);
		}
		(void)fputc(*word, out);
	}
	(void)fputs(is_quoted ? "\"" : "", out);
}

static void print_binding(
	const struct key_binding *binding, uint32_t key, const char *mark, FILE *out)
{
	char name[KEY_NAME_SIZE];
	char *line = NULL;
	size_t length = 0;
	FILE *collected = open_memstream(&line, &length);

	invariant(collected != NULL);
	(void)fprintf(collected, "%sbind %s", mark, key_context_name(binding->context));
	print_word(collected, key_words(key, name));
	(void)fprintf(collected, " %s", command_key_name(binding->command));
	invariant(fclose(collected) == 0);
	(void)fprintf(out, "%-*s # %s\n", COLUMN_OF_MEANING, line, binding->meaning);
	free(line);
}

static void print_bindings(const struct key_table *table, const char *mark, FILE *out)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct key_binding *binding = &table->bindings[i];
		for (size_t k = 0; k < 2; k++) {
			if (binding->keys[k] != KEY_NONE) {
				print_binding(binding, binding->keys[k], mark, out);
			}
		}
	}
}

static void print_looks(const struct text_look *looks, const char *mark, FILE *out)
{
	for (int i = 0; i < STYLE_COUNT; i++) {
		char *words = text_look_words(&looks[i]);
		(void)fprintf(out, "%scolour %s %s\n", mark,
			screen_style_name((enum screen_style)i), words);
		free(words);
	}
}

static const char *yes_or_no(bool truth)
{
	return truth ? "yes" : "no";
}

void config_print_default(FILE *out)
{
	struct tui_settings usual;
	char name[KEY_NAME_SIZE];

	tui_settings_init(&usual);
	(void)fprintf(out,
		"# Configuration of Duenna. Each line below says what holds without "
		"it\n"
		"# (profile and notify-command are examples); take the # away and "
		"change "
		"it.\n"
		"\n"
		"# Profiles that `duenna run` judges by beside the default ones, one "
		"a\n"
		"# line. `duenna profiles` lists them.\n"
		"#profile memory\n"
		"#default-profiles yes\n"
		"\n"
		"# How long a question has to be on the screen before keys count, in\n"
		"# thousandths of a second.\n"
		"#arming-ms %u\n"
		"\n"
		"# What happens when a question waits and the terminal has no focus: "
		"the\n"
		"# bell, a notification by the terminal (OSC 9 and OSC 777), and a "
		"program.\n"
		"# The program also runs when nobody is attached. A sentence about "
		"the\n"
		"# question becomes its last argument; no shell sees it. Its "
		"environment "
		"has\n"
		"# DUENNA_TEXT (the sentence), DUENNA_SESSION, DUENNA_QUESTION (as "
		"`duenna\n"
		"# answer` takes it) and DUENNA_COUNT (how many wait).\n"
		"#bell %s\n"
		"#notify %s\n"
		"#notify-command notify-send Duenna\n"
		"\n"
		"# Whether views and questions take the mouse; the agent's own use of "
		"it is\n"
		"# its own matter.\n"
		"#mouse %s\n"
		"\n"
		"# Comes before a key for Duenna while keys go to the agent.\n"
		"#prefix %s\n"
		"\n"
		"# How things look: a colour, and any of bold, reverse, underline, "
		"dim.\n",
		usual.arming_ms, yes_or_no(usual.rings_bell),
		yes_or_no(usual.tells_terminal), yes_or_no(usual.uses_mouse),
		key_words(usual.keys.prefix, name));
	print_looks(usual.looks, "#", out);
	(void)fputs(
		"\n# Keys: bind PLACE KEY COMMAND gives a command one more key (two at "
		"most);\n# unbind PLACE KEY takes one away.\n",
		out);
	print_bindings(&usual.keys, "#", out);
}

void config_print(const struct config *config, FILE *out)
{
	char name[KEY_NAME_SIZE];

	for (size_t i = 0; i < config->profile_count; i++) {
		(void)fputs("profile", out);
		print_word(out, config->profiles[i]);
		(void)fputc('\n', out);
	}
	(void)fprintf(out,
		"default-profiles %s\narming-ms %u\nbell %s\nnotify %s\nmouse "
		"%s\nprefix %s\n",
		yes_or_no(!config->has_no_default_profiles), config->tui.arming_ms,
		yes_or_no(config->tui.rings_bell),
		yes_or_no(config->tui.tells_terminal),
		yes_or_no(config->tui.uses_mouse),
		key_words(config->tui.keys.prefix, name));
	if (config->notify_command != NULL) {
		(void)fputs("notify-command", out);
		for (size_t i = 0; config->notify_command[i] != NULL; i++) {
			print_word(out, config->notify_command[i]);
		}
		(void)fputc('\n', out);
	}
	print_looks(config->tui.looks, "", out);
	print_bindings(&config->tui.keys, "", out);
}
