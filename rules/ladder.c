/* SPDX-License-Identifier: MIT */
/* Ladders of programs, names and paths; those of hosts are in ladder_host.c. */
#include "rules/ladder.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "rules/glob.h"
#include "rules/ladder_internal.h"
#include "rules/printer.h"
#include "rules/program_kind.h"

#include <stdlib.h>

/*
 * Folders whose direct files have nothing to do with each other. Besides these: every
 * folder directly below /, every hidden folder, what the project lies in, and the
 * project's neighbours.
 */
static const char *const guard_folders[] = {
	"/",
	"/*",
	"~",
	"/home/*",
	"~/.local/bin",
	"~/.local/lib",
	"~/.local/share",
	"~/.local/state",
	"~/.var/app",
	"~/snap",
	"/etc/*.d",
	"/media/*",
	"/media/*/*",
	"/mnt/*",
	"/proc/*",
	"/run/user",
	"/run/user/*",
	"/usr/bin",
	"/usr/lib",
	"/usr/local",
	"/usr/local/bin",
	"/usr/local/lib",
	"/usr/sbin",
	"/usr/share",
	"/var/lib",
	"/var/spool",
	"/var/tmp",
};

static size_t count_slashes(struct text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++) {
		count += text.bytes[i] == '/';
	}
	return count;
}

/* By the start, and by the depth: none of the patterns has wildcards for slashes. */
static bool may_match(const char *pattern, struct text path)
{
	size_t literal = strcspn(pattern, "*?[\\");

	return path.length >= literal && memcmp(path.bytes, pattern, literal) == 0 &&
	       count_slashes(path) == count_slashes(text_of(pattern));
}

static bool path_matches(
	const char *pattern, struct text path, const struct rule_variables *variables)
{
	struct glob glob;

	/* Most differ from the start, or lie deeper: no need to compile them. */
	if (pattern[0] == '~') {
		struct text home = text_of(variables->home ? variables->home : "");

		if (home.length > 1 &&
			(!text_path_is_below(path, home) ||
				!may_match(pattern + 1,
					(struct text){path.bytes + home.length,
						path.length - home.length}))) {
			return false;
		}
	} else if (!may_match(pattern, path)) {
		return false;
	}
	if (!glob_compile(text_of(pattern), variables, &glob)) {
		return false;
	}
	bool matches = glob_match_path(&glob, path);
	glob_finish(&glob);
	return matches;
}

static struct text parent_folder(struct text path)
{
	const char *slash =
		path.length > 0 ? memrchr(path.bytes, '/', path.length) : NULL;
	size_t length = slash ? (size_t)(slash - path.bytes) : 0;

	return (struct text){path.bytes, length == 0 && path.length > 0 ? 1 : length};
}

static bool is_home_part(struct text folder, const struct rule_variables *variables)
{
	return variables->home && text_path_is_below(text_of(variables->home), folder);
}

/* What the project lies in, and the folders beside it, which may be other projects. */
static bool is_around_project(
	struct text folder, const struct rule_variables *variables)
{
	if (!variables->project) {
		return false;
	}
	struct text project = text_of(variables->project);
	if (text_equal(folder, project)) {
		return false;
	}
	return text_path_is_below(project, folder) ||
	       text_equal(parent_folder(folder), parent_folder(project));
}

bool ladder_is_guard_folder(struct text folder, const struct rule_variables *variables)
{
	bool is_hidden = text_starts_with(text_base_name(folder), ".");
	bool is_own =
		variables->temporary && text_equal_string(folder, variables->temporary);

	if (is_own) {
		return false;
	}
	if (is_hidden || is_home_part(folder, variables) ||
		is_around_project(folder, variables)) {
		return true;
	}
	/* A project that lies at an odd place is still the project. */
	if (variables->project && text_equal_string(folder, variables->project)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(guard_folders) / sizeof(guard_folders[0]); i++) {
		if (path_matches(guard_folders[i], folder, variables)) {
			return true;
		}
	}
	return false;
}

