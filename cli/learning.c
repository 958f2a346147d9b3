/* SPDX-License-Identifier: MIT */
#include "cli/learning.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	bool is_good = learn_place_init(place, name, &learning->options->rules, err);
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
	const char *own = learning->options->project;

	if (learning->options->session_count == 0) {
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
	const struct learning_options *options = learning->options;
	struct session_record session;

	for (size_t i = 0; i < options->session_count; i++) {
		if (!db_session_find(
			    learning->db, options->sessions[i], &session, err)) {
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
		bool is_source = is_wanted(learning, &session);

		if (!is_source && learning->options->only_sources) {
			continue;
		}
		size_t count = learning->session_count++;

		learning->sessions = xreallocarray(
			learning->sessions, count + 1, sizeof(*learning->sessions));
		*projects = xreallocarray(*projects, count + 1, sizeof(char *));
		learning->sessions[count] = (struct listed_session){
			.id = session.id, .is_source = is_source};
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
	if (learning->options->session_count > 0) {
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
	const unsigned vectors = learning->options->vectors;
	struct recorded_action recorded;
	struct error local = {0};

	if (!recordings_begin(learning->recordings, session->id,
		    place->variables.temporary, err)) {
		return false;
	}
	while (recordings_next(learning->recordings, &recorded, &local)) {
		const bool is_wanted =
			vectors == 0 || (recorded.vectors & vectors) != 0;
		learner_add(learning->learner, place->number, &recorded,
			session->is_source && is_wanted);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

const struct learn_place *learning_own_place(const struct learning *learning)
{
	const char *own = learning->options->project ? learning->options->project : "";

	for (size_t i = 0; i < learning->place_count; i++) {
		if (strcmp(learning->places[i]->project, own) == 0) {
			return learning->places[i];
		}
	}
	return learning->places[0];
}

static void free_covers(struct learning *learning)
{
	for (size_t i = 0; i < learning->cover_count; i++) {
		cover_finish(&learning->covers[i]);
	}
	free(learning->covers);
	learning->cover_count = 0;
}

void learning_find_covers(struct learning *learning)
{
	free_covers(learning);
	learning->cover_count = learning->learned.count;
	learning->covers =
		xcalloc(learning->cover_count + 1, sizeof(*learning->covers));
	for (size_t i = 0; i < learning->cover_count; i++) {
		cover_find(learning_own_place(learning),
			&learning->learned.proposals[i], &learning->covers[i]);
	}
}

int64_t learning_tested(const struct learning *learning)
{
	return (int64_t)learning->session_count;
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
	learner_run(
		learning->learner, learning->options->unreviewed, &learning->learned);
	learning_find_covers(learning);
	return true;
}

bool learning_run(struct learning *learning, const struct learning_options *options,
	struct db *db, struct error *err)
{
	learning->options = options;
	learning->db = db;
	learning->learner = learner_create(time(NULL));
	return find_sessions(learning, err) && learn(learning, err);
}

void learning_finish(struct learning *learning)
{
	free_covers(learning);
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
