/* SPDX-License-Identifier: MIT */
/*
 * The recorder's thread: sleeps until something is queued, lets a batch gather without
 * holding a transaction (other processes may write meanwhile), and stores it in one. A
 * decision cuts the batch short and gets a transaction of its own, on disk before its
 * completion is announced. After a failure records are taken and thrown away, so that
 * the loop cannot be caught waiting for room.
 */
#include "db/writer.h"

#include "base/failpoint.h"
#include "base/xalloc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	QUEUE_CAPACITY = 4 << 20,
	BATCH_NANOSECONDS = 50000000,
	HITS_MAX = 256, /* distinct rules whose hits one batch adds up */
};

struct node {
	struct node *next;
	struct completion completion;
};

struct rule_hits {
	int64_t rule, hits, last_hit;
};

struct writer {
	struct queue *queue;
	struct db *db;
	int64_t session;
	pthread_t thread;
	int event_fd;

	/* The thread's own. */
	struct argument_list argv;
	struct rule_hits hits[HITS_MAX];
	size_t hit_count;
	bool in_batch, is_stopping;
	struct stop_record stop;

	pthread_mutex_t lock; /* over what follows; never held while writing */
	struct node *first, *last;
	struct error failure;
};

static void announce(struct writer *writer)
{
	uint64_t one = 1;

	/* Fails only if the counter is full, and then the descriptor is readable. */
	ssize_t n = write(writer->event_fd, &one, sizeof(one));
	(void)n;
}

static void fail(struct writer *writer, const struct error *err)
{
	(void)pthread_mutex_lock(&writer->lock);
	if (!writer->failure.code) {
		writer->failure = *err;
	}
	(void)pthread_mutex_unlock(&writer->lock);
	announce(writer);
}

/* Only the thread itself sets it, so it may look without the lock. */
static bool has_failed(const struct writer *writer)
{
	return writer->failure.code != 0;
}

static void complete(struct writer *writer, const struct completion *completion)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->completion = *completion;
	(void)pthread_mutex_lock(&writer->lock);
	if (writer->last) {
		writer->last->next = node;
	} else {
		writer->first = node;
	}
	writer->last = node;
	(void)pthread_mutex_unlock(&writer->lock);
	announce(writer);
}

/* Another process may hold the database for long: events wait, the tree with them. */
static bool begin_batch(struct writer *writer, struct error *err)
{
	while (!writer->in_batch) {
		if (db_begin(writer->db, err)) {
			writer->in_batch = true;
		} else if (err->code != EBUSY) {
			return false;
		}
	}
	return true;
}

static bool store_hits(struct writer *writer, struct error *err)
{
	for (size_t i = 0; i < writer->hit_count; i++) {
		const struct rule_hits *hits = &writer->hits[i];

		if (!db_rule_hits(
			    writer->db, hits->rule, hits->hits, hits->last_hit, err)) {
			return false;
		}
	}
	writer->hit_count = 0;
	return true;
}

static bool end_batch(struct writer *writer, struct error *err)
{
	if (!writer->in_batch) {
		return true;
	}
	writer->in_batch = false;
	bool is_good = store_hits(writer, err);
	failpoint("before-batch");
	is_good = db_end(writer->db, is_good, err);
	failpoint("after-batch");
	return is_good;
}

static bool count_hit(
	struct writer *writer, const struct event *event, struct error *err)
{
	size_t i = 0;

	if (event->rule <= 0) {
		return true;
	}
	while (i < writer->hit_count && writer->hits[i].rule != event->rule) {
		i++;
	}
	if (i == HITS_MAX) {
		if (!store_hits(writer, err)) {
			return false;
		}
		i = 0;
	}
	if (i == writer->hit_count) {
		writer->hits[writer->hit_count++] =
			(struct rule_hits){event->rule, 0, 0};
	}
	writer->hits[i].hits++;
	writer->hits[i].last_hit = event->time;
	return true;
}

