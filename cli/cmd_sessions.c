/* SPDX-License-Identifier: MIT */
/* `duenna sessions`: what was recorded, in lists and summaries, and removing it. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/event_json.h"
#include "cli/session_summary.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COMMAND_COLUMN = 68, COMMAND_MIN = 12 };

static void print_row(const struct session_record *session, size_t width)
{
	char date[SHOW_SIZE], took[SHOW_SIZE], state[SHOW_SIZE];
	bool is_over = session->ended != 0;
	size_t room = width > COMMAND_COLUMN + COMMAND_MIN ? width - COMMAND_COLUMN
		      : width				   ? COMMAND_MIN
							   : 0;
	char *name = show_text(session->name, 12);
	char *command = show_command(session->argv, session->argc, room);

	(void)printf("%4lld  %s  %-11s %-8s %7lld  %-12s  %s\n", (long long)session->id,
		show_date(session->started, date),
		is_over ? show_duration(session->ended - session->started, took) : "-",
		show_state(session, state), (long long)session->event_count, name,
		command);
	free(name);
	free(command);
}

static int run_list(const struct command_line *line, struct error *err)
{
	struct db *db = line->json ? db_open(line->database, DB_READ, err)
				   : show_open(line->database, err);
	struct session_record session;
	size_t count = 0;

	if (!db) {
		if (err->code == ERROR_NOT_FOUND) {
			err->code = 0; /* no line is the JSON of no sessions */
		}
		return EXIT_DONE;
	}
	bool is_good = db_sessions_begin(db, err);
	while (is_good && db_sessions_next(db, &session, err)) {
		if (line->json) {
			json_print_line(session_json(&session));
			continue;
		}
		if (count++ == 0) {
			(void)puts("  ID  STARTED              TOOK        STATE    "
				   " EVENTS  NAME          COMMAND");
		}
		print_row(&session, show_width());
	}
	if (!err->code && count == 0 && !line->json) {
		(void)puts("no sessions yet; start one with: duenna run -- COMMAND");
	}
	db_close(db);
	return EXIT_DONE;
}

static int run_show(const struct command_line *line, struct error *err)
{
	struct db *db = show_open(line->database, err);
	struct session_record session;

	if (!db) {
		return EXIT_DONE;
	}
	if (db_session_find(db, line->arguments[0], &session, err)) {
		if (line->json) {
			json_print_line(session_json(&session));
		} else {
			(void)session_summary_print(
				stdout, db, &session, option_given(line, "all"), err);
		}
	}
	db_close(db);
	return EXIT_DONE;
}

/* What the options ask for, or false if they ask for nothing. */
static bool read_limits(
	const struct command_line *line, struct prune_limits *limits, struct error *err)
{
	enum {
		DAYS_MAX = 36500,
		MEGABYTES_MAX = 100000000,
		DAY = 86400,
		NANO = 1000000000
	};
	long days, megabytes;

	if (!option_number(line, "older-than", DAYS_MAX, -1, &days, err) ||
		!option_number(line, "size", MEGABYTES_MAX, -1, &megabytes, err)) {
		return false;
	}
	if (days < 0 && megabytes < 0) {
		return error_set(err, ERROR_USAGE,
			"say what to remove: --older-than DAYS, --size MB, or both");
	}
	*limits = (struct prune_limits){0};
	if (days >= 0) {
		struct timespec now;

		(void)clock_gettime(CLOCK_REALTIME, &now);
		limits->ended_before =
			(now.tv_sec - days * (long)DAY) * NANO + now.tv_nsec;
	}
	if (megabytes >= 0) {
		/* 0 means no limit there: one byte is as good as none. */
		limits->size = megabytes ? (int64_t)megabytes * 1000000 : 1;
	}
	return true;
}

static void print_plan(const struct prune_result *plan, bool is_dry)
{
	char count[SHOW_SIZE], size[SHOW_SIZE];

	if (plan->count == 0) {
		(void)puts("nothing to remove");
		return;
	}
	(void)printf("%s %s (about %s):", is_dry ? "would remove" : "removed",
		show_count((int64_t)plan->count, "session", count),
		show_bytes(plan->bytes, size));
	for (size_t i = 0; i < plan->count; i++) {
		(void)printf(" %lld", (long long)plan->sessions[i]);
	}
	(void)putchar('\n');
}

