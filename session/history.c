/* SPDX-License-Identifier: MIT */
#include "session/history.h"

#include "base/xalloc.h"
#include "rules/parser.h"
#include "session/offer.h"
#include "session/protocol_fields.h"
#include "session/supervisor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RUNGS_MAX = 16, OBJECTS_MAX = 200000 };

/* Filled in by the loop, worked on by the thread, taken back by the loop. */
struct history_job {
	int fd;
	const struct places *places;
	int64_t session, question;
	enum verb verb;
	struct text object; /* owned */
	uint32_t verbs;	    /* of all actions */
	struct rule_list rungs[RUNGS_MAX];
	size_t rung_count;
	int64_t events[RUNGS_MAX]; /* -1: not counted */
	int64_t decided;	   /* -1: not known */
	const struct rule_sources *sources;
	struct protocol_question shown; /* a copy of its own */
	struct offer offer;
};

bool history_init(struct history_reader *reader, struct error *err)
{
	reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return reader->fd >= 0 ||
	       error_set(err, errno, "create an eventfd: %s", strerror(errno));
}

static void job_free(struct history_job *job)
{
	for (size_t i = 0; i < job->rung_count; i++) {
		rule_list_finish(&job->rungs[i]);
	}
	field_text_free(&job->object);
	protocol_question_finish(&job->shown);
	free(job->offer.rule);
	free(job);
}

static void job_join(struct history_reader *reader)
{
	if (reader->job != NULL) {
		pthread_join(reader->thread, NULL);
	}
}

void history_finish(struct history_reader *reader)
{
	job_join(reader);
	if (reader->job != NULL) {
		job_free(reader->job);
		reader->job = NULL;
	}
	if (reader->fd >= 0) {
		close(reader->fd);
		reader->fd = -1;
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

static void *job_main(void *argument)
{
	struct history_job *job = argument;
	struct object_history history;
	struct error err = {0};
	struct db *db = db_open(job->places->database, DB_READ, &err);
	if (db != NULL) {
		if (db_object_history(db, job->verb, job->object, &history, &err)) {
			job->decided = history.allowed + history.denied;
		}
		/* Events of programs are told apart by arguments, which are not read. */
		if ((job->verbs & 1u << VERB_EXEC) == 0) {
			events_count(job, db);
		}
		offer_find(db, job->sources, job->session, &job->shown, &job->offer);
		db_close(db);
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

static struct history_job *job_make(
	const struct supervisor *supervisor, const struct question *question)
{
	const struct action *action = &question->key.actions[0];
	const json_t *rungs = json_object_get(question->shown, "rungs");
	struct history_job *job = xcalloc(1, sizeof(*job));
	*job = (struct history_job){
		.fd = supervisor->history.fd,
		.places = &supervisor->places,
		.session = supervisor->session,
		.question = question->number,
		.verb = action->verb,
		.object = {text_copy(action->object), action->object.length},
		.decided = -1,
		.sources = &supervisor->sources,
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
		rung_parse(json_array_get(rungs, at), &job->rungs[at]);
	}
	return job;
}

void history_start_next(struct supervisor *supervisor)
{
	struct history_reader *reader = &supervisor->history;
	struct question *question = supervisor->questions.first;
	while (question != NULL && question->is_looked_up) {
		question = question->next;
	}
	if (reader->job != NULL || question == NULL) {
		return;
	}
	question->is_looked_up = true;
	reader->job = job_make(supervisor, question);
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

static void question_add_history(struct supervisor *supervisor,
	struct question *question, const struct history_job *job)
{
	json_t *rungs = json_object_get(question->shown, "rungs");
	field_set_integer(question->shown, "decided", job->decided);
	for (size_t i = 0; i < job->rung_count; i++) {
		field_set_integer(json_array_get(rungs, i), "events", job->events[i]);
	}
	if (job->offer.rule != NULL) {
		field_set_text(question->shown, "offer", text_of(job->offer.rule));
		field_set_integer(question->shown, "offer_asked", job->offer.asked);
	}
	question_describe_counts(question, "question_changed");
	clients_send_questions(supervisor, json_incref(question->shown));
}

void history_take(struct supervisor *supervisor)
{
	struct history_reader *reader = &supervisor->history;
	uint64_t count;
	if (read(reader->fd, &count, sizeof(count)) != (ssize_t)sizeof(count)) {
		return;
	}
	job_join(reader);
	struct question *question = question_find(supervisor, reader->job->question);
	if (question != NULL) {
		question_add_history(supervisor, question, reader->job);
	}
	job_free(reader->job);
	reader->job = NULL;
	history_start_next(supervisor);
}