static bool store(struct writer *writer, const struct record *record, struct error *err)
{
	struct db *db = writer->db;

	if (!begin_batch(writer, err)) {
		return false;
	}
	switch (record->kind) {
	case RECORD_EVENT:
		return count_hit(writer, &record->of.event, err) &&
		       db_event_insert(db, &record->of.event, err);
	case RECORD_PROCESS_START:
		return db_process_insert(db, &record->of.process, err);
	case RECORD_PROCESS_END:
		return db_process_end(db, &record->of.process, err);
	case RECORD_QUESTION:
		return db_question_insert(db, &record->of.question, err);
	case RECORD_TERMINAL:
		return db_terminal_insert(db, &record->of.terminal, err);
	case RECORD_MCP_CALL:
		return db_mcp_insert(db, &record->of.mcp, err);
	case RECORD_MCP_RESULT:
		return db_mcp_end(db, &record->of.mcp, err);
	case RECORD_PIN:
		return db_pin_store(db, &record->of.pin, err);
	case RECORD_LABEL:
		return db_label_insert(db, &record->of.label, err);
	case RECORD_DECISION:
	case RECORD_STOP:
	case RECORD_KIND_COUNT:
		break;
	}
	invariant(record->kind < RECORD_DECISION); /* no part of a batch */
	return false;
}

static bool store_answer(struct writer *writer, const struct decision *decision,
	int64_t rule, struct error *err)
{
	struct question_record answer = {
		.session = writer->session,
		.number = decision->question,
		.answer_time = decision->time,
		.verdict = decision->verdict,
		.scope = decision->scope,
		.rule = rule,
		.rule_text = decision->rule.text,
		.message = decision->message,
	};

	return db_answer_insert(writer->db, &answer, err);
}

static bool store_decision(struct writer *writer, const struct decision *decision,
	int64_t *rule, struct error *err)
{
	struct rule_record stored = decision->rule;

	switch (decision->kind) {
	case DECISION_REMOVE:
		*rule = decision->rule.id;
		return db_rule_delete(writer->db, decision->rule.id, err);
	case DECISION_RULE:
		return db_rule_insert(writer->db, &stored, 0, rule, err);
	case DECISION_ANSWER:
		stored.origin_session = writer->session;
		stored.origin_question = decision->question;
		if (decision->scope != SCOPE_ONCE &&
			!db_rule_insert(writer->db, &stored, 0, rule, err)) {
			return false;
		}
		return store_answer(writer, decision, *rule, err);
	}
	return error_set(err, EINVAL, "unknown kind of decision");
}

/* A failed decision holds nowhere, and the session goes on. */
static void decide(struct writer *writer, const struct decision_record *record)
{
	struct completion completion = {.ticket = record->ticket};
	struct error *err = &completion.error;
	int64_t rule = 0;

	if (has_failed(writer)) {
		*err = writer->failure;
	} else if (db_begin_decision(writer->db, err)) {
		bool is_good = store_decision(writer, &record->decision, &rule, err);

		failpoint("before-commit");
		if (db_end_decision(writer->db, is_good, err)) {
			completion.rule = rule;
		}
		failpoint("after-commit");
	}
	complete(writer, &completion);
}

static bool handle(
	struct writer *writer, const struct record *record, struct error *err)
{
	if (record->kind == RECORD_DECISION) {
		if (!has_failed(writer) && !end_batch(writer, err)) {
			fail(writer, err);
		}
		decide(writer, &record->of.decision);
		return true;
	}
	if (record->kind == RECORD_STOP) {
		writer->is_stopping = true;
		writer->stop = record->of.stop;
		return true;
	}
	return has_failed(writer) || store(writer, record, err);
}

/* Stores everything that is in the queue. */
static void drain(struct writer *writer)
{
	struct record record;
	struct error err = {0};

	while (!writer->is_stopping &&
		record_take(writer->queue, &record, &writer->argv)) {
		if (!handle(writer, &record, &err)) {
			fail(writer, &err);
		}
		record_release(writer->queue, &record);
	}
	if (!has_failed(writer) && !end_batch(writer, &err)) {
		fail(writer, &err);
	}
	if (has_failed(writer) && writer->in_batch) {
		writer->in_batch = false;
		(void)db_end(writer->db, false, NULL); /* the failure is known */
	}
}

