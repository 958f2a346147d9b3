/* SPDX-License-Identifier: MIT */
#include "base/escape.h"
#include "base/xalloc.h"
#include "db/import.h"
#include "session/recording.h"
#include "session/recording_fields.h"

#include <errno.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 32 << 20 };

struct reader {
	FILE *file;
	struct db *db; /* NULL: only checks */
	char *line;
	size_t capacity;
	int64_t lines;
	int64_t counts[RECORDING_KIND_COUNT];
	union recording_record session; /* its texts are in session_memory */
	struct recording_memory session_memory, memory;
	bool has_begun, has_ended;
};

/* Like getline, but never holds more than a line may have. */
static bool line_read(struct reader *reader, size_t *length, struct error *err)
{
	enum { STEP = 4096 };
	size_t used = 0;
	int byte;
	while ((byte = getc_unlocked(reader->file)) != EOF && byte != '\n') {
		if (used == LINE_MAX_BYTES) {
			return error_set(err, ERROR_SYNTAX,
				"a line is longer than %d bytes", LINE_MAX_BYTES);
		}
		if (used == reader->capacity) {
			reader->capacity = reader->capacity * 2 + STEP;
			reader->line = xrealloc(reader->line, reader->capacity);
		}
		reader->line[used++] = (char)byte;
	}
	*length = used;
	if (ferror(reader->file)) {
		return error_set(err, errno, "reading failed: %s", strerror(errno));
	}
	return byte == '\n' || used > 0;
}

static bool kind_of(const json_t *object, enum recording_kind *kind, struct error *err)
{
	const char *name = json_string_value(json_object_get(object, "record"));
	for (int i = 0; i < RECORDING_KIND_COUNT && name != NULL; i++) {
		if (strcmp(recording_shapes[i].name, name) == 0) {
			*kind = (enum recording_kind)i;
			return true;
		}
	}
	return error_set(err, ERROR_SYNTAX,
		name == NULL ? "it is no line of a recording"
			     : "it is of a kind that this Duenna does not know");
}

static bool is_number(struct text name)
{
	size_t digits = 0;
	while (digits < name.length && name.bytes[digits] >= '0' &&
		name.bytes[digits] <= '9') {
		digits++;
	}
	return digits > 0 && digits == name.length;
}

static bool session_take(
	struct reader *reader, const json_t *object, int64_t *id, struct error *err)
{
	struct session_record *session = &reader->session.session;
	json_int_t format = json_integer_value(json_object_get(object, "format"));
	if (reader->has_begun) {
		return error_set(err, ERROR_SYNTAX, "it is a second session");
	}
	if (format != RECORDING_FORMAT) {
		return error_set(err,
			format > RECORDING_FORMAT ? ERROR_NEWER : ERROR_SYNTAX,
			"it is of format %lld; this Duenna knows %d", (long long)format,
			RECORDING_FORMAT);
	}
	if (!recording_record_read(
		    RECORDING_SESSION, object, session, &reader->session_memory, err)) {
		return false;
	}
	if (is_number(session->name) || text_equal_string(session->name, "last")) {
		return error_set(
			err, ERROR_SYNTAX, "the session's name would hide another");
	}
	if (session->ended != 0 && !session->has_status) {
		return error_set(err, ERROR_SYNTAX, "it ended without a status");
	}
	reader->has_begun = true;
	if (reader->db == NULL) {
		return true;
	}
	if (!db_import_begin(reader->db, session, id, err)) {
		reader->has_begun = false;
		return false;
	}
	session->id = *id;
	return true;
}

/* Records are numbered from 1 without gaps, each kind for itself. */
static bool number_check(struct reader *reader, enum recording_kind kind,
	int64_t number, struct error *err)
{
	return number == reader->counts[kind] ||
	       error_set(err, ERROR_SYNTAX, "its number is %lld, not %lld",
		       (long long)number, (long long)reader->counts[kind]);
}

static bool process_take(
	struct reader *reader, struct process_record *process, struct error *err)
{
	process->session = reader->session.session.id;
	if (!number_check(reader, RECORDING_PROCESS, process->number, err)) {
		return false;
	}
	if (process->parent >= process->number ||
		process->previous >= process->number) {
		return error_set(err, ERROR_SYNTAX, "it comes from a process after it");
	}
	return reader->db == NULL || db_import_process(reader->db, process, err);
}

static bool event_take(struct reader *reader, struct event *event, struct error *err)
{
	event->session = reader->session.session.id;
	return number_check(reader, RECORDING_EVENT, event->seq, err) &&
	       (reader->db == NULL || db_import_event(reader->db, event, err));
}

