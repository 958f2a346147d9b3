/* SPDX-License-Identifier: MIT */
/* Programs: arguments of one shape, subcommands, any arguments. */
#include "base/xalloc.h"
#include "rules/generalise_internal.h"
#include "rules/ladder.h"
#include "rules/ladder_internal.h"
#include "rules/printer.h"
#include "rules/random_part.h"

#include <stdlib.h>

/* A word that can only be the name of a subcommand: no option, no path, no file. */
static bool is_subcommand(struct text word)
{
	enum { SUBCOMMAND_MAX = 32 };

	for (size_t i = 0; i < word.length; i++) {
		char c = word.bytes[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool is_later =
			(c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';

		if (!is_letter && !(is_later && i > 0)) {
			return false;
		}
	}
	return word.length > 0 && word.length <= SUBCOMMAND_MAX;
}

/*
 * A file of the same kind, a name with the same random parts, or the argument itself.
 * What stands for a file never stands for an option: "-fplugin=x.c" is no "*.c".
 */
static char *argument_pattern(struct text argument)
{
	bool is_option = text_starts_with(argument, "-");
	struct text kind = generalise_kind(text_base_name(argument));
	struct random_shape shape = {0};

	if (is_option) {
		return pattern_quote_literal(argument);
	}
	if (kind.length > 0) {
		return xasprintf("[!-]*%.*s", (int)kind.length, kind.bytes);
	}
	shape = random_shape_of(argument);
	bool may_be_option = shape.randomness != RANDOM_NONE && shape.pattern[0] == '*';
	if (shape.randomness == RANDOM_NONE || may_be_option) {
		free(shape.pattern);
		return pattern_quote_literal(argument);
	}
	return shape.pattern;
}

static void give(const struct generaliser *generaliser, struct widened *widened)
{
	generaliser_give(generaliser,
		ladder_path_pattern(
			generaliser->action->object, generaliser->variables),
		widened);
}

static void give_shape(const struct generaliser *generaliser)
{
	const struct action *action = generaliser->action;
	struct widened widened = {.width = WIDTH_KIND, .min_examples = 2};
	size_t count = action->argc - 1;

	widened.rule.has_argv = true;
	widened.rule.argv_pattern_count = count;
	widened.rule.argv_patterns = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		widened.rule.argv_patterns[i] = argument_pattern(action->argv[i + 1]);
	}
	give(generaliser, &widened);
}

/* The program with its first count arguments, and any after them. */
static void give_subcommand(
	const struct generaliser *generaliser, size_t count, enum width width)
{
	const struct action *action = generaliser->action;
	struct widened widened = {.width = width, .min_examples = 2};

	widened.rule.has_argv = true;
	widened.rule.argv_pattern_count = count + 1;
	widened.rule.argv_patterns = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		widened.rule.argv_patterns[i] =
			pattern_quote_literal(action->argv[i + 1]);
	}
	widened.rule.argv_patterns[count] = xstrdup("**");
	give(generaliser, &widened);
}

void generalise_program(const struct generaliser *generaliser)
{
	const struct action *action = generaliser->action;
	bool has_subcommand = action->argc > 1 && is_subcommand(action->argv[1]);

	if (ladder_runs_anything(action->object)) {
		return;
	}
	if (action->argc > 1) {
		give_shape(generaliser);
	}
	if (has_subcommand && action->argc > 2 && is_subcommand(action->argv[2])) {
		give_subcommand(generaliser, 2, WIDTH_SUBCOMMAND2);
	}
	if (has_subcommand) {
		give_subcommand(generaliser, 1, WIDTH_SUBCOMMAND);
	}
	struct widened widened = {.width = WIDTH_PROGRAM,
		.part = action->argc > 1 ? action->argv[1] : (struct text){"", 0},
		.min_examples = 3,
		.min_parts = 3};
	give(generaliser, &widened);
}
