/* SPDX-License-Identifier: MIT */
/* `duenna learn`: few rules from what people approved in recorded sessions. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/event_json.h"
#include "cli/learn_report.h"
#include "cli/learn_store.h"
#include "cli/learning.h"
#include "cli/locations.h"
#include "cli/proposal_desk.h"
#include "cli/show.h"
#include "cli/vectors.h"
#include "rules/printer.h"
#include "tui/app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Output ---- */

static bool write_file(
	const struct learn_report *report, const char *path, struct error *err)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		return error_set(err, errno, "open %s: %s", path, strerror(errno));
	}
	learn_report_write(report, file);
	bool is_written = fflush(file) == 0 && !ferror(file);
	int failure = errno;
	if (fclose(file) != 0 || !is_written) {
		return error_set(err, failure, "write %s: %s", path, strerror(failure));
	}
	char count[SHOW_SIZE];
	(void)printf("%s: %s\n", path,
		show_count((int64_t)report->learned->count, "rule", count));
	return true;
}

static void print_stored(
	const char *database, const struct rule_to_store *rules, size_t count)
{
	char shown[SHOW_SIZE];

	for (size_t i = 0; i < count; i++) {
		char *text = rule_print(rules[i].rule);

		(void)puts(text);
		free(text);
	}
	char *option = location_database_option(database);
	(void)printf("stored %s; duenna rules undo%s takes them back\n",
		show_count((int64_t)count, "rule", shown), option);
	free(option);
}

static bool save(const struct command_line *line, const struct learning *learning,
	struct error *err)
{
	const struct learned *learned = &learning->learned;
	bool is_project = strcmp(option_text(line, "save"), "project") == 0;
	struct rule_to_store *rules = xcalloc(2 * learned->count + 1, sizeof(*rules));
	size_t count = 0;

	for (size_t i = 0; i < learned->count; i++) {
		const struct proposal *proposal = &learned->proposals[i];

		for (size_t j = 0; j < proposal->rules.count; j++) {
			rules[count++] =
				(struct rule_to_store){&proposal->rules.rules[j],
					proposal->examples[0]->records[0]};
		}
	}
	const struct rules_to_store storing = {is_project ? line->project : NULL, rules,
		count, learning->sources, learning->source_count};
	bool is_good = learn_store(line->database, &storing, err);
	if (is_good) {
		print_stored(line->database, rules, count);
	}
	free(rules);
	return is_good;
}

static bool report(
	const struct command_line *line, struct learning *learning, struct error *err)
{
	struct open_actions open;
	const struct learn_report report = {
		.learned = &learning->learned,
		.covers = learning->covers,
		.sessions = learning->sources,
		.session_count = learning->source_count,
		.tested_sessions = learning_tested(learning),
		.open = &open,
		.is_grouped = option_given(line, "group"),
	};
	const char *path = option_text(line, "output");
	bool is_good = true;

	open_actions_find(learning, &open);
	if (option_given(line, "save")) {
		is_good = save(line, learning, err);
	}
	if (is_good && path) {
		is_good = write_file(&report, path, err);
	}
	if (is_good && line->json) {
		json_print_line(learn_report_json(&report));
	} else if (is_good && !path && !option_given(line, "save")) {
		learn_report_write(&report, stdout);
	}
	open_actions_finish(&open);
	return is_good;
}

/* ---- The command ---- */

static bool check_options(const struct command_line *line, struct error *err)
{
	const char *scope = option_text(line, "save");

	if (scope && option_given(line, "unreviewed")) {
		return error_set(err, ERROR_USAGE,
			"--save stores a person's decisions, and nobody decided the "
			"unreviewed rules: write them with -o FILE, read them, then "
			"use duenna rules load FILE");
	}
	if (scope && strcmp(scope, "project") == 0 && !line->project) {
		return error_set(err, ERROR_USAGE,
			"there is no project here; name one with --project DIR");
	}
	return true;
}

/* On a terminal, unless the result is wanted in another form. */
static bool wants_screen(const struct command_line *line)
{
	return !line->json && !option_given(line, "output") &&
	       !option_given(line, "save") && !option_given(line, "print") &&
	       tui_is_possible(STDIN_FILENO, STDOUT_FILENO);
}

static void learn(const struct command_line *line, struct db *db,
	const struct learning_options *options, struct error *err)
{
	struct learning learning = {0};

	if (!learning_run(&learning, options, db, err)) {
		learning_finish(&learning);
		return;
	}
	struct config config;
	if (wants_screen(line)) {
		if (config_load(&config, err)) {
			(void)proposal_desk_run(&learning, &config.tui, err);
			config_finish(&config);
		}
	} else {
		(void)report(line, &learning, err);
	}
	learning_finish(&learning);
}

static int run_learn(const struct command_line *line, struct error *err)
{
	unsigned vectors;

	if (!check_options(line, err) || !vectors_option(line, &vectors, err)) {
		return EXIT_DONE;
	}
	struct db *db = line->json ? db_open(line->database, DB_READ, err)
				   : show_open(line->database, err);
	if (!db) {
		return EXIT_DONE;
	}
	const char **rule_files = option_values(line, "rules");
	const char **profiles = option_values(line, "profile");
	const struct learning_options options = {
		.database = line->database,
		.project = line->project,
		.sessions = line->arguments,
		.session_count = line->argument_count,
		.rules = {.database = line->database,
			.rule_files = rule_files,
			.profiles = profiles,
			.no_default_profiles =
				option_given(line, "no-default-profiles")},
		.unreviewed = option_given(line, "unreviewed"),
		.vectors = vectors,
	};
	learn(line, db, &options, err);
	free(rule_files);
	free(profiles);
	return EXIT_DONE;
}

static const struct option_row learn_options[] = {
	{.name = "output",
		.letter = 'o',
		.value = "FILE",
		.meaning = "write the rules to this file"},
	{.name = "save",
		.value = "SCOPE",
		.choices = "always|project",
		.meaning = "store the rules as your decisions"},
	{.name = "print", .meaning = "print the rules, also on a terminal: no screen"},
	{.name = "unreviewed",
		.meaning = "also propose what --ask allow let happen, marked as such"},
	{.name = "vector",
		.value = "VECTOR",
		.repeats = true,
		.choices = VECTOR_CHOICES,
		.meaning = "learn only from what has to do with this"},
	{.name = "group", .meaning = "print the rules below a heading for each vector"},
	{.name = "rules",
		.value = "FILE",
		.repeats = true,
		.meaning = "rules in force besides the stored ones"},
	{.name = "profile",
		.value = "NAME",
		.repeats = true,
		.meaning = "profile in force besides the default ones"},
	{.name = "no-default-profiles", .meaning = "no default profile is in force"},
	{0},
};

const struct command command_learn = {
	.name = "learn",
	.arguments = "[SESSION...]",
	.summary = "turn what people approved into a few rules",
	.description =
		"Looks at what people approved in these sessions (by default all of "
		"this project) and proposes rules that would have allowed it, each "
		"with "
		"its evidence, what else it would cover now, and a test on all "
		"recordings. No rule that would allow what was ever denied, or that "
		"would overrule one that asks, is proposed. On a terminal it is a "
		"screen on which rules are widened, narrowed, split, dropped, accepted "
		"and stored; elsewhere a rule file is printed.",
	.common = COMMON_DATABASE | COMMON_PROJECT | COMMON_JSON,
	.options = learn_options,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_learn,
};