char *ladder_path_pattern(struct text path, const struct rule_variables *variables)
{
	const char *names[] = {"{tmp}", "{project}", "~"};
	const char *values[] = {
		variables->temporary, variables->project, variables->home};
	size_t best = 3;

	for (size_t i = 0; i < 3; i++) {
		bool is_longer =
			values[i] &&
			(best == 3 || strlen(values[i]) > strlen(values[best]));
		if (is_longer && strlen(values[i]) > 1 &&
			text_path_is_below(path, text_of(values[i]))) {
			best = i;
		}
	}
	if (best == 3) {
		return pattern_quote_literal(path);
	}
	size_t length = strlen(values[best]);
	struct text rest = {path.bytes + length, path.length - length};
	char *quoted = pattern_quote_literal(rest);
	char *pattern = xasprintf("%s%s", names[best], quoted);
	free(quoted);
	return pattern;
}

struct rule *ladder_add(
	struct ladder_builder *builder, char *pattern, const char *label)
{
	struct ladder *ladder = builder->ladder;

	if (ladder->count == LADDER_MAX) {
		free(pattern);
		return NULL;
	}
	for (size_t i = 0; i < ladder->count; i++) {
		const struct rule *rule = &ladder->rungs[i].rule;
		if (!rule->has_argv && strcmp(rule->pattern, pattern) == 0) {
			free(pattern);
			return NULL;
		}
	}
	struct ladder_rung *rung = &ladder->rungs[ladder->count++];
	rung->label = label;
	rung->rule = (struct rule){.kind = RULE_JUDGE,
		.verdict = builder->verdict,
		.verbs = 1U << builder->action->verb,
		.pattern = pattern,
		.origin = ORIGIN_PERSON};
	return &rung->rule;
}

/* "folder" + end, where the root folder adds no slash of its own. */
static char *below(const char *prefix, struct text folder, const char *end,
	const struct rule_variables *variables)
{
	char *pattern = ladder_path_pattern(folder, variables);
	char *whole = xasprintf(
		"%s%s%s", prefix, strcmp(pattern, "/") == 0 ? "" : pattern, end);

	free(pattern);
	return whole;
}

/* The ending of a name, with its dot: ".c"; empty if it says nothing about the kind. */
static struct text kind_of_file(struct text name)
{
	enum { KIND_MAX = 8 };
	const char *dot =
		name.length > 0 ? memrchr(name.bytes, '.', name.length) : NULL;

	if (!dot || dot == name.bytes) {
		return (struct text){NULL, 0};
	}
	struct text kind = {dot, name.length - (size_t)(dot - name.bytes)};
	bool is_digit = true;
	for (size_t i = 1; i < kind.length; i++) {
		char c = kind.bytes[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9');
		if (!is_word) {
			return (struct text){NULL, 0};
		}
		is_digit = is_digit && c >= '0' && c <= '9';
	}
	bool says_something = kind.length > 1 && kind.length <= KIND_MAX && !is_digit;
	return says_something ? kind : (struct text){NULL, 0};
}

static void add_kind(
	struct ladder_builder *builder, const char *prefix, struct text path)
{
	struct text kind = kind_of_file(text_base_name(path));

	if (kind.length > 0) {
		char *ending = xasprintf("/*%.*s", (int)kind.length, kind.bytes);
		ladder_add(builder,
			below(prefix, parent_folder(path), ending, builder->variables),
			"files of this kind in this folder");
		free(ending);
	}
}

static bool is_project(struct text folder, const struct rule_variables *variables)
{
	return variables->project && text_equal_string(folder, variables->project);
}

/* The trees from folder upwards, up to the project or to where a guard stands. */
static void add_trees(
	struct ladder_builder *builder, const char *prefix, struct text folder)
{
	const struct rule_variables *variables = builder->variables;
	bool is_first = true;

	while (folder.length > 1 && !ladder_is_guard_folder(folder, variables)) {
		bool is_whole = is_project(folder, variables);
		const char *label = is_whole   ? "the whole project"
				    : is_first ? "this folder and all below it"
					       : "the folder above and all below it";
		ladder_add(builder, below(prefix, folder, "/**", variables), label);
		if (is_whole ||
			(variables->temporary &&
				text_equal_string(folder, variables->temporary))) {
			return;
		}
		is_first = false;
		folder = parent_folder(folder);
	}
}

void ladder_add_path(
	struct ladder_builder *builder, const char *prefix, struct text path)
{
	const struct rule_variables *variables = builder->variables;
	struct text folder = parent_folder(path);
	bool is_folder = builder->action->is_folder;

