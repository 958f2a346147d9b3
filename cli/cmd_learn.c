/* SPDX-License-Identifier: MIT */
/* `duenna learn`: few rules from what people approved in recorded sessions. */
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/event_json.h"
#include "cli/learn_places.h"
#include "cli/learn_report.h"
#include "cli/recordings.h"
#include "cli/report.h"
#include "cli/rule_file.h"
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUES_MAX = OPTIONS_GIVEN_MAX };

struct listed_session {
	int64_t id;
	size_t place;
	bool is_source;
};

struct learning {
	const struct command_line *line;
	struct db *db;
	struct learner *learner;
	struct learn_rules from;
	const char *rule_files[VALUES_MAX + 1], *profiles[VALUES_MAX + 1];
	struct learn_place **places;
	size_t place_count;
	struct listed_session *sessions;
	size_t session_count;
	int64_t *sources;
	size_t source_count;
	struct recordings *recordings;
	struct learned learned;
	struct cover *covers;
};

/* ---- Which sessions ---- */

static bool find_place(
	struct learning *learning, struct text project, size_t *at, struct error *err)
{
	for (size_t i = 0; i < learning->place_count; i++) {
		if (text_equal_string(project, learning->places[i]->project)) {
			*at = i;
			return true;
		}
	}
	struct learn_place *place = xcalloc(1, sizeof(*place));
	char *name = text_copy(project);
	bool is_good = learn_place_init(place, name, &learning->from, err);
	free(name);
	if (!is_good) {
		free(place);
		return false;
	}
	/* Its address must stay: the learner borrows the rules. */
	place->number =
		learner_add_place(learning->learner, &place->variables, &place->rules);
	learning->places = xreallocarray(learning->places, learning->place_count + 1,
		sizeof(struct learn_place *));
	learning->places[learning->place_count] = place;
	*at = learning->place_count++;
	return true;
}

static bool is_wanted(
	const struct learning *learning, const struct session_record *session)
{
	const char *own = learning->line->project;

	if (learning->line->argument_count == 0) {
		if (session->is_imported) {
			return false; /* nobody here approved what is in it */
		}
		return own ? text_equal_string(session->project, own)
			   : session->project.length == 0;
	}
	for (size_t i = 0; i < learning->source_count; i++) {
		if (learning->sources[i] == session->id) {
			return true;
		}
	}
	return false;
}

static bool read_named(struct learning *learning, struct error *err)
{
	const struct command_line *line = learning->line;
	struct session_record session;

	for (size_t i = 0; i < line->argument_count; i++) {
		if (!db_session_find(learning->db, line->arguments[i], &session, err)) {
			return false;
		}
		learning->sources = xreallocarray(learning->sources,
			learning->source_count + 1, sizeof(*learning->sources));
		learning->sources[learning->source_count++] = session.id;
	}
	return true;
}

/* Projects are copied meanwhile: reading their rules reads the database anew. */
static bool read_sessions(
	struct learning *learning, char ***projects, struct error *err)
{
	struct session_record session;
	struct error local = {0};

