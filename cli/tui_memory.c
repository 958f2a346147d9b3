/* SPDX-License-Identifier: MIT */
#include "cli/tui_memory.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/replay_recording.h"
#include "cli/rule_file.h"
#include "cli/rule_provenance.h"
#include "cli/show.h"
#include "cli/tui_summary.h"
#include "db/db.h"
#include "rules/parser.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NANOSECONDS_PER_MS = 1000000 };

/* ---- Rules ---- */

static void rule_take(struct tui_rule *rule, const struct rule_record *record)
{
	const char *origin = record->source.length > 0 ? "file" : "answer";

	*rule = (struct tui_rule){
		.id = record->id,
		.text = text_copy(record->text),
		.scope = xstrdup(scope_name(record->scope)),
		.origin = record->origin_session != 0 ? xasprintf("session %" PRId64,
								record->origin_session)
						      : xstrdup(origin),
		.hits = record->hits,
		.created = record->created / NANOSECONDS_PER_MS,
		.last_hit = record->last_hit / NANOSECONDS_PER_MS,
	};
}

static bool rules(
	void *context, struct tui_rule **list, size_t *count, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	struct db *db = db_open(context, DB_READ, err);
	struct rule_record record;
	struct error local = {0};

	*list = NULL;
	*count = 0;
	if (db == NULL || !db_rules_begin(db, &filter, err)) {
		db_close(db);
		return false;
	}
	while (db_rules_next(db, &record, &local)) {
		*list = xreallocarray(*list, *count + 1, sizeof(**list));
		rule_take(&(*list)[(*count)++], &record);
	}
	db_close(db);
	for (size_t i = 0; i < *count / 2; i++) { /* the newest first */
		const struct tui_rule other = (*list)[i];
		(*list)[i] = (*list)[*count - 1 - i];
		(*list)[*count - 1 - i] = other;
	}
	return true;
}

static char *rule_details(void *context, int64_t id, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	char *text = db != NULL ? rule_provenance(db, id, err) : NULL;

	db_close(db);
	return text;
}

static bool revoke(void *context, int64_t id, struct error *err)
{
	struct db *db = db_open(context, DB_WRITE, err);
	const bool done = db != NULL && db_rule_remove(db, id, err);

	db_close(db);
	return done;
}

/* Where the rule holds stays; what it says is another. */
static bool replace(
	struct db *db, int64_t id, const struct rule *rule, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	char *text = rule_bare_text(rule);
	struct rule_record record = {0};
	bool found = false;
	bool done = false;
	int64_t added;

	if (db_rules_begin(db, &filter, err)) {
		while (!found && db_rules_next(db, &record, err)) {
			found = record.id == id;
		}
	}
	if (found) {
		char *project = text_copy(record.project);
		record.project = text_of(project);
		record.source = (struct text){0};
		record.text = text_of(text);
		record.until = rule->until != 0 ? rule->until : record.until;
		record.note = text_of(rule->note);
		record.created = rules_now();
		done = db_rule_add(db, &record, &added, err) &&
		       db_rule_remove(db, id, err);
		free(project);
	} else if (err->code == 0) {
		(void)error_set(err, ERROR_NOT_FOUND, "there is no rule %" PRId64, id);
	}
	free(text);
	return done;
}

static bool edit(void *context, int64_t id, const char *text, struct error *err)
{
	struct rule rule = {0};

	if (!rule_parse_line(text_of(text), &rule, err)) {
		return false;
	}
	struct db *db =
		rule.kind == RULE_JUDGE ? db_open(context, DB_WRITE, err) : NULL;
	if (rule.kind != RULE_JUDGE) {
		(void)error_set(
			err, ERROR_SYNTAX, "a stored rule allows, asks or denies");
	}
	const bool done = db != NULL && replace(db, id, &rule, err);
	db_close(db);
	rule_finish(&rule);
	return done;
}

/* ---- Events ---- */

static void event_take(struct tui_event *taken, const struct event *event)
{
	*taken = (struct tui_event){
		.seq = event->seq,
		.time = event->time / NANOSECONDS_PER_MS,
		.pid = event->pid,
		.rule = event->rule,
		.verb = event->verb,
		.verdict = event->verdict,
		.vectors = event_vectors(event),
		.program = text_copy(event->program),
		.object = show_object(event->object, event->argv, event->argc, 0),
		.mcp = text_copy(event->mcp),
		.by = event->by == BY_RULE ? xasprintf("rule:%" PRId64, event->rule)
					   : xstrdup(decider_name(event->by)),
	};
}

