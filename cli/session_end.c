/* SPDX-License-Identifier: MIT */
#include "cli/session_end.h"

#include "base/escape.h"
#include "cli/learning.h"
#include "cli/locations.h"
#include "cli/open_actions.h"
#include "cli/show.h"
#include "rules/printer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EVENTS_MAX = 100000, /* beyond, nobody waits for what could be learned */
	RULES_SHOWN = 6,
};

struct asked {
	int64_t session, event_count;
	int64_t questions, allowed, denied;
};

/* The newest session of that supervisor; pids come again. */
static bool find_session(struct db *db, pid_t supervisor, struct asked *asked)
{
	struct session_record session;

	if (!db_sessions_begin(db, NULL)) {
		return false;
	}
	while (db_sessions_next(db, &session, NULL)) {
		if (session.supervisor == supervisor) {
			asked->session = session.id;
			asked->event_count = session.event_count;
		}
	}
	return asked->session > 0;
}

static void count_questions(struct db *db, struct asked *asked)
{
	struct question_record question;

	if (!db_questions_begin(db, asked->session, NULL)) {
		return;
	}
	while (db_questions_next(db, &question, NULL)) {
		asked->questions++;
		asked->allowed +=
			question.answered && question.verdict == VERDICT_ALLOW;
		asked->denied += question.answered && question.verdict != VERDICT_ALLOW;
	}
}

static void print_rules(const struct learned *learned)
{
	char rules[SHOW_SIZE], more[SHOW_SIZE];

	(void)fprintf(stderr,
		"duenna: %s would answer %" PRId64 " of them from now on:\n",
		show_count((int64_t)learned->count, "rule", rules),
		learned->totals.questions_saved);
	for (size_t i = 0; i < learned->count && i < RULES_SHOWN; i++) {
		char *text = rule_print(&learned->proposals[i].rules.rules[0]);
		char *safe = escape_copy(text_of(text));

		(void)fprintf(stderr, "  %s\n", safe);
		free(safe);
		free(text);
	}
	if (learned->count > RULES_SHOWN) {
		(void)fprintf(stderr, "  and %s\n",
			show_count((int64_t)(learned->count - RULES_SHOWN), "more rule",
				more));
	}
}

/* False if there is nothing to decide. Takes db. */
static bool print_learned(
	const struct session_options *options, const struct asked *asked, struct db *db)
{
	char number[SHOW_SIZE];
	char *const sessions[] = {number, NULL};
	const struct learning_options from = {
		.database = options->database,
		.project = options->project,
		.sessions = sessions,
		.session_count = 1,
		.rules = {.database = options->database,
			.rule_files = options->rule_files,
			.profiles = options->profiles,
			.no_default_profiles = options->no_default_profiles},
		.only_sources = true,
	};
	struct learning learning = {0};
	struct open_actions open = {0};
	bool has_any = false;

	(void)snprintf(number, sizeof(number), "%" PRId64, asked->session);
	if (learning_run(&learning, &from, db, NULL)) {
		open_actions_find(&learning, &open);
		has_any = learning.learned.count + open.count > 0;
		if (learning.learned.count > 0) {
			print_rules(&learning.learned);
		}
		open_actions_finish(&open);
	}
	learning_finish(&learning);
	return has_any;
}

void session_end_print(const struct session_options *options, pid_t supervisor)
{
	struct asked asked = {0};
	struct db *db =
		options->quiet ? NULL : db_open(options->database, DB_READ, NULL);
	char questions[SHOW_SIZE];

	if (!db || !find_session(db, supervisor, &asked)) {
		db_close(db);
		return;
	}
	count_questions(db, &asked);
	if (asked.questions == 0) {
		db_close(db);
		return;
	}
	(void)fprintf(stderr, "duenna: %s: %" PRId64 " allowed, %" PRId64 " denied",
		show_count(asked.questions, "question", questions), asked.allowed,
		asked.denied);
	if (asked.allowed + asked.denied < asked.questions) {
		(void)fprintf(stderr, ", %" PRId64 " not answered",
			asked.questions - asked.allowed - asked.denied);
	}
	(void)fputc('\n', stderr);
	if (asked.event_count > EVENTS_MAX) {
		db_close(db);
	} else if (!print_learned(options, &asked, db)) {
		return;
	}
	char *database = location_database_option(options->database);
	(void)fprintf(stderr,
		"duenna: to decide about them for good: duenna learn %" PRId64 "%s\n",
		asked.session, database);
	free(database);
}
