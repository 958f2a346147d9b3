/* SPDX-License-Identifier: MIT */
/* `duenna replay`: a recorded session again, under the same or other rules. */
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/player.h"
#include "cli/replay_changes.h"
#include "cli/replay_diff.h"
#include "cli/replay_recording.h"
#include "tui/app.h"

#include <stdlib.h>
#include <unistd.h>

enum { EXIT_DIFFERENT = EXIT_FAILED };

static struct rejudge_options judging_options(
	const struct command_line *line, const char **rule_files, const char **profiles)
{
	return (struct rejudge_options){
		.database = line->database,
		.rule_files = rule_files,
		.profiles = profiles,
		.no_default_profiles = option_given(line, "no-default-profiles"),
	};
}

static int judge_again(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	const char **rule_files = option_values(line, "rules");
	const char **profiles = option_values(line, "profile");
	const struct rejudge_options options =
		judging_options(line, rule_files, profiles);
	bool is_different = false;

	(void)replay_diff(db, session, &options, line->json, &is_different, err);
	free(rule_files);
	free(profiles);
	return is_different ? EXIT_DIFFERENT : EXIT_DONE;
}

static bool play_plain(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	const struct player_options options = {
		.speed = option_text(line, "speed"),
		.keep_idle = option_given(line, "keep-idle"),
	};

	return player_run(db, session, &options, err);
}

/* In quarters, as the option's choices are. */
static unsigned speed_quarters(const char *speed)
{
	return speed != NULL ? (unsigned)(strtod(speed, NULL) * 4) : 0;
}

static bool show_recording(const struct command_line *line, struct db *db,
	const struct session_record *session, struct replay_changes *changes,
	struct error *err)
{
	struct replay_recording recording;
	struct config config;

	if (!config_load(&config, err)) {
		return false;
	}
	bool is_good = replay_recording_open(&recording, db, session, changes, err);
	if (is_good) {
		const struct replay_options options = {
			.input = STDIN_FILENO,
			.output = STDOUT_FILENO,
			.source = &recording.source,
			.settings = &config.tui,
			.speed = speed_quarters(option_text(line, "speed")),
			.keeps_idle = option_given(line, "keep-idle"),
		};
		is_good = tui_replay_run(&options, err);
		replay_recording_close(&recording);
	}
	config_finish(&config);
	return is_good;
}

static const char *const rule_options[] = {
	"rules", "profile", "no-default-profiles", "judge"};
enum { RULE_OPTIONS = sizeof(rule_options) / sizeof(rule_options[0]) };

static const char *judging_option(const struct command_line *line)
{
	for (size_t i = 0; i < RULE_OPTIONS; i++) {
		if (option_given(line, rule_options[i])) {
			return rule_options[i];
		}
	}
	return NULL;
}

static bool show_whole(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	if (judging_option(line) == NULL) {
		return show_recording(line, db, session, NULL, err);
	}
	const char **rule_files = option_values(line, "rules");
	const char **profiles = option_values(line, "profile");
	const struct rejudge_options options =
		judging_options(line, rule_files, profiles);
	struct replay_changes *changes =
		replay_changes_make(db, session, &options, err);
	const bool is_good =
		changes != NULL && show_recording(line, db, session, changes, err);

	replay_changes_free(changes);
	free(rule_files);
	free(profiles);
	return is_good;
}

static bool check_conflict(const struct command_line *line, const char *with,
	const char *const *others, size_t count, struct error *err)
{
	for (size_t i = 0; i < count && option_given(line, with); i++) {
		if (option_given(line, others[i])) {
			return error_set(err, ERROR_USAGE,
				"--%s and --%s do not go together", others[i], with);
		}
	}
	return true;
}

/* Options of one way to replay mean nothing in the other. */
static bool check_options(const struct command_line *line, struct error *err)
{
	static const char *const playing[] = {"speed", "keep-idle", "plain", "judge"};

	if (option_given(line, "json") && !option_given(line, "diff")) {
		return error_set(err, ERROR_USAGE, "--json is for --diff");
	}
	if (!check_conflict(
		    line, "diff", playing, sizeof(playing) / sizeof(playing[0]), err) ||
		!check_conflict(line, "plain", rule_options, RULE_OPTIONS, err)) {
		return false;
	}
	if (!option_given(line, "diff") &&
		(!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		return error_set(err, ERROR_USAGE,
			"playing needs a terminal; --diff judges again without one");
	}
	return true;
}

static int replay(const struct command_line *line, struct db *db,
	const struct session_record *session, struct error *err)
{
	if (option_given(line, "diff")) {
		return judge_again(line, db, session, err);
	}
	const bool can_draw = tui_is_possible(STDIN_FILENO, STDOUT_FILENO);
	if (option_given(line, "plain") || (!can_draw && !judging_option(line))) {
		(void)play_plain(line, db, session, err);
	} else {
		(void)show_whole(line, db, session, err);
	}
	return EXIT_DONE;
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
		status = replay(line, db, &session, err);
	}
	db_close(db);
	return status;
}

static const struct option_row replay_options[] = {
	{.name = "diff",
		.meaning = "judge every action again and print what is otherwise now"},
	{.name = "judge",
		.meaning = "judge again by the rules of today, and show both"},
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
	{.name = "plain",
		.meaning = "play nothing but the terminal, on any kind of terminal"},
	{.name = "keep-idle", .meaning = "do not cut pauses of the recording short"},
	{0},
};

const struct command command_replay = {
	.name = "replay",
	.arguments = "[SESSION]",
	.summary = "look at a recorded session, or judge it again by other rules",
	.description =
		"Shows the terminal as it was beside the events and the processes of "
		"the same moment; Space plays, ? lists the keys. With --rules, "
		"--profile or --judge, each event also has what those rules would say "
		"of it now. With --plain, plays the terminal alone: Space pauses, "
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
