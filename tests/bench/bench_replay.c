/* SPDX-License-Identifier: MIT */
/*
 * A recording of 1,000,000 events: what it costs to record it, to open it, to judge it
 * again under other rules and to verify its chain. Prints one line each.
 */
#include "db/recorder.h"
#include "session/rejudge.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 1000000, PROCESSES = 2000 };

static double now(void)
{
	struct timespec at;
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void check(bool is_good, const struct error *err)
{
	if (!is_good) {
		(void)fprintf(stderr, "bench_replay: %s\n", err->text);
		exit(1);
	}
}

static void add_event(struct recorder *recorder, int i)
{
	static const enum verb verbs[] = {
		VERB_READ, VERB_READ, VERB_READ, VERB_WRITE, VERB_META, VERB_CONNECT};
	char object[96];
	enum verb verb = verbs[i % 6];
	if (verb == VERB_CONNECT) {
		(void)snprintf(object, sizeof(object), "10.0.%d.%d:443", i / 251 % 251,
			i % 251);
	} else {
		(void)snprintf(object, sizeof(object), "/home/u/project/src/d%d/f%d.c",
			i % 97, i % 20011);
	}
	const struct event event = {.session = recorder_session(recorder),
		.time = 1000000000 + i,
		.process = i % PROCESSES + 1,
		.call = i + 1,
		.verb = verb,
		.object = text_of(object),
		.syscall = text_of("openat"),
		.verdict = VERDICT_ALLOW,
		.by = BY_RULE,
		.rule = -4,
		.rule_text = text_of("allow read,write {project}/**"),
		.reason = text_of("profile project:4"),
		.flags = EVENT_CODE_UNTAKEN | EVENT_NATIVE_UNTAKEN | EVENT_MCP_UNTAKEN |
			 EVENT_LABELS_UNTAKEN};
	(void)recorder_event(recorder, &event);
}

static void record(const char *path)
{
	struct error err = {0};
	const struct session_record session = {.started = 1,
		.project = text_of("/home/u/project"),
		.options = text_of("{}")};
	double start = now();
	struct recorder *recorder = recorder_create(path, &session, &err);
	check(recorder != NULL, &err);
	for (int i = 0; i < PROCESSES; i++) {
		const struct process_record process = {
			.session = recorder_session(recorder),
			.parent = i / 2,
			.pid = i + 1,
			.program = text_of("/usr/bin/gcc"),
			.started = 1};
		(void)recorder_process_start(recorder, &process);
	}
	for (int i = 0; i < EVENTS; i++) {
		add_event(recorder, i);
	}
	check(recorder_destroy(recorder, 2, 0, &err), &err);
	(void)printf("record   %7.3f s\n", now() - start);
}

static bool count(
	void *context, const struct rejudged_action *rejudged, struct error *err)
{
	(void)rejudged;
	(void)err;
	++*(int64_t *)context;
	return true;
}

static void replay(const char *path)
{
	struct error err = {0};
	struct session_record session;
	struct chain_state state;
	int64_t reported = 0;
	double start = now();
	struct db *db = db_open(path, DB_READ, &err);
	check(db != NULL && db_session_find(db, NULL, &session, &err), &err);
	(void)printf("open     %7.3f s\n", now() - start);
	start = now();
	const struct rejudge_options options = {.database = path};
	struct rejudge *rejudge = rejudge_create(&session, &options, &err);
	check(rejudge != NULL, &err);
	check(rejudge_run(rejudge, db, count, &reported, &err), &err);
	(void)printf("rejudge  %7.3f s (%lld reported)\n", now() - start,
		(long long)reported);
	rejudge_destroy(rejudge);
	start = now();
	check(db_chain_verify(db, session.id, &state, &err), &err);
	(void)printf("verify   %7.3f s (%lld intact)\n", now() - start,
		(long long)state.checked);
	db_close(db);
}

int main(void)
{
	char folder[] = "/tmp/duenna-bench-XXXXXX";
	char path[sizeof(folder) + 8];
	struct rusage usage;
	if (mkdtemp(folder) == NULL) {
		return 1;
	}
	(void)snprintf(path, sizeof(path), "%s/r.db", folder);
	record(path);
	replay(path);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("memory   %7.1f MB at most\n", (double)usage.ru_maxrss / 1024);
	(void)unlink(path);
	return rmdir(folder) == 0 ? 0 : 1;
}
