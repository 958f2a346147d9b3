/* SPDX-License-Identifier: MIT */
#include "cli/tui_summary.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/learning.h"
#include "cli/show.h"
#include "rules/printer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EVENTS_MAX = 30000, /* beyond, nobody waits for what could be learned */
	SAVED_MIN = 3,	    /* questions that are many */
};
#define NANOSECONDS_PER_HOUR 3600e9

struct fatigue {
	int64_t asked, answered, allowed;
	int64_t first, last; /* when the questions were asked; nanoseconds */
	int64_t *waits;	     /* owned; until the answer */
};

static int by_value(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a;
	const int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void answers_read(struct db *db, int64_t session, struct fatigue *answers)
{
	struct question_record question;
	struct error err = {0};

	if (!db_questions_begin(db, session, &err)) {
		return;
	}
	while (db_questions_next(db, &question, &err)) {
		answers->first = answers->asked == 0 ? question.time : answers->first;
		answers->last = question.time;
		answers->asked++;
		if (question.answered) {
			answers->waits = xreallocarray(answers->waits,
				(size_t)answers->answered + 1, sizeof(int64_t));
			answers->waits[answers->answered++] =
				question.answer_time - question.time;
			answers->allowed += question.verdict == VERDICT_ALLOW;
		}
	}
	if (answers->answered > 0) {
		qsort(answers->waits, (size_t)answers->answered, sizeof(int64_t),
			by_value);
	}
}

/* How tiring it was to be asked. */
static void write_answers(FILE *out, const struct fatigue *answers)
{
	char median[SHOW_SIZE];
	const double hours =
		(double)(answers->last - answers->first) / NANOSECONDS_PER_HOUR;

	(void)fprintf(out, "questions asked: %" PRId64, answers->asked);
	if (hours > 0.1) {
		(void)fprintf(out, ", %.0f an hour", (double)answers->asked / hours);
	}
	if (answers->answered > 0) {
		(void)fprintf(out,
			"; %" PRId64 "%% allowed; half were answered within %s",
			100 * answers->allowed / answers->answered,
			show_duration(answers->waits[answers->answered / 2], median));
	}
	(void)fputc('\n', out);
}

static void write_counts(FILE *out, const struct event_counts *counts)
{
	(void)fprintf(
		out, "\njudged actions: %" PRId64 "\n\n  %-8s", counts->total, "");
	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		(void)fprintf(out, " %8s", verdict_name((enum verdict)verdict));
	}
	(void)fputc('\n', out);
	for (int verb = 0; verb < VERB_COUNT; verb++) {
		int64_t sum = 0;
		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
			sum += counts->by_verb[verb][verdict];
		}
		if (sum == 0) {
			continue;
		}
		(void)fprintf(out, "  %-8s", verb_name((enum verb)verb));
		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
			(void)fprintf(
				out, " %8" PRId64, counts->by_verb[verb][verdict]);
		}
		(void)fputc('\n', out);
	}
}

/* ---- What would have been less tiring ---- */

/* The one that would have answered most questions, if those are many. */
static const struct proposal *best_proposal(const struct learned *learned)
{
	const struct proposal *best = NULL;

	for (size_t i = 0; i < learned->count; i++) {
		const struct proposal *proposal = &learned->proposals[i];
		if (proposal->answers >= SAVED_MIN &&
			(best == NULL || proposal->answers > best->answers)) {
			best = proposal;
		}
	}
	return best;
}

static void write_best(FILE *out, const struct learned *learned, int64_t session)
{
	const struct proposal *best = best_proposal(learned);

	if (best == NULL) {
		return;
	}
	char *text = rule_print(&best->rules.rules[0]);
	char *safe = escape_copy(text_of(text));
	(void)fprintf(out,
		"one rule would have answered %" PRId64 " of them:\n  %s\n"
		"  (duenna learn %" PRId64 " proposes and stores such rules)\n",
		(int64_t)best->answers, safe, session);
	free(safe);
	free(text);
}

static void write_proposal(
	FILE *out, const char *database, const struct session_record *session)
{
	char number[SHOW_SIZE];
	char *const sessions[] = {number, NULL};
	char *project =
		session->project.length > 0 ? text_copy(session->project) : NULL;
	const struct learning_options from = {
		.database = database,
		.project = project,
		.sessions = sessions,
		.session_count = 1,
		.rules = {.database = database},
		.only_sources = true,
	};
	struct learning learning = {0};
	const int64_t id = session->id;
	struct db *db = db_open(database, DB_READ, NULL);

	(void)snprintf(number, sizeof(number), "%" PRId64, id);
	if (db != NULL) {
		if (learning_run(&learning, &from, db, NULL)) {
			write_best(out, &learning.learned, id);
		}
		learning_finish(&learning);
	}
	free(project);
}

/* ---- The whole ---- */

static void write_summary(FILE *out, const char *database, struct db *db,
	const struct session_record *session)
{
	struct event_counts counts;
	struct fatigue asked = {0};

	answers_read(db, session->id, &asked);
	write_answers(out, &asked);
	if (asked.allowed >= SAVED_MIN && session->event_count <= EVENTS_MAX) {
		write_proposal(out, database, session);
	}
	if (db_event_counts(db, session->id, &counts, NULL)) {
		write_counts(out, &counts);
	}
	free(asked.waits);
}

char *tui_summary(void *context, int64_t session, struct error *err)
{
	const char *database = context;
	struct db *db = db_open(database, DB_READ, err);
	struct session_record record;
	char name[SHOW_SIZE];
	char *text = NULL;
	size_t length;

	(void)snprintf(name, sizeof(name), "%" PRId64, session);
	if (db != NULL && db_session_find(db, name, &record, err)) {
		FILE *out = open_memstream(&text, &length);
		invariant(out != NULL);
		write_summary(out, database, db, &record);
		(void)fclose(out);
	}
	db_close(db);
	return text;
}
