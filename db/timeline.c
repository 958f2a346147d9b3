/* SPDX-License-Identifier: MIT */
#include "db/timeline.h"

#include "db/connection.h"

enum { NANOSECONDS_PER_MS = 1000000 };

void db_rest(struct db *db)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		if (db->statements[i] != NULL) {
			(void)sqlite3_reset(db->statements[i]); /* told of before */
		}
	}
}

/* The one row of a statement, which is reset by the next call of db_rest at the latest. */
static sqlite3_stmt *one_row(struct db *db, enum statement statement,
	const struct value *values, size_t count, struct error *err)
{
	sqlite3_stmt *row = db_statement(db, statement, values, count, err);

	return row != NULL && db_step(db, statement, err) ? row : NULL;
}

bool db_session_extent(struct db *db, int64_t session, struct session_extent *extent,
	struct error *err)
{
	const struct value value = integer(session);
	sqlite3_stmt *row = one_row(db, STATEMENT_EXTENT, &value, 1, err);

	if (row == NULL) {
		return err->code != 0 ? false
				      : error_set(err, ERROR_NOT_FOUND,
						"session %lld has been removed",
						(long long)session);
	}
	*extent = (struct session_extent){
		.last_event = column_natural(row, 0),
		.last_chunk = column_natural(row, 1),
		.last_question = column_natural(row, 2),
		.last_time = column_natural(row, 3),
		.ended = column_natural(row, 4),
	};
	db_abandon(db, STATEMENT_EXTENT);
	return true;
}

int64_t event_effect_time(const struct event *event)
{
	int64_t waited = 0, time = event->time;

	/* An imported recording may say anything. */
	if (__builtin_mul_overflow(event->waited_ms, NANOSECONDS_PER_MS, &waited) ||
		__builtin_add_overflow(event->time, waited, &time)) {
		return event->time;
	}
	return time;
}

/*
 * The time of the row with that number, or of the next that there is; and its number.
 * False at the end (err->code 0) or on failure.
 */
static bool time_of(struct db *db, enum statement statement, int64_t session,
	int64_t *number, int64_t *time, struct error *err)
{
	const struct value values[] = {integer(session), integer(*number)};
	sqlite3_stmt *row = one_row(db, statement, values, COUNT_OF(values), err);

	if (row == NULL) {
		return false;
	}
	*number = sqlite3_column_int64(row, 0);
	*time = column_natural(row, 1);
	db_abandon(db, statement);
	return true;
}

/* Numbers 1..last of a session, whose times the statement gives. */
struct numbered {
	enum statement statement;
	int64_t session, last;
};

/*
 * The last number whose time is not later. Numbers may be missing; times never go
 * backwards (events: but for late ones, which STATEMENT_EVENT_TIME evens out).
 */
static bool search_time(struct db *db, const struct numbered *numbered, int64_t wanted,
	int64_t *found, struct error *err)
{
	int64_t low = 0, high = numbered->last;
	struct error local = {0};

	while (low < high) {
		const int64_t middle = low + (high - low + 1) / 2;
		int64_t number = middle;
		int64_t time;
		const bool is_there = time_of(db, numbered->statement,
			numbered->session, &number, &time, &local);
		if (local.code != 0) {
			return error_set(err, local.code, "%s", local.text);
		}
		if (is_there && time <= wanted) {
			low = number < high ? number : high;
		} else {
			high = middle - 1;
		}
	}
	*found = low;
	return true;
}

bool db_event_at(
	struct db *db, int64_t session, int64_t time, int64_t *seq, struct error *err)
{
	struct session_extent extent = {0};

	if (!db_session_extent(db, session, &extent, err)) {
		return false;
	}
	const struct numbered events = {
		STATEMENT_EVENT_TIME, session, extent.last_event};
	return search_time(db, &events, time, seq, err);
}

bool db_terminal_at(struct db *db, int64_t session, int64_t time, int64_t *number,
	struct error *err)
{
	struct session_extent extent = {0};

	if (!db_session_extent(db, session, &extent, err)) {
		return false;
	}
	const struct numbered chunks = {
		STATEMENT_TERMINAL_TIME, session, extent.last_chunk};
	return search_time(db, &chunks, time, number, err);
}

bool db_terminal_time(struct db *db, int64_t session, int64_t number, int64_t *time,
	struct error *err)
{
	return time_of(db, STATEMENT_TERMINAL_TIME, session, &number, time, err);
}

bool db_event_get(struct db *db, int64_t session, int64_t seq, struct event *event,
	struct error *err)
{
	const struct event_filter filter = {.session = session, .after = seq - 1};

	return db_events_begin(db, &filter, err) && db_events_next(db, event, err) &&
	       event->seq == seq;
}

bool db_denial_beside(struct db *db, int64_t session, int64_t seq, bool is_forward,
	int64_t *found, struct error *err)
{
	const enum statement statement =
		is_forward ? STATEMENT_DENIAL_AFTER : STATEMENT_DENIAL_BEFORE;
	const struct value values[] = {integer(session), integer(seq)};
	struct error local = {0};
	sqlite3_stmt *row = one_row(db, statement, values, COUNT_OF(values), &local);

	*found = row != NULL ? sqlite3_column_int64(row, 0) : 0;
	if (row != NULL) {
		db_abandon(db, statement);
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* ---- Scanning ---- */

bool db_scan_begin(struct db *db, const struct scan *scan, struct error *err)
{
	const struct value values[] = {integer(scan->session), integer(scan->from)};

	db_abandon(db, STATEMENT_SCAN_FORWARD);
	db_abandon(db, STATEMENT_SCAN_BACKWARD);
	db->scan = scan->is_backward ? STATEMENT_SCAN_BACKWARD : STATEMENT_SCAN_FORWARD;
	return db_statement(db, db->scan, values, COUNT_OF(values), err) != NULL;
}

bool db_scan_next(struct db *db, struct scanned_event *event, struct error *err)
{
	if (!db_step(db, db->scan, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[db->scan];
	*event = (struct scanned_event){
		.seq = sqlite3_column_int64(row, 0),
		.process = sqlite3_column_int64(row, 1),
		.question = sqlite3_column_int64(row, 2),
		.pid = sqlite3_column_int(row, 3),
		.verb = (enum verb)column_bounded(row, 4, VERB_COUNT),
		.verdict = (enum verdict)column_bounded(row, 5, VERDICT_COUNT),
		.object = column_text(row, 6),
		.argv = column_text(row, 7),
		.mcp = column_text(row, 8),
		.asked_as = column_text(row, 9),
		.code = (enum code_origin)column_bounded(row, 10, CODE_GENERATED + 1),
	};
	return true;
}