static void end_session(struct writer *writer)
{
	struct error err = {0};

	if (has_failed(writer)) {
		return;
	}
	if (!begin_batch(writer, &err) ||
		!db_session_end(writer->db, writer->session, writer->stop.ended,
			writer->stop.status, &err) ||
		!end_batch(writer, &err)) {
		fail(writer, &err);
	}
}

static void *run(void *argument)
{
	struct writer *writer = argument;

	while (!writer->is_stopping) {
		queue_wait(writer->queue, QUEUE_WAIT_ANY, -1);
		queue_wait(writer->queue, QUEUE_WAIT_URGENT, BATCH_NANOSECONDS);
		drain(writer);
	}
	end_session(writer);
	return NULL;
}

static bool insert_session(
	struct writer *writer, const struct session_record *session, struct error *err)
{
	return db_begin(writer->db, err) &&
	       db_end(writer->db,
		       db_session_insert(writer->db, session, &writer->session, err),
		       err);
}

/* The thread inherits the mask: no signal is ever handled in it. */
static bool start_thread(struct writer *writer, struct error *err)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = pthread_create(&writer->thread, NULL, run, writer);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failure) {
		return error_set(
			err, failure, "start the recorder: %s", strerror(failure));
	}
	(void)pthread_setname_np(writer->thread, "recorder");
	return true;
}

static void finish(struct writer *writer)
{
	while (writer->first) {
		struct node *next = writer->first->next;

		free(writer->first);
		writer->first = next;
	}
	if (writer->event_fd >= 0) {
		(void)close(writer->event_fd);
	}
	db_close(writer->db);
	queue_destroy(writer->queue);
	free(writer->argv.arguments);
	(void)pthread_mutex_destroy(&writer->lock);
	free(writer);
}

struct writer *writer_create(const char *path, const struct session_record *session,
	int64_t *id, struct error *err)
{
	struct writer *writer = xcalloc(1, sizeof(*writer));

	(void)pthread_mutex_init(&writer->lock, NULL); /* cannot fail on Linux */
	writer->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->event_fd < 0) {
		(void)error_set(err, errno, "create an eventfd: %s", strerror(errno));
		finish(writer);
		return NULL;
	}
	writer->queue = queue_create(QUEUE_CAPACITY);
	writer->db = db_open(path, DB_WRITE, err);
	if (!writer->db || !insert_session(writer, session, err) ||
		!start_thread(writer, err)) {
		finish(writer);
		return NULL;
	}
	*id = writer->session;
	return writer;
}

bool writer_destroy(struct writer *writer, struct error *err)
{
	(void)pthread_join(writer->thread, NULL);
	bool is_written = !writer->failure.code;
	if (!is_written) {
		(void)error_set(err, writer->failure.code, "%s", writer->failure.text);
	}
	finish(writer);
	return is_written;
}

struct queue *writer_queue(const struct writer *writer)
{
	return writer->queue;
}

int writer_fd(const struct writer *writer)
{
	return writer->event_fd;
}

bool writer_next_completion(struct writer *writer, struct completion *completion)
{
	uint64_t count;

	/* Emptied before looking: what comes later makes it readable again. */
	ssize_t n = read(writer->event_fd, &count, sizeof(count));
	(void)n;
	(void)pthread_mutex_lock(&writer->lock);
	struct node *node = writer->first;
	if (node) {
		writer->first = node->next;
		if (!writer->first) {
			writer->last = NULL;
		}
	}
	(void)pthread_mutex_unlock(&writer->lock);
	if (!node) {
		return false;
	}
	*completion = node->completion;
	free(node);
	return true;
}

bool writer_failed(struct writer *writer, struct error *err)
{
	(void)pthread_mutex_lock(&writer->lock);
	bool is_failed = writer->failure.code != 0;
	if (is_failed && err) {
		*err = writer->failure;
	}
	(void)pthread_mutex_unlock(&writer->lock);
	return is_failed;
}
