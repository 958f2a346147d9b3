/* SPDX-License-Identifier: MIT */
#include "session/history.h"

#include "base/xalloc.h"
#include "rules/parser.h"
#include "session/covered_files.h"
#include "session/offer.h"
#include "session/protocol_fields.h"
#include "session/supervisor.h"
#include "tracer/mounts.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RUNGS_MAX = 16, OBJECTS_MAX = 200000, TEXT_BYTES_MAX = 4 << 10 /* sent */ };
enum { FILES_MS = 1500, FILES_NICE = 10, UNWANTED_S = 2 };

/* Filled in by the loop, worked on by the thread, taken back by the loop. */
struct history_job {
	enum history_part part;
	int fd;
	int64_t session, question;
	struct rule_list rungs[RUNGS_MAX];
	size_t rung_count;
	struct protocol_question shown; /* a copy of its own */
	atomic_bool is_unwanted;

	/* HISTORY_RECORDED */
	const struct places *places;
	const struct rule_sources *sources;
	uint32_t verbs;		   /* of all actions */
	int64_t events[RUNGS_MAX]; /* -1: not counted */
	int64_t decided;	   /* -1: not known */
	struct offer offer;

	/* HISTORY_FILES, which shares nothing with the session: it may outlive it */
	char *home, *project, *temporary;
	struct covered_files files[RUNGS_MAX];
};

static bool reader_init(
	struct history_reader *reader, enum history_part part, struct error *err)
{
	reader->part = part;
	reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return reader->fd >= 0 ||
	       error_set(err, errno, "create an eventfd: %s", strerror(errno));
}

bool history_init(struct supervisor *supervisor, struct error *err)
{
	return reader_init(
		       &supervisor->history[HISTORY_RECORDED], HISTORY_RECORDED, err) &&
	       reader_init(&supervisor->history[HISTORY_FILES], HISTORY_FILES, err);
}

static void job_free(struct history_job *job)
{
	for (size_t i = 0; i < job->rung_count; i++) {
		rule_list_finish(&job->rungs[i]);
		covered_files_finish(&job->files[i]);
	}
	protocol_question_finish(&job->shown);
	free(job->offer.rule);
	free(job->home);
	free(job->project);
	free(job->temporary);
	free(job);
}

/*
 * A disk that does not answer holds up no end of a session: what then still waits for it
 * keeps its job.
 */