	if (!db_sessions_begin(learning->db, err)) {
		return false;
	}
	while (db_sessions_next(learning->db, &session, &local)) {
		size_t count = learning->session_count++;

		learning->sessions = xreallocarray(
			learning->sessions, count + 1, sizeof(*learning->sessions));
		*projects = xreallocarray(*projects, count + 1, sizeof(char *));
		learning->sessions[count] = (struct listed_session){
			.id = session.id, .is_source = is_wanted(learning, &session)};
		(*projects)[count] = text_copy(session.project);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static bool place_sessions(
	struct learning *learning, char **projects, struct error *err)
{
	bool is_good = true;

	for (size_t i = 0; projects && i < learning->session_count && is_good; i++) {
		is_good = find_place(learning, text_of(projects[i]),
			&learning->sessions[i].place, err);
	}
	return is_good;
}

/* Without names, the sources are this project's sessions. */
static bool list_sources(struct learning *learning, struct error *err)
{
	if (learning->line->argument_count > 0) {
		return true;
	}
	for (size_t i = 0; i < learning->session_count; i++) {
		if (learning->sessions[i].is_source) {
			learning->sources = xreallocarray(learning->sources,
				learning->source_count + 1, sizeof(*learning->sources));
			learning->sources[learning->source_count++] =
				learning->sessions[i].id;
		}
	}
	if (learning->source_count == 0) {
		return error_set(err, ERROR_NOT_FOUND,
			"no session of this project is recorded; name the sessions to "
			"learn from (duenna sessions lists them)");
	}
	return true;
}

static bool find_sessions(struct learning *learning, struct error *err)
{
	char **projects = NULL;
	bool is_good =
		read_named(learning, err) && read_sessions(learning, &projects, err) &&
		list_sources(learning, err) && place_sessions(learning, projects, err);

	for (size_t i = 0; projects && i < learning->session_count; i++) {
		free(projects[i]);
	}
	free(projects);
	return is_good;
}

/* ---- Learning ---- */

static bool add_session(struct learning *learning, const struct listed_session *session,
	struct error *err)
{
	const struct learn_place *place = learning->places[session->place];
	struct recorded_action recorded;
	struct error local = {0};

	if (!recordings_begin(learning->recordings, session->id,
		    place->variables.temporary, err)) {
		return false;
	}
	while (recordings_next(learning->recordings, &recorded, &local)) {
		learner_add(learning->learner, place->number, &recorded,
			session->is_source);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

/* The place whose files a proposal's variables stand for: this project's, if known. */
static const struct learn_place *own_place(const struct learning *learning)
{
	const char *own = learning->line->project ? learning->line->project : "";

	for (size_t i = 0; i < learning->place_count; i++) {
		if (strcmp(learning->places[i]->project, own) == 0) {
			return learning->places[i];
		}
	}
	return learning->places[0];
}

static bool learn(struct learning *learning, struct error *err)
{
	learning->recordings = recordings_open(learning->db, err);
	bool is_good = learning->recordings != NULL;

	for (size_t i = 0; i < learning->session_count && is_good; i++) {
		is_good = add_session(learning, &learning->sessions[i], err);
	}
	if (!is_good) {
		return false;
	}
	learner_run(learning->learner, option_given(learning->line, "unreviewed"),
		&learning->learned);
	learning->covers =
		xcalloc(learning->learned.count + 1, sizeof(*learning->covers));
	for (size_t i = 0; i < learning->learned.count; i++) {
		cover_find(own_place(learning), &learning->learned.proposals[i],
			&learning->covers[i]);
	}
	return true;
}

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

static char *source_text(const struct learn_report *report)
{
	char *text = xstrdup("learned from session");

	for (size_t i = 0; i < report->session_count; i++) {
		char *longer = xasprintf("%s%s%lld", text, i ? ", " : " ",
			(long long)report->sessions[i]);

		free(text);
		text = longer;
	}
	return text;
}

static size_t make_records(const struct learn_report *report,
	const struct rule_record *common, struct rule_record *records, char **texts)
{
	size_t count = 0;

	for (size_t i = 0; i < report->learned->count; i++) {
		const struct proposal *proposal = &report->learned->proposals[i];
		const struct recorded_action *first = proposal->examples[0]->records[0];

		for (size_t j = 0; j < proposal->rules.count; j++) {
			texts[count] = rule_bare_text(&proposal->rules.rules[j]);
			records[count] = *common;
			records[count].text = text_of(texts[count]);
			records[count].origin_session = first->session;
			records[count].origin_event = first->event;
			records[count].origin_question = first->question;
			count++;
		}
	}
	return count;
}

static bool save(const struct learning *learning, const struct learn_report *report,
	struct error *err)
{
	struct rule_record common = {.origin = ORIGIN_PERSON, .created = rules_now()};
	size_t most = 2 * report->learned->count + 1;
	struct rule_record *records = xcalloc(most, sizeof(*records));
	char **texts = xcalloc(most, sizeof(*texts));
	char *source = source_text(report);
	char rules[SHOW_SIZE];

	common.source = text_of(source);
	common.scope = SCOPE_ALWAYS;
	if (strcmp(option_text(learning->line, "save"), "project") == 0) {
		common.scope = SCOPE_PROJECT;
		common.project = text_of(learning->line->project);
	}
	size_t count = make_records(report, &common, records, texts);
	struct db *db = db_open(learning->line->database, DB_WRITE, err);
	bool is_good = db && (count == 0 || db_rules_add(db, records, count, err));
	db_close(db);
	for (size_t i = 0; i < count; i++) {
		if (is_good) {
			char *text = show_text(text_of(texts[i]), 0);

			(void)printf("%s\n", text);
			free(text);
		}
		free(texts[i]);
	}
	if (is_good) {
		(void)printf("stored %s; duenna rules undo takes them back\n",
			show_count((int64_t)count, "rule", rules));
	}
	free(records);
	free(texts);
	free(source);
	return is_good;
}

static bool report(const struct learning *learning, struct error *err)
{
	const struct command_line *line = learning->line;
	const struct learn_report report = {
		.learned = &learning->learned,
		.covers = learning->covers,
		.sessions = learning->sources,
		.session_count = learning->source_count,
		.tested_sessions = (int64_t)learning->session_count,
	};
	const char *path = option_text(line, "output");
	bool is_good = true;

	if (option_given(line, "save")) {
		is_good = save(learning, &report, err);
	}
	if (is_good && path) {
		is_good = write_file(&report, path, err);
	}
	if (is_good && line->json) {
		json_print_line(learn_report_json(&report));
	} else if (is_good && !path && !option_given(line, "save")) {
		learn_report_write(&report, stdout);
	}
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

static void read_rules(struct learning *learning)
{
	const struct command_line *line = learning->line;

	for (size_t i = 0; i < VALUES_MAX; i++) {
		learning->rule_files[i] = option_value(line, "rules", i);
		learning->profiles[i] = option_value(line, "profile", i);
	}
	learning->from = (struct learn_rules){
		.database = line->database,
		.rule_files = learning->rule_files,
		.profiles = learning->profiles,
		.no_default_profiles = option_given(line, "no-default-profiles"),
	};
}

static void finish(struct learning *learning)
{
	for (size_t i = 0; learning->covers && i < learning->learned.count; i++) {
		cover_finish(&learning->covers[i]);
	}
	free(learning->covers);
	learned_finish(&learning->learned);
	learner_destroy(learning->learner);
	recordings_close(learning->recordings);
	for (size_t i = 0; i < learning->place_count; i++) {
		learn_place_finish(learning->places[i]);
		free(learning->places[i]);
	}
	free(learning->places);
	free(learning->sessions);
	free(learning->sources);
	db_close(learning->db);
}

static int run_learn(const struct command_line *line, struct error *err)
{
	struct learning learning = {.line = line};

	if (!check_options(line, err)) {
		return EXIT_DONE;
	}
	learning.db = line->json ? db_open(line->database, DB_READ, err)
				 : show_open(line->database, err);
	if (!learning.db) {
		return EXIT_DONE;
	}
	learning.learner = learner_create(time(NULL));
	read_rules(&learning);
	if (find_sessions(&learning, err) && learn(&learning, err)) {
		(void)report(&learning, err);
	}
	finish(&learning);
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
	{.name = "unreviewed",
		.meaning = "also propose what --ask allow let happen, marked as such"},
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
		"this project) and prints rules that would have allowed it, each with "
		"its evidence, what else it would cover now, and a test on all "
		"recordings. No rule that would allow what was ever denied, or that "
		"would overrule one that asks, is proposed.",
	.common = COMMON_DATABASE | COMMON_PROJECT | COMMON_JSON,
	.options = learn_options,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_learn,
};
