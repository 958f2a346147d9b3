/* SPDX-License-Identifier: MIT */
/* A report in one file, for a pull request or an incident. */
#include "cli/export.h"
#include "cli/report_page.h"
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { EVENTS_MAX = 100000, MILLISECOND = 1000000 };

struct page {
	FILE *file;
	struct db *db;
	const struct session_record *session;
	int64_t total;	/* events that there are */
	bool has_items; /* in the array that is being written */
};

/* No byte of the data can end the element that it stands in. */
static void write_json(FILE *file, json_t *value)
{
	char *text = json_dumps(value, EXPORT_JSON | JSON_ENCODE_ANY);

	invariant(text != NULL);
	for (const char *at = text; *at; at++) {
		if (strchr("<>&", *at)) {
			(void)fprintf(file, "\\u%04x", (unsigned)*at);
		} else {
			(void)putc(*at, file);
		}
	}
	free(text);
	json_decref(value);
}

static void array_begin(struct page *page, const char *name)
{
	(void)fprintf(page->file, ",\"%s\":[", name);
	page->has_items = false;
}

static void array_add(struct page *page, json_t *value)
{
	(void)fputs(page->has_items ? ",\n" : "\n", page->file);
	page->has_items = true;
	write_json(page->file, value);
}

static json_t *since_start(const struct page *page, int64_t time)
{
	int64_t after = time - page->session->started;

	return json_real(after > 0 ? (double)after / MILLISECOND : 0);
}

static json_t *owned_string(char *text)
{
	json_t *value = json_string(text);

	free(text);
	return value;
}

static bool write_session(struct page *page, struct error *err)
{
	const struct session_record *session = page->session;
	struct event_counts counts;
	json_t *object = json_object();
	int64_t allowed = 0;

	if (!db_event_counts(page->db, session->id, &counts, err)) {
		json_decref(object);
		return false;
	}
	for (size_t verb = 0; verb < VERB_COUNT; verb++) {
		allowed += counts.by_verb[verb][VERDICT_ALLOW];
	}
	export_set(object, "id", json_integer(session->id));
	export_set(object, "name", export_text(session->name));
	export_set(object, "command",
		owned_string(show_command(session->argv, session->argc, 0)));
	export_set(object, "started", json_integer(session->started / MILLISECOND));
	export_set(object, "ended", json_integer(session->ended / MILLISECOND));
	export_set(object, "status",
		session->has_status ? json_integer(session->status) : json_null());
	export_set(object, "folder", export_text(session->working_folder));
	export_set(object, "project", export_text(session->project));
	export_set(object, "imported", json_boolean(session->is_imported));
	export_set(object, "total", json_integer(counts.total));
	export_set(object, "allowed", json_integer(allowed));
	export_set(object, "denied", json_integer(counts.total - allowed));
	page->total = counts.total;
	(void)fputs("{\"session\":", page->file);
	write_json(page->file, object);
	return true;
}

/* "exit 1", "signal 9"; null where there is nothing to say. */
static json_t *status_json(const struct process_record *process)
{
	char words[SHOW_SIZE];

	if (!process->has_status || process->status == 0) {
		return json_null();
	}
	if (WIFSIGNALED(process->status)) {
		(void)snprintf(
			words, sizeof(words), "signal %d", WTERMSIG(process->status));
	} else {
		(void)snprintf(
			words, sizeof(words), "exit %d", WEXITSTATUS(process->status));
	}
	return json_string(words);
}