static int run_prune(const struct command_line *line, struct error *err)
{
	struct prune_limits limits;
	struct prune_result plan;
	bool is_dry = option_given(line, "dry-run");

	if (!read_limits(line, &limits, err)) {
		return EXIT_DONE;
	}
	struct db *db = db_open(line->database, is_dry ? DB_READ : DB_WRITE, err);
	if (!db) {
		return EXIT_DONE;
	}
	if (db_prune_plan(db, &limits, &plan, err)) {
		if (is_dry || plan.count == 0 || db_prune(db, &plan, err)) {
			print_plan(&plan, is_dry);
		}
		prune_result_finish(&plan);
	}
	db_close(db);
	return EXIT_DONE;
}

/* What was recorded beside events. */
static void print_seal(const struct chain_state *state)
{
	char count[SHOW_SIZE];

	if (state->is_unsealed) {
		(void)puts("Its terminal, processes and questions were recorded before "
			   "they were sealed: they cannot be verified.");
		return;
	}
	(void)printf("Its terminal, processes, questions and other parts are intact: "
		     "%s, seal %s\n",
		show_count(state->sealed, "row", count), state->seal);
}

static void print_chain(
	const struct session_record *session, const struct chain_state *state)
{
	char count[SHOW_SIZE], date[SHOW_SIZE];
	long long id = (long long)session->id;

	(void)show_count(state->checked, "event", count);
	if (state->is_unchained) {
		(void)printf("session %lld cannot be verified: it was recorded before "
			     "events were chained\n",
			id);
	} else if (!state->reason) {
		(void)printf("session %lld is intact: %s, last link %s%s\n", id, count,
			state->head,
			session_is_running(session) ? " (it still runs)" : "");
		print_seal(state);
	} else if (state->broken_time != 0) {
		(void)printf("session %lld is not intact since event %lld (%s): %s\n",
			id, (long long)state->broken,
			show_date(state->broken_time, date), state->reason);
	} else {
		(void)printf("session %lld is not intact since %s %lld: %s\n", id,
			state->broken_kind ? state->broken_kind : "event",
			(long long)state->broken, state->reason);
	}
}

static int run_verify(const struct command_line *line, struct error *err)
{
	struct session_record session;
	struct chain_state state;
	bool is_whole = false;
	struct db *db = db_open(line->database, DB_READ, err);

	if (!db) {
		return EXIT_DONE;
	}
	if (db_session_find(db, line->arguments[0], &session, err) &&
		db_chain_verify(db, session.id, &state, err)) {
		is_whole = !state.reason && !state.is_unchained;
		if (line->json) {
			json_print_line(chain_json(&session, &state));
		} else {
			print_chain(&session, &state);
		}
	}
	db_close(db);
	return is_whole ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_row show_options[] = {
	{.name = "all", .meaning = "list everything instead of the first of each kind"},
	{0},
};

static const struct option_row prune_options[] = {
	{.name = "older-than",
		.value = "DAYS",
		.meaning = "those that ended before that"},
	{.name = "size",
		.value = "MB",
		.meaning = "the oldest, until the rest takes no more than that"},
	{.name = "dry-run", .letter = 'n', .meaning = "only say what would be removed"},
	{0},
};

static const struct command sessions_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the recorded sessions",
	.common = COMMON_DATABASE | COMMON_JSON,
	.run = run_list,
};

static const struct command sessions_show = {
	.name = "show",
	.arguments = "[SESSION]",
	.summary = "sum up what a session did",
	.common = COMMON_DATABASE | COMMON_JSON,
	.options = show_options,
	.arguments_max = 1,
	.run = run_show,
};

static const struct command sessions_prune = {
	.name = "prune",
	.arguments = "",
	.summary = "remove old recordings; rules stay",
	.common = COMMON_DATABASE,
	.options = prune_options,
	.run = run_prune,
};

static const struct command sessions_verify = {
	.name = "verify",
	.arguments = "[SESSION]",
	.summary = "say whether a recording is as it was written",
	.description =
		"Checks the chain of hashes over the events of a session and the seals "
		"of its terminal output, processes, questions and answers, MCP calls "
		"and labels. Ends with 0 if all are as they were written, else with 1 "
		"after saying since where they are not. Whoever can write to the "
		"database can make all of them anew: note the last link and the seal "
		"elsewhere to notice that, too.",
	.common = COMMON_DATABASE | COMMON_JSON,
	.arguments_max = 1,
	.run = run_verify,
};

static const struct command *const subcommands[] = {
	&sessions_list, &sessions_show, &sessions_prune, &sessions_verify, NULL};

const struct command command_sessions = {
	.name = "sessions",
	.arguments = "[list|show|prune|verify]",
	.summary = "list recorded sessions, sum one up, remove or verify",
	.subcommands = subcommands,
};