	ladder_add(builder, below(prefix, path, path.length == 1 ? "/" : "", variables),
		is_folder ? "this folder" : "this file");
	if (is_folder) {
		add_trees(builder, prefix, path);
		return;
	}
	if (ladder_is_guard_folder(folder, variables)) {
		return;
	}
	add_kind(builder, prefix, path);
	ladder_add(builder, below(prefix, folder, "/*", variables),
		"all files in this folder");
	add_trees(builder, prefix, folder);
}

/* A rung for the program with its first count arguments, and perhaps any after them. */
static void add_arguments(
	struct ladder_builder *builder, size_t count, bool has_rest, const char *label)
{
	const struct action *action = builder->action;
	struct rule *rule = ladder_add(builder,
		ladder_path_pattern(action->object, builder->variables), label);

	if (!rule) {
		return;
	}
	rule->has_argv = true;
	rule->argv_pattern_count = count + has_rest;
	rule->argv_patterns = xcalloc(count + has_rest + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		rule->argv_patterns[i] = pattern_quote_literal(action->argv[i + 1]);
	}
	if (has_rest) {
		rule->argv_patterns[count] = xstrdup("**");
	}
}

static void add_program(struct ladder_builder *builder)
{
	const struct action *action = builder->action;
	size_t given = action->argc > 0 ? action->argc - 1 : 0;

	add_arguments(builder, given, false, "exactly these arguments");
	if (program_runs_anything(action->object)) {
		return;
	}
	bool has_subcommand = given > 0 && argument_is_subcommand(action->argv[1]);
	if (has_subcommand && given > 1 && argument_is_subcommand(action->argv[2])) {
		add_arguments(
			builder, 2, true, "this subcommand and its first argument");
	}
	if (has_subcommand) {
		add_arguments(builder, 1, true, "this subcommand");
	}
	ladder_add(builder, ladder_path_pattern(action->object, builder->variables),
		"this program with any arguments");
}

static void add_name(struct ladder_builder *builder)
{
	const struct action *action = builder->action;
	bool is_path = text_starts_with(action->object, "/");
	/* "server/tool"; "server/tools/list" is about what all of them say they are. */
	bool is_list = action->verb == VERB_MCP &&
		       text_ends_with(action->object, "/tools/list");
	bool is_tool = action->verb == VERB_MCP && !is_list;

	ladder_add(builder,
		is_path ? ladder_path_pattern(action->object, builder->variables)
			: pattern_quote_literal(action->object),
		is_tool	  ? "this tool"
		: is_list ? "whatever its tools say"
			  : "exactly this");
	const char *slash =
		is_tool && action->object.length > 0
			? memchr(action->object.bytes, '/', action->object.length)
			: NULL;
	if (slash) {
		struct text server = {
			action->object.bytes, (size_t)(slash - action->object.bytes)};
		char *quoted = pattern_quote_literal(server);
		ladder_add(
			builder, xasprintf("%s/*", quoted), "all tools of this server");
		free(quoted);
	}
}

void ladder_build(struct ladder *ladder, const struct action *action,
	enum verdict verdict, const struct rule_variables *variables)
{
	struct ladder_builder builder = {ladder, action, verdict, variables};

	memset(ladder, 0, sizeof(*ladder));
	switch (verb_object_kind(action->verb)) {
	case OBJECT_PATH:
		ladder_add_path(&builder, "", action->object);
		break;
	case OBJECT_PROGRAM:
		add_program(&builder);
		break;
	case OBJECT_HOST:
		ladder_add_host(&builder);
		break;
	case OBJECT_NAME:
		add_name(&builder);
		break;
	}
	invariant(ladder->count > 0);
}

void ladder_finish(struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->count; i++) {
		rule_finish(&ladder->rungs[i].rule);
	}
	memset(ladder, 0, sizeof(*ladder));
}
