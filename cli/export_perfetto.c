/* SPDX-License-Identifier: MIT */
/* Processes, judged calls and questions as a JSON trace, for Perfetto and Chrome. */
#include "base/escape.h"
#include "cli/export.h"
#include "cli/show.h"

#include <stdlib.h>

struct trace {
	FILE *file;
	int64_t started, ended; /* of the session, ns */
	bool has_events;
};

static void write_event(struct trace *trace, json_t *event)
{
	(void)fputs(trace->has_events ? ",\n" : "\n", trace->file);
	trace->has_events = true;
	(void)json_dumpf(event, trace->file, EXPORT_JSON);
	json_decref(event);
}

/* An event of that phase; times are microseconds since the session began. */
static json_t *event_new(const struct trace *trace, const char *phase, json_t *name,
	int64_t time, int pid)
{
	json_t *event = json_object();
	int64_t after = time > trace->started ? time - trace->started : 0;

	export_set(event, "ph", json_string(phase));
	export_set(event, "name", name);
	export_set(event, "ts", json_real((double)after / 1e3));
	export_set(event, "pid", json_integer(pid));
	return event;
}

static void set_duration(json_t *event, int64_t from, int64_t to)
{
	export_set(event, "dur", json_real(to > from ? (double)(to - from) / 1e3 : 0));
}

/* The command has no program before its first exec. */
static json_t *program_name(const struct process_record *process)
{
	return process->program.length ? export_text(text_base_name(process->program))
				       : json_string("(starting)");
}

static void name_process(struct trace *trace, const struct process_record *process)
{
	json_t *event = event_new(
		trace, "M", json_string("process_name"), trace->started, process->pid);
	json_t *arguments = json_object();

	export_set(event, "tid", json_integer(process->pid));
	export_set(arguments, "name", program_name(process));
	export_set(event, "args", arguments);
	write_event(trace, event);
}

static void write_process(struct trace *trace, const struct process_record *process)
{
	json_t *event = event_new(
		trace, "X", program_name(process), process->started, process->pid);
	json_t *arguments = json_object();
	int64_t end = process->ended ? process->ended : trace->ended;

	export_set(event, "tid", json_integer(process->pid));
	export_set(event, "cat", json_string("process"));
	set_duration(event, process->started, end);
	export_set(arguments, "program", export_text(process->program));
	export_set(arguments, "argv", export_texts(process->argv, process->argc));
	export_set(arguments, "working_folder", export_text(process->working_folder));
	export_set(arguments, "parent", json_integer(process->parent));
	if (process->has_status) {
		export_set(arguments, "wait_status", json_integer(process->status));
	}
	export_set(event, "args", arguments);
	name_process(trace, process);
	write_event(trace, event);
}

/* A call that was held is as long as it was held; others are moments. */
static void write_call(struct trace *trace, const struct event *judged)
{
	char *object = show_object(judged->object, judged->argv, judged->argc, 60);
	char name[256];
	json_t *arguments = json_object();
	bool was_held = judged->waited_ms > 0;

	(void)snprintf(name, sizeof(name), "%s %s", verb_name(judged->verb), object);
	json_t *event = event_new(trace, was_held ? "X" : "i",
		export_text(text_of(name)), judged->time, judged->pid);
	export_set(event, "tid", json_integer(judged->tid));
	export_set(event, "cat", json_string(verdict_name(judged->verdict)));
	if (was_held) {
		export_set(event, "dur", json_integer(judged->waited_ms * 1000));
	} else {
		export_set(event, "s", json_string("t"));
	}
	export_set(arguments, "seq", json_integer(judged->seq));
	export_set(arguments, "object", export_text(judged->object));
	export_set(arguments, "syscall", export_text(judged->syscall));
	export_set(arguments, "verdict", json_string(verdict_name(judged->verdict)));
	export_set(arguments, "by", json_string(decider_name(judged->by)));
	export_set(arguments, "rule", export_text(judged->rule_text));
	export_set(event, "args", arguments);
	write_event(trace, event);
	free(object);
}

static bool write_processes(
	struct trace *trace, struct db *db, int64_t session, struct error *err)
{
	struct process_record process;
	struct error local = {0};

	if (!db_processes_begin(db, session, err)) {
		return false;
	}
	while (db_processes_next(db, &process, &local)) {
		write_process(trace, &process);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static bool write_calls(
	struct trace *trace, struct db *db, int64_t session, struct error *err)
{
	const struct event_filter filter = {.session = session};
	struct event event;
	struct error local = {0};

	if (!db_events_begin(db, &filter, err)) {
		return false;
	}
	while (db_events_next(db, &event, &local)) {
		write_call(trace, &event);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

/* The end of what is recorded, for processes that have none. */
static bool find_end(
	struct trace *trace, struct db *db, int64_t session, struct error *err)
{
	struct process_record process;
	struct error local = {0};

	if (trace->ended || !db_processes_begin(db, session, err)) {
		return trace->ended != 0;
	}
	while (db_processes_next(db, &process, &local)) {
		int64_t last = process.ended > process.started ? process.ended
							       : process.started;
		trace->ended = last > trace->ended ? last : trace->ended;
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

bool export_perfetto(struct db *db, const struct session_record *session, FILE *file,
	struct error *err)
{
	struct trace trace = {
		.file = file, .started = session->started, .ended = session->ended};

	(void)fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", file);
	bool is_good = find_end(&trace, db, session->id, err) &&
		       write_processes(&trace, db, session->id, err) &&
		       write_calls(&trace, db, session->id, err);
	(void)fputs("\n]}\n", file);
	return is_good;
}
