/* SPDX-License-Identifier: MIT */
/* `duenna log`: the events of a session, as lines for people or for programs. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/event_json.h"
#include "cli/event_match.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	OBJECT_COLUMN = 31,
	OBJECT_MIN = 24,
	PROGRAM_MAX = 16,
	FOLLOW_PAUSE_NS = 200000000,
};

struct log {
	const struct command_line *line;
	struct db *db;
	struct event_filter filter;
	struct event_match *match; /* NULL: every object */
	unsigned vectors;	   /* bits; 0: all */
	const char *heading;	   /* to be printed before the next event; NULL: none */
	size_t width;
	size_t printed;
};

static bool read_verbs(
	const struct command_line *line, uint32_t *verbs, struct error *err)
{
	const char *name;

	for (size_t i = 0; (name = option_value(line, "verb", i)); i++) {
		enum verb verb;

		if (!verb_from_name(text_of(name), &verb)) {
			return error_set(
				err, ERROR_USAGE, "there is no verb \"%s\"", name);
		}
		*verbs |= 1u << verb;
	}
	return true;
}

static bool read_verdicts(
	const struct command_line *line, uint32_t *verdicts, struct error *err)
{
	const char *name;

	for (size_t i = 0; (name = option_value(line, "verdict", i)); i++) {
		enum verdict verdict;

		if (!verdict_from_name(text_of(name), &verdict)) {
			return error_set(
				err, ERROR_USAGE, "there is no verdict \"%s\"", name);
		}
		*verdicts |= 1u << verdict;
	}
	return true;
}

/* Why, for what did not simply go through. */
static void print_reason(const struct log *log, const struct event *event)
{
	char waited[SHOW_SIZE];

	if (event->verdict == VERDICT_ALLOW && event->by != BY_PERSON) {
		return;
	}
	char *by = show_decider(event, log->width ? log->width - OBJECT_COLUMN : 0);
	(void)printf("%*s%s", OBJECT_COLUMN, "", by);
	if (event->question && event->waited_ms > 0) {
		(void)printf(" (waited %s)",
			show_duration(event->waited_ms * 1000000, waited));
	}
	(void)putchar('\n');
	free(by);
}

/* An address with the name that it was looked up by. */
static char *object_words(const struct event *event, size_t width)
{
	bool has_name = verb_object_kind(event->verb) == OBJECT_HOST &&
			event->asked_as.length > 0;

	if (!has_name) {
		return show_object(event->object, event->argv, event->argc, width);
	}
	char *name = show_text(event->asked_as, width / 2);
	char *address = show_text(event->object, width / 2);
	char *both = xasprintf("%s (%s)", name, address);
	free(name);
	free(address);
	return both;
}

static void print_event(const struct log *log, const struct event *event)
{
	char when[SHOW_SIZE];
	char *program = show_text(text_base_name(event->program), PROGRAM_MAX);
	size_t taken = OBJECT_COLUMN + strlen(program) + 2;
	size_t room = !log->width			? 0
		      : log->width > taken + OBJECT_MIN ? log->width - taken
							: OBJECT_MIN;
	char *object = object_words(event, room);

	(void)printf("%6lld %s %-6s %-7s %s  %s\n", (long long)event->seq,
		show_clock(event->time, when), verdict_name(event->verdict),
		verb_name(event->verb), object, program);
	print_reason(log, event);
	free(program);
	free(object);
}

static void print_heading(struct log *log)
{
	if (log->heading) {
		(void)printf("%s%s:\n", log->printed ? "\n" : "", log->heading);
		log->heading = NULL;
	}
}

/* Prints what is there after the last that was printed. */
static bool print_new(struct log *log, struct error *err)
{
	struct event event;
	struct error local = {0};

	if (!db_events_begin(log->db, &log->filter, err)) {
		return false;
	}
	while (db_events_next(log->db, &event, &local)) {
		log->filter.after = event.seq;
		if ((log->match && !event_match(log->match, &event)) ||
			(log->vectors && !(event_vectors(&event) & log->vectors))) {
			continue;
		}
		print_heading(log);
		log->printed++;
		if (log->line->json) {
			json_print_line(event_json(&event));
		} else {
			print_event(log, &event);
		}
	}
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	return report_output_written(err) && !ferror(stdout);
}