static bool question_take(
	struct reader *reader, struct question_record *question, struct error *err)
{
	question->session = reader->session.session.id;
	return number_check(reader, RECORDING_QUESTION, question->number, err) &&
	       (reader->db == NULL || db_import_question(reader->db, question, err));
}

static bool terminal_take(
	struct reader *reader, struct terminal_record *chunk, struct error *err)
{
	chunk->session = reader->session.session.id;
	return number_check(reader, RECORDING_TERMINAL, chunk->number, err) &&
	       (reader->db == NULL || db_import_terminal(reader->db, chunk, err));
}

static bool mcp_take(struct reader *reader, struct mcp_record *call, struct error *err)
{
	call->session = reader->session.session.id;
	return number_check(reader, RECORDING_MCP, call->number, err) &&
	       (reader->db == NULL || db_import_mcp(reader->db, call, err));
}

static bool label_take(
	struct reader *reader, struct label_record *label, struct error *err)
{
	label->session = reader->session.session.id;
	return reader->db == NULL || db_import_label(reader->db, label, err);
}

static bool end_take(struct reader *reader, int64_t lines, struct error *err)
{
	reader->has_ended = true;
	return lines == reader->lines ||
	       error_set(err, ERROR_SYNTAX, "there are %lld lines instead of %lld",
		       (long long)reader->lines, (long long)lines);
}

static bool record_take(struct reader *reader, enum recording_kind kind,
	const json_t *object, struct error *err)
{
	union recording_record record = {0};
	recording_memory_clear(&reader->memory);
	if (!recording_record_read(kind, object, &record, &reader->memory, err)) {
		return false;
	}
	reader->counts[kind]++;
	switch (kind) {
	case RECORDING_PROCESS:
		return process_take(reader, &record.process, err);
	case RECORDING_EVENT:
		return event_take(reader, &record.event, err);
	case RECORDING_QUESTION:
		return question_take(reader, &record.question, err);
	case RECORDING_TERMINAL:
		return terminal_take(reader, &record.terminal, err);
	case RECORDING_MCP:
		return mcp_take(reader, &record.mcp, err);
	case RECORDING_LABEL:
		return label_take(reader, &record.label, err);
	case RECORDING_END:
		return end_take(reader, record.lines, err);
	case RECORDING_SESSION:
	case RECORDING_KIND_COUNT:
		break;
	}
	return false;
}

static bool line_take(
	struct reader *reader, size_t length, int64_t *id, struct error *err)
{
	enum recording_kind kind = RECORDING_KIND_COUNT;
	json_error_t problem;
	if (reader->has_ended) {
		return error_set(err, ERROR_SYNTAX, "it stands after the end");
	}
	json_t *object =
		json_loadb(reader->line, length, JSON_REJECT_DUPLICATES, &problem);
	if (object == NULL) {
		char shown[JSON_ERROR_TEXT_LENGTH * 4];
		(void)escape_text(text_of(problem.text), shown, sizeof(shown));
		return error_set(err, ERROR_SYNTAX, "it is no JSON: %s", shown);
	}
	bool is_good = kind_of(object, &kind, err);
	if (is_good && kind == RECORDING_SESSION) {
		is_good = session_take(reader, object, id, err);
	} else if (is_good && !reader->has_begun) {
		is_good = error_set(
			err, ERROR_SYNTAX, "a recording begins with its session");
	} else if (is_good) {
		is_good = record_take(reader, kind, object, err);
	}
	json_decref(object);
	return is_good;
}

static bool lines_take(struct reader *reader, int64_t *id, struct error *err)
{
	struct error local = {0};
	size_t length = 0;
	while (line_read(reader, &length, &local)) {
		reader->lines++;
		if (!line_take(reader, length, id, err)) {
			return false;
		}
	}
	reader->lines++;
	if (local.code != 0) {
		return error_set(err, local.code, "%s", local.text);
	}
	return reader->has_ended ||
	       error_set(err, ERROR_SYNTAX, "the recording is cut off");
}

bool recording_read(
	FILE *file, const char *name, struct db *db, int64_t *id, struct error *err)
{
	struct reader reader = {.file = file, .db = db};
	struct error local = {0};
	bool is_good = lines_take(&reader, id, &local);
	if (!is_good) {
		char shown[256];
		(void)escape_text(text_of(name), shown, sizeof(shown));
		(void)error_set(err, local.code, "%s:%lld: %s", shown,
			(long long)reader.lines, local.text);
	}
	if (db != NULL && reader.has_begun) {
		is_good = db_import_end(
			db, &reader.session.session, is_good, is_good ? err : NULL);
	}
	recording_memory_finish(&reader.memory);
	recording_memory_finish(&reader.session_memory);
	free(reader.line);
	return is_good;
}
