/* SPDX-License-Identifier: MIT */
/*
 * The queue and the recorder with both threads busy. A plain program, since Criterion
 * does not run under the thread sanitizer; it ends with 0 if nothing was lost.
 */
#include "base/error.h"
#include "db/queue.h"
#include "db/recorder.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORDS = 200000, EVENTS = 30000, DECISIONS = 30 };

static void *put_records(void *argument)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		size_t length = sizeof(i) + i % 97;
		char *room = queue_reserve(argument, length);

		memset(room, (int)(i & 0x7f), length);
		memcpy(room, &i, sizeof(i));
		queue_commit(argument, i % 1024 == 0);
	}
	return NULL;
}

static void stress_queue(enum queue_wait wait)
{
	struct queue *queue = queue_create(4096);
	pthread_t thread;

	invariant(pthread_create(&thread, NULL, put_records, queue) == 0);
	for (uint32_t i = 0; i < RECORDS; i++) {
		const char *record;
		size_t length;
		uint32_t number;

		while (!(record = queue_peek(queue, &length))) {
			queue_wait(queue, wait, wait == QUEUE_WAIT_ANY ? -1 : 1000000);
		}
		memcpy(&number, record, sizeof(number));
		invariant(number == i && length == sizeof(i) + i % 97);
		invariant(length == sizeof(i) ||
			  record[length - 1] == (char)(number & 0x7f));
		queue_release(queue);
	}
	invariant(pthread_join(thread, NULL) == 0);
	queue_destroy(queue);
}

static void decide(struct recorder *recorder)
{
	struct pollfd readable = {recorder_fd(recorder), POLLIN, 0};
	struct question_record question = {.object = text_of("/a")};
	struct decision decision = {
		.kind = DECISION_ANSWER,
		.scope = SCOPE_ALWAYS,
		.rule = {.text = text_of("allow read /a"), .scope = SCOPE_ALWAYS},
	};
	struct completion completion;

	decision.question = recorder_question(recorder, &question);
	int64_t ticket = recorder_decide(recorder, &decision);
	while (!recorder_next_completion(recorder, &completion)) {
		(void)poll(&readable, 1, -1);
	}
	invariant(completion.ticket == ticket && completion.error.code == 0);
}

static void record_events(struct recorder *recorder)
{
	struct event event = {
		.object = text_of("/some/path"),
		.syscall = text_of("openat"),
		.python = text_of("[\"a.py:1\"]"),
	};

	for (int i = 1; i <= EVENTS; i++) {
		(void)recorder_event(recorder, &event);
		if (i % (EVENTS / DECISIONS) == 0) {
			decide(recorder);
			invariant(!recorder_failed(recorder, NULL));
		}
	}
}

static void stress_recorder(const char *path)
{
	struct session_record session = {.options = text_of("{}")};
	struct event_counts counts;
	struct error err = {0};
	struct recorder *recorder = recorder_create(path, &session, &err);

	invariant(recorder);
	int64_t id = recorder_session(recorder);
	record_events(recorder);
	invariant(recorder_destroy(recorder, 1, 0, &err));
	struct db *db = db_open(path, DB_READ, &err);
	invariant(db && db_event_counts(db, id, &counts, &err));
	invariant(counts.total == EVENTS);
	db_close(db);
}

int main(void)
{
	char path[] = "/tmp/duenna-stress-XXXXXX";

	stress_queue(QUEUE_WAIT_ANY);
	stress_queue(QUEUE_WAIT_URGENT);
	int fd = mkstemp(path);
	invariant(fd >= 0 && close(fd) == 0);
	stress_recorder(path);
	(void)unlink(path);
	(void)puts("nothing was lost");
	return 0;
}
