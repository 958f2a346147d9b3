/* SPDX-License-Identifier: MIT */
/* Programs: arguments of one shape, subcommands, any arguments. */
#include "base/xalloc.h"
#include "rules/generalise_internal.h"
#include "rules/ladder.h"
#include "rules/ladder_internal.h"
#include "rules/printer.h"
#include "rules/program_kind.h"
#include "rules/random_part.h"

#include <stdlib.h>

/*
 * What a * in an argument begins with: no option, no hidden or absolute path, no file of
 * options (@file). It crosses slashes, so a folder, a host or a "name=" before it stays.
 */
#define PLAIN "[0-9A-Za-z_]"

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_';
}

/* "lib/" of lib/a.c, "if=" of if=a.img. */
static struct text fixed_part(struct text argument)
{
	size_t length = argument.length;

	while (length > 0 && !strchr("/=:,", argument.bytes[length - 1])) {
		length--;
	}
	return (struct text){argument.bytes, length};
}

/*
 * The last part with the same random parts; NULL: it has none, or it might be an option.
 * What stands before it stays: it may be a host, or a folder.
 */
static char *random_pattern(struct text fixed, struct text name)
{
	struct random_shape shape = random_shape_of(name);
	bool is_open = shape.pattern && strchr("?*", shape.pattern[0]);

	/* A number may be a mode, a port or half of a host's name. */
	if (shape.randomness <= RANDOM_NUMBER || (is_open && fixed.length == 0)) {
		free(shape.pattern);
		return NULL;
	}
	char *quoted = fixed.length > 0 ? pattern_quote_literal(fixed) : xstrdup("");
	char *pattern =
		xasprintf("%s%s%s", quoted, is_open ? PLAIN : "", shape.pattern);

	free(quoted);
	free(shape.pattern);
	return pattern;
}

/* A file of the same kind, a name with the same random parts, or the argument itself. */
static char *argument_pattern(struct text argument)
{
	bool is_option = text_starts_with(argument, "-");
	struct text fixed = fixed_part(argument);
	struct text name = {
		argument.bytes + fixed.length, argument.length - fixed.length};
	struct text kind = generalise_kind(name);
	char *quoted = pattern_quote_literal(argument);

	if (!is_option && kind.length > 0 && is_plain(name.bytes[0])) {
		char *folder = pattern_quote_literal(fixed);
		char *pattern = xasprintf("%s" PLAIN "*%.*s",
			fixed.length > 0 ? folder : "", (int)kind.length, kind.bytes);

		free(folder);
		free(quoted);
		return pattern;
	}
	char *pattern = is_option ? NULL : random_pattern(fixed, name);
	if (pattern) {
		free(quoted);
		return pattern;
	}
	return quoted;
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

static void give_subcommands(const struct generaliser *generaliser)
{
	const struct action *action = generaliser->action;

	if (action->argc < 2 || !argument_is_subcommand(action->argv[1]) ||
		!program_takes_any_rest(action->object, action->argv[1])) {
		return;
	}
	if (action->argc > 2 && argument_is_subcommand(action->argv[2])) {
		give_subcommand(generaliser, 2, WIDTH_SUBCOMMAND2);
	}
	give_subcommand(generaliser, 1, WIDTH_SUBCOMMAND);
}

void generalise_program(const struct generaliser *generaliser)
{
	const struct action *action = generaliser->action;
	struct text first = action->argc > 1 ? action->argv[1] : (struct text){"", 0};

	if (program_runs_anything(action->object)) {
		return;
	}
	if (action->argc > 1 && program_takes_shapes(action->object, first)) {
		give_shape(generaliser);
	}
	give_subcommands(generaliser);
	if (program_runs_by_option(action->object)) {
		return;
	}
	struct widened widened = {.width = WIDTH_PROGRAM,
		.part = first,
		.min_examples = 3,
		.min_parts = 3};
	give(generaliser, &widened);
}
