/* SPDX-License-Identifier: MIT */
/* `duenna replay`: a recorded session again, under the same or other rules. */
#include "cli/commands.h"
#include "cli/player.h"
#include "cli/replay_diff.h"
#include "cli/show.h"

#include <stdlib.h>
#include <unistd.h>

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

static int play(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	const struct player_options options = {
		.speed = option_text(line, "speed"),
		.keep_idle = option_given(line, "keep-idle"),
	};

	(void)player_run(db, session, &options, err);
	return EXIT_DONE;
}

/* Options of one way to replay mean nothing in the other. */
static bool check_options(const struct command_line *line, struct error *err)
{
	static const char *const judging[] = {
		"rules", "profile", "no-default-profiles", "json"};
	static const char *const playing[] = {"speed", "keep-idle"};
	bool judges = option_given(line, "diff");

	for (size_t i = 0; i < sizeof(judging) / sizeof(judging[0]) && !judges; i++) {
		if (option_given(line, judging[i])) {
			return error_set(err, ERROR_USAGE,
				"--%s is for judging again: give --diff with it",
				judging[i]);
		}
	}
	for (size_t i = 0; i < sizeof(playing) / sizeof(playing[0]) && judges; i++) {
		if (option_given(line, playing[i])) {
			return error_set(err, ERROR_USAGE,
				"--%s is for playing, not for --diff", playing[i]);
		}
	}
	if (!judges && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		return error_set(err, ERROR_USAGE,
			"playing needs a terminal; --diff judges again without one");
	}
	return true;
}

static int run_replay(const struct command_line *line, struct error *err)
{
	struct session_record session;
	int status = EXIT_DONE;

	if (!check_options(line, err)) {
		return EXIT_DONE;
	}
	struct db *db = db_open(line->database, DB_READ, err);
	if (!db) {
		return EXIT_DONE;
	}
	if (db_session_find(db, line->arguments[0], &session, err)) {
		status = option_given(line, "diff")
				 ? judge_again(line, db, &session, err)
				 : play(line, db, &session, err);
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
	{.name = "speed",
		.value = "SPEED",
		.choices = "0.25|0.5|1|2|4|8|16",
		.meaning = "play so many times as fast"},
	{.name = "keep-idle", .meaning = "do not cut pauses of the recording short"},
	{0},
};

const struct command command_replay = {
	.name = "replay",
	.arguments = "[SESSION]",
	.summary = "play a recorded session, or judge it again by other rules",
	.description =
		"Plays the recorded terminal output on this terminal. Space pauses, "
		"+ and - change the speed, n and p step to the next question or denial "
		"and to the one before, the arrows go 10 seconds, i is for idle time, "
		"q quits.\n\n"
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
