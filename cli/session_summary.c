/* SPDX-License-Identifier: MIT */
/* Duration, counts, dangers, programs, files, hosts, questions, denials of a session. */
#include "cli/session_summary.h"

#include "base/xalloc.h"
#include "cli/session_danger.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIST_MAX = 15, INDENT = 10 };

/* A list of objects that were met with one of the verbs and verdicts. */
struct section {
	const char *title;
	uint32_t verbs, verdicts;
	bool show_verb;
};

#define ALLOWED (1u << VERDICT_ALLOW)
#define DENIED (1u << VERDICT_DENY | 1u << VERDICT_FORBID)

static const struct section sections[] = {
	{"Programs run", 1u << VERB_EXEC, ALLOWED, false},
	{"Files written", 1u << VERB_WRITE, ALLOWED, false},
	{"Files deleted", 1u << VERB_DELETE, ALLOWED, false},
	{"Reached", 1u << VERB_CONNECT | 1u << VERB_LISTEN, ALLOWED, true},
	{"Denied", 0, DENIED, true},
};

static int64_t sum(const struct event_counts *counts, enum verdict verdict)
{
	int64_t n = 0;

	for (size_t verb = 0; verb < VERB_COUNT; verb++) {
		n += counts->by_verb[verb][verdict];
	}
	return n;
}

static void print_head(FILE *out, const struct session_record *session)
{
	char buffer[SHOW_SIZE], took[SHOW_SIZE];
	size_t width = show_width();
	size_t room = width ? width - INDENT : 0;
	char *name = show_text(session->name, 40);
	char *command = show_command(session->argv, session->argc, room);
	char *folder = show_text(session->working_folder, room);
	char *project = show_text(session->project, room);

	(void)fprintf(out, "Session %lld%s%s\n", (long long)session->id,
		*name ? ", " : "", name);
	(void)fprintf(out, "  command %s\n  folder  %s\n", command, folder);
	if (*project) {
		(void)fprintf(out, "  project %s\n", project);
	}
	(void)fprintf(out, "  started %s", show_date(session->started, buffer));
	if (session->ended) {
		(void)fprintf(out, ", took %s, exit status %d\n",
			show_duration(session->ended - session->started, took),
			session->status);
	} else {
		(void)fprintf(out, ", %s\n",
			session_is_running(session) ? "still running"
						    : "its supervisor died");
	}
	free(name);
	free(command);
	free(folder);
	free(project);
}

static void print_counts(FILE *out, const struct event_counts *counts)
{
	char total[SHOW_SIZE];

	(void)fprintf(out, "  judged  %s: %lld allowed, %lld denied\n",
		show_count(counts->total, "action", total),
		(long long)sum(counts, VERDICT_ALLOW),
		(long long)(sum(counts, VERDICT_DENY) + sum(counts, VERDICT_FORBID)));
}

static void print_object(
	FILE *out, const struct section *section, const struct object_count *object)
{
	char times[SHOW_SIZE] = "";
	size_t width = show_width();

	if (object->count > 1) {
		(void)snprintf(times, sizeof(times), "  (%lld times)",
			(long long)object->count);
	}
	size_t room = width ? width - strlen(times) - INDENT : 0;
	char *shown = show_text(object->object, room);
	if (section->show_verb) {
		(void)fprintf(
			out, "  %-7s %s%s\n", verb_name(object->verb), shown, times);
	} else {
		(void)fprintf(out, "  %s%s\n", shown, times);
	}
	free(shown);
}

static bool print_section(FILE *out, struct db *db, int64_t session,
	const struct section *section, size_t max, struct error *err)
{
	struct event_filter filter = {.session = session,
		.verbs = section->verbs,
		.verdicts = section->verdicts};
	struct object_count object;
	struct error local = {0};
	size_t count = 0;

	if (!db_objects_begin(db, &filter, err)) {
		return false;
	}
	while (db_objects_next(db, &object, &local)) {
		if (count++ == 0) {
			(void)fprintf(out, "\n%s\n", section->title);
		}
		if (count <= max) {
			print_object(out, section, &object);
		}
	}
	if (count > max) {
		(void)fprintf(out, "  and %zu more (--all lists them)\n", count - max);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static void print_question(FILE *out, const struct question_record *question)
{
	char waited[SHOW_SIZE];
	size_t width = show_width();
	char *object = show_object(question->object, question->argv, question->argc,
		width ? width - INDENT : 0);

	(void)fprintf(out, "  %-7s %s\n", verb_name(question->verb), object);
	if (question->answered) {
		(void)fprintf(out, "          %s, %s, after %s\n",
			verdict_name(question->verdict), scope_name(question->scope),
			show_duration(question->answer_time - question->time, waited));
	} else {
		(void)fputs("          not answered\n", out);
	}
	free(object);
}

static bool print_questions(
	FILE *out, struct db *db, int64_t session, size_t max, struct error *err)
{
	struct question_record question;
	struct error local = {0};
	size_t count = 0;

	if (!db_questions_begin(db, session, err)) {
		return false;
	}
	while (db_questions_next(db, &question, &local)) {
		if (count++ == 0) {
			(void)fputs("\nQuestions\n", out);
		}
		if (count <= max) {
			print_question(out, &question);
		}
	}
	if (count > max) {
		(void)fprintf(out, "  and %zu more (--all lists them)\n", count - max);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

bool session_summary_print(FILE *out, struct db *db,
	const struct session_record *session, bool all, struct error *err)
{
	size_t max = all ? SIZE_MAX : LIST_MAX;
	int64_t id = session->id;
	struct event_counts counts;

	print_head(out, session);
	if (!db_event_counts(db, id, &counts, err)) {
		return false;
	}
	print_counts(out, &counts);
	if (!session_danger_print(out, db, session, err)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (!print_section(out, db, id, &sections[i], max, err)) {
			return false;
		}
	}
	return print_questions(out, db, id, max, err);
}
