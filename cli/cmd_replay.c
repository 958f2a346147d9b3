/* SPDX-License-Identifier: MIT */
/* `duenna replay`: a recorded session again, under the same or other rules. */
#include "cli/commands.h"
#include "cli/replay_diff.h"
#include "cli/show.h"

#include <stdlib.h>

enum { EXIT_DIFFERENT = EXIT_FAILED };

static int judge_again(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	const char **rule_files = option_values(line, "rules");
	const char **profiles = option_values(line, "profile");
	const struct rejudge_options options = {
		.database = line->database,
		.rule_files = rule_files,
		.profiles = profiles,
		.no_default_profiles = option_given(line, "no-default-profiles"),
	};
	bool is_different = false;

	(void)replay_diff(db, session, &options, line->json, &is_different, err);
	free(rule_files);
	free(profiles);
	return is_different ? EXIT_DIFFERENT : EXIT_DONE;
}

static int run_replay(const struct command_line *line, struct error *err)
{
	struct session_record session;
	int status = EXIT_DONE;

	if (!option_given(line, "diff")) {
		(void)error_set(err, ERROR_USAGE,
			"say what to do with the recording: --diff judges it again");
		return EXIT_DONE;
	}
	struct db *db = db_open(line->database, DB_READ, err);
	if (!db) {
		return EXIT_DONE;
	}
	if (db_session_find(db, line->arguments[0], &session, err)) {
		status = judge_again(line, db, &session, err);
	}
	db_close(db);
	return status;
}

static const struct option_row replay_options[] = {
	{.name = "diff",
		.meaning = "judge every action again and print what is otherwise now"},
	{.name = "rules",
		.repeats = true,
		.value = "FILE",
		.meaning = "judge by the rules in FILE, too"},
	{.name = "profile",
		.repeats = true,
		.value = "NAME",
		.meaning = "judge by this profile, too"},
	{.name = "no-default-profiles",
		.meaning = "leave out the profiles in force by default"},
	{0},
};

const struct command command_replay = {
	.name = "replay",
	.arguments = "[SESSION]",
	.summary = "judge a recorded session again under other rules",
	.description =
		"With --diff, judges every recorded action as `duenna run` with the "
		"same options would have, by the rules of today. Prints each action "
		"that comes out otherwise, then and now; those that cannot be judged "
		"again, because something that rules look at was not recorded; rules "
		"of files and stored rules that matched nothing; and totals. Ends "
		"with 0 if nothing is different, 1 if something is, 2 if it failed.",
	.common = COMMON_DATABASE | COMMON_JSON,
	.options = replay_options,
	.arguments_max = 1,
	.run = run_replay,
	.failure_status = EXIT_USAGE,
};