static bool write_processes(struct page *page, struct error *err)
{
	struct process_record process;
	struct error local = {0};

	array_begin(page, "processes");
	if (!db_processes_begin(page->db, page->session->id, err)) {
		return false;
	}
	while (db_processes_next(page->db, &process, &local)) {
		json_t *object = json_object();
		export_set(object, "n", json_integer(process.number));
		export_set(object, "parent", json_integer(process.parent));
		export_set(object, "previous", json_integer(process.previous));
		export_set(object, "pid", json_integer(process.pid));
		export_set(object, "p", export_text(process.program));
		export_set(object, "c",
			owned_string(show_command(process.argv, process.argc, 300)));
		export_set(object, "s", since_start(page, process.started));
		export_set(object, "e",
			process.ended ? since_start(page, process.ended) : json_null());
		export_set(object, "x", status_json(&process));
		array_add(page, object);
	}
	(void)fputs("]", page->file);
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static json_t *question_json(
	const struct page *page, const struct question_record *question)
{
	json_t *object = json_object();
	char answer[128] = "not answered";
	char waited[SHOW_SIZE];

	if (question->answered) {
		(void)snprintf(answer, sizeof(answer), "%s, %s, after %s",
			verdict_name(question->verdict), scope_name(question->scope),
			show_duration(question->answer_time - question->time, waited));
	}
	export_set(object, "t", since_start(page, question->time));
	export_set(object, "v", json_string(verb_name(question->verb)));
	export_set(object, "o",
		owned_string(show_object(
			question->object, question->argv, question->argc, 0)));
	export_set(object, "p", export_text(question->program));
	export_set(object, "a", json_string(answer));
	export_set(object, "d",
		json_string(
			question->answered ? verdict_name(question->verdict) : "ask"));
	return object;
}

static bool write_questions(struct page *page, struct error *err)
{
	struct question_record question;
	struct error local = {0};

	array_begin(page, "questions");
	if (!db_questions_begin(page->db, page->session->id, err)) {
		return false;
	}
	while (db_questions_next(page->db, &question, &local)) {
		array_add(page, question_json(page, &question));
	}
	(void)fputs("]", page->file);
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static json_t *event_json(const struct page *page, const struct event *event)
{
	json_t *object = json_object();

	export_set(object, "n", json_integer(event->seq));
	export_set(object, "t", since_start(page, event->time));
	export_set(object, "d", json_string(verdict_name(event->verdict)));
	export_set(object, "v", json_string(verb_name(event->verb)));
	export_set(object, "o",
		owned_string(show_object(event->object, event->argv, event->argc, 0)));
	export_set(object, "p", export_text(event->program));
	export_set(object, "b", owned_string(show_decider(event, 0)));
	export_set(object, "q", json_boolean(event->question != 0));
	return object;
}

/* Up to EVENTS_MAX that pass; filter->after is then the last. */
static bool write_some(struct page *page, struct event_filter *filter, int64_t *written,
	struct error *err)
{
	struct event event;
	struct error local = {0};
	int64_t count = 0;

	if (!db_events_begin(page->db, filter, err)) {
		return false;
	}
	while (count < EVENTS_MAX && db_events_next(page->db, &event, &local)) {
		array_add(page, event_json(page, &event));
		filter->after = event.seq;
		count++;
	}
	*written += count;
	return !local.code || error_set(err, local.code, "%s", local.text);
}

/* The first ones, and of those that follow the denied ones. */
static bool write_events(struct page *page, struct error *err)
{
	struct event_filter filter = {.session = page->session->id};
	int64_t written = 0;

	array_begin(page, "events");
	if (!write_some(page, &filter, &written, err)) {
		return false;
	}
	filter.verdicts = 1u << VERDICT_DENY | 1u << VERDICT_FORBID;
	if (!write_some(page, &filter, &written, err)) {
		return false;
	}
	(void)fprintf(page->file, "],\"left_out\":%lld}",
		(long long)(page->total > written ? page->total - written : 0));
	return true;
}

bool export_html(struct db *db, const struct session_record *session, FILE *file,
	struct error *err)
{
	struct page page = {.file = file, .db = db, .session = session};

	(void)fputs(report_begin, file);
	bool is_good = write_session(&page, err) && write_processes(&page, err) &&
		       write_questions(&page, err) && write_events(&page, err);
	(void)fputs(report_end, file);
	return is_good;
}