static bool job_end(struct history_reader *reader)
{
	struct timespec end;

	atomic_store(&reader->job->is_unwanted, true);
	if (reader->part == HISTORY_RECORDED) {
		return pthread_join(reader->thread, NULL) == 0;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += UNWANTED_S;
	return pthread_clockjoin_np(reader->thread, NULL, CLOCK_MONOTONIC, &end) == 0;
}

static void reader_finish(struct history_reader *reader)
{
	if (reader->job != NULL) {
		if (!job_end(reader)) {
			(void)pthread_detach(reader->thread);
			reader->job = NULL;
			return; /* it may still write to fd */
		}
		job_free(reader->job);
		reader->job = NULL;
	}
	if (reader->fd >= 0) {
		close(reader->fd);
		reader->fd = -1;
	}
}

void history_finish(struct supervisor *supervisor)
{
	for (size_t i = 0; i < HISTORY_PARTS; i++) {
		reader_finish(&supervisor->history[i]);
	}
}

/* ---- In the thread ---- */

static void object_count(struct history_job *job, struct rule_index *const *indexes,
	const struct object_count *object)
{
	const struct subject nobody = {.program = text_of("")};
	struct action action = {.verb = object->verb, .object = object->object};
	if (verb_object_kind(object->verb) == OBJECT_HOST) {
		(void)endpoint_parse(object->object, &action.endpoint);
	}
	for (size_t i = 0; i < job->rung_count; i++) {
		struct judgement judgement =
			rule_index_judge(indexes[i], &action, &nobody, time(NULL));
		if (judgement.rule != NULL && job->events[i] >= 0) {
			job->events[i] += object->count;
		}
	}
}

static void events_count(struct history_job *job, struct db *db)
{
	const struct event_filter filter = {
		.session = job->session, .verbs = job->verbs};
	struct rule_variables variables = places_variables(job->places);
	struct rule_index *indexes[RUNGS_MAX];
	struct object_count object;
	struct error err = {0};
	for (size_t i = 0; i < job->rung_count; i++) {
		indexes[i] = rule_index_create(&job->rungs[i], &variables);
		job->events[i] = 0;
	}
	size_t seen = 0;
	bool began = db_objects_begin(db, &filter, &err);
	while (began && seen < OBJECTS_MAX && db_objects_next(db, &object, &err)) {
		object_count(job, indexes, &object);
		seen++;
	}
	for (size_t i = 0; i < job->rung_count; i++) {
		rule_index_destroy(indexes[i]);
		if (!began || err.code != 0 || seen == OBJECTS_MAX) {
			job->events[i] = -1;
		}
	}
}

static void recorded_find(struct history_job *job)
{
	const struct protocol_action *action = &job->shown.actions[0];
	struct object_history history;
	struct error err = {0};
	struct db *db = db_open(job->places->database, DB_READ, &err);
	if (db != NULL) {
		/* Programs and tools are told apart by arguments, which are not read. */
		if ((job->verbs & (1u << VERB_EXEC | 1u << VERB_MCP)) == 0) {
			if (db_object_history(
				    db, action->verb, action->object, &history, &err)) {
				job->decided = history.allowed + history.denied;
			}
			events_count(job, db);
		}
		offer_find(db, job->sources, job->session, &job->shown, &job->offer);
		db_close(db);
	}
}

static void files_find(struct history_job *job)
{
	const struct rule_variables variables = {.home = job->home,
		.project = job->project,
		.temporary = job->temporary};
	struct text asked[REQUEST_ACTIONS_MAX];
	struct covering covering = {.variables = &variables,
		.asked = asked,
		.deadline = clock_monotonic() + FILES_MS * (int64_t)NANOSECONDS_PER_MS,
		.is_unwanted = &job->is_unwanted};
	for (size_t i = 0; i < job->shown.action_count && i < REQUEST_ACTIONS_MAX;
		i++) {
		asked[covering.asked_count++] = job->shown.actions[i].object;
	}
	/* Only this thread's, on Linux: whatever else runs comes first. */
	(void)setpriority(PRIO_PROCESS, 0, FILES_NICE);
	for (size_t i = 0; i < job->rung_count; i++) {
		covered_files_count(&covering, &job->rungs[i], &job->files[i]);
	}
}

static void *job_main(void *argument)
{
	struct history_job *job = argument;
	if (job->part == HISTORY_RECORDED) {
		recorded_find(job);
	} else {
		files_find(job);
	}
	const uint64_t one = 1;
	/* An eventfd that only ever gets 1 always takes it. */
	(void)!write(job->fd, &one, sizeof(one));
	return NULL;
}

/* ---- In the loop ---- */

static void rung_parse(const json_t *rung, struct rule_list *list)
{
	const json_t *texts = json_object_get(rung, "rules");
	for (size_t i = 0; i < json_array_size(texts); i++) {
		struct rule rule;
		struct text text = protocol_text_read(json_array_get(texts, i));
		char *line = xasprintf("allow %.*s", (int)text.length, text.bytes);
		if (rule_parse_line(text_of(line), &rule, NULL)) {
			rule_list_take(list, &rule);
		}
		free(line);
		field_text_free(&text);
	}
}

static char *copy_of(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static struct history_job *job_make(const struct supervisor *supervisor,
	const struct question *question, enum history_part part)
{
	const struct rule_variables variables = places_variables(&supervisor->places);
	const json_t *rungs = json_object_get(question->shown, "rungs");
	struct history_job *job = xcalloc(1, sizeof(*job));
	*job = (struct history_job){
		.part = part,
		.fd = supervisor->history[part].fd,
		.places = &supervisor->places,
		.session = supervisor->session,
		.question = question->number,
		.decided = -1,
		.sources = &supervisor->sources,
		.home = copy_of(variables.home),
		.project = copy_of(variables.project),
		.temporary = copy_of(variables.temporary),
	};
	/* What was written here can be read here. */
	(void)protocol_question_read(question->shown, &job->shown);
	job->shown.id = question->number;
	for (size_t i = 0; i < question->key.action_count; i++) {
		job->verbs |= 1u << question->key.actions[i].verb;
	}
	while (job->rung_count < json_array_size(rungs) &&
		job->rung_count < RUNGS_MAX) {
		size_t at = job->rung_count++;
		job->events[at] = -1;
		job->files[at].count = -1;
		rung_parse(json_array_get(rungs, at), &job->rungs[at]);
	}
	return job;
}

/* Files are not counted where nobody may answer; rules are about what lies around. */
static bool is_worthwhile(const struct question *question, enum history_part part)
{
	for (size_t i = 0; i < question->key.action_count; i++) {
		const struct action *action = &question->key.actions[i];
		if (part == HISTORY_FILES &&
			(verb_object_kind(action->verb) != OBJECT_PATH ||
				mounts_have(MOUNT_SLOW, action->object))) {
			return false;
		}
	}
	return true;
}

static void reader_start_next(
	struct supervisor *supervisor, struct history_reader *reader)
{
	struct question *question = supervisor->questions.first;
	while (question != NULL && (question->is_looked_up[reader->part] ||
					   !is_worthwhile(question, reader->part))) {
		question = question->next;
	}
	if (reader->job != NULL || question == NULL) {
		return;
	}
	question->is_looked_up[reader->part] = true;
	reader->job = job_make(supervisor, question, reader->part);
	sigset_t all;
	sigset_t before;
	pthread_t thread;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&thread, NULL, job_main, reader->job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0) {
		/* The question is as good without. */
		job_free(reader->job);
		reader->job = NULL;
		return;
	}
	reader->thread = thread;
}

void history_start_next(struct supervisor *supervisor)
{
	for (size_t i = 0; i < HISTORY_PARTS; i++) {
		reader_start_next(supervisor, &supervisor->history[i]);
	}
}

static void question_add_recorded(
	struct question *question, const struct history_job *job)
{
	json_t *rungs = json_object_get(question->shown, "rungs");
	field_set_integer(question->shown, "decided", job->decided);
	for (size_t i = 0; i < job->rung_count; i++) {
		field_set_integer(json_array_get(rungs, i), "events", job->events[i]);
	}
	if (job->offer.rule != NULL &&
		protocol_text_size(text_of(job->offer.rule)) <= TEXT_BYTES_MAX) {
		field_set_text(question->shown, "offer", text_of(job->offer.rule));
		field_set_integer(question->shown, "offer_asked", job->offer.asked);
	}
}

static void question_add_files(struct question *question, const struct history_job *job)
{
	json_t *rungs = json_object_get(question->shown, "rungs");
	for (size_t i = 0; i < job->rung_count; i++) {
		const struct covered_files *files = &job->files[i];
		json_t *rung = json_array_get(rungs, i);
		json_t *names = json_array();
		for (size_t name = 0; name < files->name_count; name++) {
			struct text shown = text_of(files->names[name]);
			shown.length = protocol_text_fit(shown, TEXT_BYTES_MAX);
			json_array_append_new(names, protocol_text(shown));
		}
		field_set_integer(rung, "files", files->count);
		json_object_set_new(
			rung, "files_more", json_boolean(files->is_partial));
		field_set_integer(rung, "sensitive", files->sensitive);
		json_object_set_new(rung, "sensitive_names", names);
	}
}

void history_take(struct supervisor *supervisor, enum history_part part)
{
	struct history_reader *reader = &supervisor->history[part];
	uint64_t count;
	if (read(reader->fd, &count, sizeof(count)) != (ssize_t)sizeof(count)) {
		return;
	}
	pthread_join(reader->thread, NULL);
	struct question *question = question_find(supervisor, reader->job->question);
	if (question != NULL) {
		if (part == HISTORY_RECORDED) {
			question_add_recorded(question, reader->job);
		} else {
			question_add_files(question, reader->job);
		}
		question->changed = UINT64_MAX;
	}
	job_free(reader->job);
	reader->job = NULL;
	reader_start_next(supervisor, reader);
}
