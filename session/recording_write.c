/* SPDX-License-Identifier: MIT */
#include "session/recording.h"
#include "session/recording_fields.h"

#include <errno.h>

/* One kind of record: how it is read from the database. */
struct source {
	enum recording_kind kind;
	bool (*begin)(struct db *db, int64_t session, struct error *err);
	bool (*next)(struct db *db, union recording_record *record, struct error *err);
};

static bool events_begin(struct db *db, int64_t session, struct error *err)
{
	const struct event_filter filter = {.session = session};
	return db_events_begin(db, &filter, err);
}

static bool terminal_begin(struct db *db, int64_t session, struct error *err)
{
	return db_terminal_begin(db, session, 0, err);
}

static bool process_next(
	struct db *db, union recording_record *record, struct error *err)
{
	return db_processes_next(db, &record->process, err);
}

static bool event_next(struct db *db, union recording_record *record, struct error *err)
{
	return db_events_next(db, &record->event, err);
}

static bool question_next(
	struct db *db, union recording_record *record, struct error *err)
{
	return db_questions_next(db, &record->question, err);
}

static bool terminal_next(
	struct db *db, union recording_record *record, struct error *err)
{
	return db_terminal_next(db, &record->terminal, err);
}

static bool mcp_next(struct db *db, union recording_record *record, struct error *err)
{
	return db_mcp_calls_next(db, &record->mcp, err);
}

static bool label_next(struct db *db, union recording_record *record, struct error *err)
{
	return db_labels_next(db, &record->label, err);
}

static const struct source sources[] = {
	{RECORDING_PROCESS, db_processes_begin, process_next},
	{RECORDING_EVENT, events_begin, event_next},
	{RECORDING_QUESTION, db_questions_begin, question_next},
	{RECORDING_TERMINAL, terminal_begin, terminal_next},
	{RECORDING_MCP, db_mcp_calls_begin, mcp_next},
	{RECORDING_LABEL, db_labels_begin, label_next},
};

/* A failure to write shows at the end, by ferror. */
static void line_write(FILE *file, enum recording_kind kind, const void *record)
{
	json_t *object = recording_record_write(kind, record);
	if (kind == RECORDING_SESSION) {
		json_object_set_new(object, "format", json_integer(RECORDING_FORMAT));
	}
	(void)json_dumpf(object, file, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)putc('\n', file);
	json_decref(object);
}

static bool source_write(const struct source *source, struct db *db, int64_t session,
	FILE *file, int64_t *lines, struct error *err)
{
	union recording_record record;
	struct error local = {0};
	if (!source->begin(db, session, err)) {
		return false;
	}
	while (source->next(db, &record, &local)) {
		line_write(file, source->kind, &record);
		++*lines;
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

bool recording_write(struct db *db, const struct session_record *session, FILE *file,
	struct error *err)
{
	int64_t lines = 2;
	line_write(file, RECORDING_SESSION, session);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!source_write(&sources[i], db, session->id, file, &lines, err)) {
			return false;
		}
	}
	line_write(file, RECORDING_END, &lines);
	return !ferror(file) || error_set(err, EIO, "writing the recording failed");
}
