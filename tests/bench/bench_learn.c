/* SPDX-License-Identifier: MIT */
/*
 * `duenna learn` on a database of 1,000,000 events: reading them, finding rules and testing
 * those. Once with few different objects, once with only different ones. Prints one line
 * each: what, seconds, those of them on a core, and what came of it.
 */
#include "cli/learning.h"
#include "db/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 1000000, SESSIONS = 10, APPROVED_EVERY = 20 };

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16;
}

static double now(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(bool is_good, const struct error *err)
{
	if (!is_good) {
		(void)fprintf(stderr, "bench_learn: %s\n", err->text);
		exit(1);
	}
}

/* One event in twenty was approved by a person, in data folders; others by a rule. */
static void add_event(struct recorder *recorder, unsigned i, unsigned n)
{
	char object[128];
	bool is_approved = i % APPROVED_EVERY == 0;

	(void)snprintf(object, sizeof(object), "%s/part%u/x%u.%s",
		is_approved ? "/var/data" : "/srv/p/src", n % 50, n, n % 3 ? "c" : "o");
	const struct event event = {.session = recorder_session(recorder),
		.time = 1000000000 + i,
		.process = 1,
		.call = i + 1,
		.verb = n % 4 ? VERB_READ : VERB_WRITE,
		.object = text_of(object),
		.syscall = text_of("openat"),
		.verdict = VERDICT_ALLOW,
		.by = is_approved ? BY_PERSON : BY_RULE,
		.rule = is_approved ? 0 : -4,
		.rule_text =
			text_of(is_approved ? "" : "allow read,write {project}/**"),
		.question = is_approved ? i + 1 : 0,
		.flags = EVENT_CODE_UNTAKEN | EVENT_NATIVE_UNTAKEN | EVENT_MCP_UNTAKEN |
			 EVENT_LABELS_UNTAKEN};
	(void)recorder_event(recorder, &event);
}

static void record(const char *path, unsigned different)
{
	const struct session_record session = {
		.started = 1, .project = text_of("/srv/p"), .options = text_of("{}")};
	unsigned state = 1;

	for (unsigned i = 0; i < SESSIONS; i++) {
		struct error err = {0};
		struct recorder *recorder = recorder_create(path, &session, &err);

		check(recorder != NULL, &err);
		const struct process_record process = {
			.session = recorder_session(recorder),
			.pid = 1,
			.program = text_of("/usr/bin/agent"),
			.started = 1};
		(void)recorder_process_start(recorder, &process);
		for (unsigned j = 0; j < EVENTS / SESSIONS; j++) {
			unsigned n = next_random(&state) * 32768U + next_random(&state);

			add_event(recorder, i * (EVENTS / SESSIONS) + j, n % different);
		}
		check(recorder_destroy(recorder, 2, 0, &err), &err);
	}
}

static void measure(const char *what, unsigned different)
{
	char folder[] = "/tmp/duenna-bench-XXXXXX";
	char path[sizeof(folder) + 8];
	struct error err = {0};
	struct learning learning = {0};

	if (mkdtemp(folder) == NULL) {
		exit(1);
	}
	(void)snprintf(path, sizeof(path), "%s/l.db", folder);
	record(path, different);
	double start = now(CLOCK_MONOTONIC);
	double used = now(CLOCK_PROCESS_CPUTIME_ID);
	const struct learning_options options = {
		.database = path, .project = "/srv/p", .rules = {.database = path}};
	struct db *db = db_open(path, DB_READ, &err);
	check(db != NULL && learning_run(&learning, &options, db, &err), &err);
	const struct learn_totals *totals = &learning.learned.totals;
	(void)printf(
		"%s %.2f s (%.2f s on a core, %lld events, %zu rules, %lld of %lld "
		"questions saved)\n",
		what, now(CLOCK_MONOTONIC) - start,
		now(CLOCK_PROCESS_CPUTIME_ID) - used, (long long)totals->events,
		learning.learned.count, (long long)totals->questions_saved,
		(long long)totals->questions);
	learning_finish(&learning);
	(void)unlink(path);
	(void)rmdir(folder);
}

int main(void)
{
	measure("few", 2000);
	measure("different", EVENTS);
	return 0;
}