/* What has to do with several vectors stands below each. */
static bool print_groups(struct log *log, struct error *err)
{
	const unsigned wanted = log->vectors ? log->vectors : ~0u;
	bool is_good = true;

	for (unsigned i = 0; is_good && i < VECTOR_COUNT; i++) {
		if ((wanted >> i & 1) != 0) {
			log->vectors = 1u << i;
			log->heading = vector_name((enum vector)i);
			log->filter.after = 0;
			is_good = print_new(log, err);
		}
	}
	return is_good;
}

/* Until the session is over and everything of it was printed. */
static bool follow(struct log *log, const char *session_id, struct error *err)
{
	static const struct timespec pause = {0, FOLLOW_PAUSE_NS};
	bool is_running = true;

	while (is_running) {
		struct session_record session;

		/* Looked at before reading: its last events come before its end. */
		if (!db_session_find(log->db, session_id, &session, err)) {
			return false;
		}
		is_running = session_is_running(&session);
		if (!print_new(log, err)) {
			return false;
		}
		if (is_running) {
			(void)nanosleep(&pause, NULL);
		}
	}
	return true;
}

static bool print_wanted(struct log *log, const char *id, struct error *err)
{
	if (option_given(log->line, "follow")) {
		return follow(log, id, err);
	}
	return option_given(log->line, "group") ? print_groups(log, err)
						: print_new(log, err);
}

static bool print_session(
	struct log *log, const struct session_record *session, struct error *err)
{
	const char *pattern = option_text(log->line, "match");
	char id[SHOW_SIZE];

	log->filter.session = session->id;
	(void)snprintf(id, sizeof(id), "%lld", (long long)session->id);
	if (pattern) {
		log->match = event_match_create(pattern, session, err);
		if (!log->match) {
			return false;
		}
	}
	bool is_good = print_wanted(log, id, err);
	if (is_good && log->printed == 0 && !log->line->json) {
		(void)printf("no events%s in session %s\n",
			pattern || log->filter.verbs || log->filter.verdicts ||
					option_value(log->line, "vector", 0)
				? " like that"
				: "",
			id);
	}
	event_match_destroy(log->match);
	return is_good;
}

static int run_log(const struct command_line *line, struct error *err)
{
	struct log log = {.line = line, .width = show_width()};
	struct session_record session;

	if (!read_verbs(line, &log.filter.verbs, err) ||
		!read_verdicts(line, &log.filter.verdicts, err) ||
		!vectors_option(line, &log.vectors, err)) {
		return EXIT_DONE;
	}
	if (option_given(line, "group") &&
		(line->json || option_given(line, "follow"))) {
		(void)error_set(err, ERROR_USAGE,
			"--group goes neither with --json nor with --follow");
		return EXIT_DONE;
	}
	log.db = line->json ? db_open(line->database, DB_READ, err)
			    : show_open(line->database, err);
	if (!log.db) {
		return EXIT_DONE;
	}
	if (db_session_find(log.db, line->arguments[0], &session, err)) {
		(void)print_session(&log, &session, err);
	}
	db_close(log.db);
	return EXIT_DONE;
}

static const struct option_row log_options[] = {
	{.name = "verb",
		.value = "VERB",
		.repeats = true,
		.meaning = "only actions of this verb"},
	{.name = "verdict",
		.value = "VERDICT",
		.repeats = true,
		.choices = "allow|ask|deny|forbid",
		.meaning = "only actions with this verdict"},
	{.name = "vector",
		.value = "VECTOR",
		.repeats = true,
		.choices = VECTOR_CHOICES,
		.meaning = "only what has to do with this"},
	{.name = "group", .meaning = "below a heading for each vector"},
	{.name = "match",
		.value = "PATTERN",
		.meaning = "only objects that this rule pattern matches"},
	{.name = "follow",
		.letter = 'f',
		.meaning = "go on with what happens, until the session ends"},
	{0},
};

const struct command command_log = {
	.name = "log",
	.arguments = "[SESSION]",
	.summary = "print the recorded actions of a session",
	.description =
		"One line for each judged action: its number, time, verdict, "
		"verb, object and program; below, what decided it, unless it was "
		"simply allowed. With --json one object a line.",
	.common = COMMON_DATABASE | COMMON_JSON,
	.options = log_options,
	.arguments_max = 1,
	.run = run_log,
};
