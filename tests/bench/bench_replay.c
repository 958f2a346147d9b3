/* SPDX-License-Identifier: MIT */
/*
 * A recording of 1,000,000 events and 20 MB of terminal output: what it costs to record
 * it, to open it in a replay, to go to its end at once and then to any moment, to judge
 * it again under other rules and to verify its chain. Prints one line each.
 */
#include "cli/replay_recording.h"
#include "db/recorder.h"
#include "session/rejudge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 1000000,
	PROCESSES = 2000,
	EVENTS_PER_CHUNK = 10,
	CHUNK_BYTES = 200,
	SEEKS = 300,
	ROWS_SHOWN = 40,
};

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

/* Lines in colour, and now and then a full-screen program that draws here and there. */
static void add_chunk(struct recorder *recorder, int i)
{
	char bytes[CHUNK_BYTES];
	const int used = snprintf(bytes, sizeof(bytes),
		i / 500 % 2 == 0 ? "\033[3%dmline %d\033[0m " : "\033[3%d;1m\033[%d;7H",
		i % 8, i % 24 + 1);
	memset(bytes + used, 'x', sizeof(bytes) - (size_t)used);
	memcpy(bytes + sizeof(bytes) - 2, "\r\n", 2);
	const struct terminal_record chunk = {.session = recorder_session(recorder),
		.time = 1000000000 + (int64_t)i * EVENTS_PER_CHUNK,
		.kind = TERMINAL_OUTPUT,
		.bytes = {bytes, sizeof(bytes)}};
	(void)recorder_terminal(recorder, &chunk);
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
		if (i % EVENTS_PER_CHUNK == 0) {
			add_chunk(recorder, i / EVENTS_PER_CHUNK);
		}
	}
	check(recorder_destroy(recorder, 2, 0, &err), &err);
	(void)printf("record   %7.3f s\n", now() - start);
}

/* What is on the screen at that time is read: events, processes, the terminal. */
static void show(const struct replay_source *source, struct replay_terminal *terminal,
	int64_t time)
{
	struct error err = {0};
	struct replay_process *list = NULL;
	size_t count = 0;
	int64_t seq, chunk;
	check(source->event_at(source->context, time, &seq, &err) &&
			source->chunk_at(source->context, time, &chunk, &err) &&
			replay_terminal_seek(terminal, chunk, &err) &&
			source->processes(source->context, time, &list, &count, &err),
		&err);
	replay_processes_free(list, count);
	for (int64_t i = seq; i > 0 && i > seq - ROWS_SHOWN; i--) {
		struct replay_event event;
		check(source->event(source->context, i, &event, &err), &err);
		replay_event_finish(&event);
	}
}

static void print_seeks(const struct replay_source *source,
	struct replay_terminal *terminal, int64_t duration)
{
	double sum = 0, most = 0;
	unsigned state = 1;
	for (int i = 0; i < SEEKS; i++) {
		state = state * 1664525u + 1013904223u;
		const double part = (double)(state >> 8) / (double)(1u << 24);
		const double start = now();
		show(source, terminal, (int64_t)((double)duration * part));
		const double took = now() - start;
		sum += took;
		most = took > most ? took : most;
	}
	(void)printf("seek     %7.4f s (on average %.4f s)\n", most, sum / SEEKS);
}

/*
 * To the end, before anything was read: a first impression, then a part of the way at a
 * time.
 */
static void print_first_seek(const struct replay_source *source,
	struct replay_terminal *terminal, const struct replay_extent *extent)
{
	enum { STEP = 256 << 10 };
	const int64_t last = extent->last_chunk;
	struct error err = {0};
	bool is_there;
	const double start = now();
	check(replay_terminal_seek_some(terminal, last, STEP, &is_there, &err), &err);
	struct pane *preview =
		replay_preview_make(source, last, replay_terminal_pane(terminal), &err);
	check(preview != NULL, &err);
	double most = now() - start;
	pane_free(preview);
	while (!is_there) {
		const double step = now();
		check(replay_terminal_seek_some(terminal, last, STEP, &is_there, &err),
			&err);
		most = now() - step > most ? now() - step : most;
	}
	show(source, terminal, extent->duration);
	(void)printf("first    %7.4f s (something is shown; all is read in %.3f s)\n",
		most, now() - start);
}

/* As `duenna replay` begins. */
static void open_replay(const char *path)
{
	struct error err = {0};
	struct session_record session;
	struct replay_recording recording;
	struct replay_extent extent;
	struct rusage usage;
	bool is_done = false;
	double start = now();
	struct db *db = db_open(path, DB_READ, &err);
	check(db != NULL && db_session_find(db, NULL, &session, &err) &&
			replay_recording_open(&recording, db, &session, NULL, &err) &&
			recording.source.extent(&recording, &extent, &err),
		&err);
	struct replay_terminal *terminal = replay_terminal_new(&recording.source);
	show(&recording.source, terminal, 0);
	(void)printf("replay   %7.3f s\n", now() - start);
	print_first_seek(&recording.source, terminal, &extent);
	start = now();
	while (!is_done) {
		check(replay_terminal_prepare(terminal, 1, &is_done, &err), &err);
	}
	(void)printf("prepare  %7.3f s\n", now() - start);
	print_seeks(&recording.source, terminal, extent.duration);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("looking  %7.1f MB at most\n", (double)usage.ru_maxrss / 1024);
	replay_terminal_free(terminal);
	replay_recording_close(&recording);
	db_close(db);
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
	open_replay(path);
	replay(path);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("memory   %7.1f MB at most\n", (double)usage.ru_maxrss / 1024);
	(void)unlink(path);
	return rmdir(folder) == 0 ? 0 : 1;
}