static bool events(void *context, int64_t session, size_t most, struct tui_event **list,
	size_t *count, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	struct event_counts counts;
	struct event event;
	struct error local = {0};

	*list = xcalloc(most + 1, sizeof(**list));
	*count = 0;
	if (db == NULL || !db_event_counts(db, session, &counts, err)) {
		db_close(db);
		free(*list);
		return false;
	}
	const int64_t before = counts.total - (int64_t)most;
	const struct event_filter filter = {
		.session = session, .after = before > 0 ? before : 0};
	if (db_events_begin(db, &filter, err)) {
		while (*count < most && db_events_next(db, &event, &local)) {
			event_take(&(*list)[(*count)++], &event);
		}
	}
	db_close(db);
	return true;
}

static bool session_get(
	struct db *db, int64_t id, struct session_record *session, struct error *err)
{
	char *name = xasprintf("%" PRId64, id);
	const bool is_found = db_session_find(db, name, session, err);

	free(name);
	return is_found;
}

static char *event_details(void *context, int64_t session, int64_t seq,
	unsigned columns, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	struct session_record record;
	struct replay_recording recording;
	char *text = NULL;

	if (db != NULL && session_get(db, session, &record, err) &&
		replay_recording_open(&recording, db, &record, NULL, err)) {
		text = replay_event_details(&recording, seq, columns, err);
		replay_recording_close(&recording);
	}
	db_close(db);
	return text;
}

static bool question_event_find(struct db *db, int64_t session, int64_t question,
	int64_t *seq, struct error *err)
{
	const struct event_filter filter = {.session = session, .question = question};
	struct event event;

	if (!db_events_begin(db, &filter, err)) {
		return false;
	}
	*seq = db_events_next(db, &event, err) ? event.seq : 0;
	return err->code == 0;
}

static bool question_event(void *context, int64_t session, int64_t question,
	int64_t *seq, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	const bool done =
		db != NULL && question_event_find(db, session, question, seq, err);

	db_close(db);
	return done;
}

static bool rule_find(
	struct db *db, int64_t id, struct rule_record *record, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	bool is_found = false;

	if (db_rules_begin(db, &filter, err)) {
		while (!is_found && db_rules_next(db, record, err)) {
			is_found = record->id == id;
		}
	}
	return is_found;
}

static bool rule_origin(
	void *context, int64_t id, int64_t *session, int64_t *seq, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	struct rule_record record;
	bool done = db != NULL;

	*session = 0;
	*seq = 0;
	if (done && rule_find(db, id, &record, err)) {
		*session = record.origin_session;
		*seq = record.origin_event;
		done = *seq != 0 || record.origin_question == 0 ||
		       question_event_find(
			       db, *session, record.origin_question, seq, err);
	}
	db_close(db);
	return done && err->code == 0;
}

/* ---- Answers ---- */

static void answer_take(
	struct tui_answer *answer, const struct question_record *question)
{
	char *object = show_object(question->object, question->argv, question->argc, 0);

	*answer = (struct tui_answer){
		.number = question->number,
		.time = question->time / NANOSECONDS_PER_MS,
		.waited = (question->answer_time - question->time) / NANOSECONDS_PER_MS,
		.is_answered = question->answered,
		.verdict = question->verdict,
		.scope = question->scope,
		.rule = question->rule,
		.action = xasprintf("%s %s", verb_name(question->verb), object),
	};
	free(object);
}

/* The oldest make room for newer ones. */
static bool answers(void *context, int64_t session, size_t most,
	struct tui_answer **list, size_t *count, struct error *err)
{
	struct db *db = db_open(context, DB_READ, err);
	struct question_record question;
	struct error local = {0};
	size_t read = 0;

	*list = NULL;
	*count = 0;
	if (db == NULL || !db_questions_begin(db, session, err)) {
		db_close(db);
		return false;
	}
	struct tui_answer *ring = xcalloc(most, sizeof(*ring));
	while (db_questions_next(db, &question, &local)) {
		free(ring[read % most].action);
		answer_take(&ring[read++ % most], &question);
	}
	db_close(db);
	*count = read < most ? read : most;
	*list = xcalloc(*count + 1, sizeof(**list));
	for (size_t i = 0; i < *count; i++) { /* the newest first */
		(*list)[i] = ring[(read - 1 - i) % most];
	}
	free(ring);
	return true;
}

struct tui_memory tui_memory_of(const char *database)
{
	return (struct tui_memory){
		.context = (void *)(uintptr_t)database, /* only read */
		.rules = rules,
		.rule_details = rule_details,
		.revoke = revoke,
		.edit = edit,
		.events = events,
		.event_details = event_details,
		.question_event = question_event,
		.rule_origin = rule_origin,
		.answers = answers,
		.summary = tui_summary,
	};
}
