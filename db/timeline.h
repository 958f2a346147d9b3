/* SPDX-License-Identifier: MIT */
/*
 * Moving about in one recorded session without reading all of it: each function reads a
 * few rows, however long the recording is. Times are nanoseconds since the epoch.
 */
#ifndef DB_TIMELINE_H
#define DB_TIMELINE_H

#include "db/db.h"

/* What a session has by now. */
struct session_extent {
	int64_t last_event, last_chunk, last_question; /* numbers; 0: there is none */
	int64_t last_time; /* of an event or of terminal output; 0: there is none */
	int64_t ended;	   /* 0: running, or its supervisor died */
};
bool db_session_extent(struct db *db, int64_t session, struct session_extent *extent,
	struct error *err);

/*
 * Ends everything that is being read on this connection: what was stored meanwhile is
 * seen by what is read next.
 */
void db_rest(struct db *db);

/* When an action took effect: a held one when it was let go. */
int64_t event_effect_time(const struct event *event);

/*
 * The last event that had taken effect by that time, 0 if none had. Events are recorded
 * once they are done with, so that a slow call may lie a little off its time.
 */
bool db_event_at(
	struct db *db, int64_t session, int64_t time, int64_t *seq, struct error *err);
/* The last chunk of the terminal of that time or before. */
bool db_terminal_at(struct db *db, int64_t session, int64_t time, int64_t *number,
	struct error *err);
bool db_terminal_time(struct db *db, int64_t session, int64_t number, int64_t *time,
	struct error *err);

/* One event; false with err->code 0 if there is none. Texts as from db_events_next. */
bool db_event_get(struct db *db, int64_t session, int64_t seq, struct event *event,
	struct error *err);
bool db_question_get(struct db *db, int64_t session, int64_t number,
	struct question_record *question, struct error *err);
/* The nearest denied or forbidden event after seq, or before it; *found 0: none. */
bool db_denial_beside(struct db *db, int64_t session, int64_t seq, bool is_forward,
	int64_t *found, struct error *err);

/* Events with little more than what they are searched by, one after another. */
struct scan {
	int64_t session;
	int64_t from; /* the first seq that is looked at */
	bool is_backward;
};
struct scanned_event {
	int64_t seq, process, question;
	pid_t pid;
	enum verb verb;
	enum verdict verdict;
	struct text object;
	struct text argv; /* each argument with a zero byte after it */
	struct text mcp;  /* JSON array of calls in flight; empty: none */
	struct text asked_as;
	enum code_origin code;
};
bool db_scan_begin(struct db *db, const struct scan *scan, struct error *err);
bool db_scan_next(struct db *db, struct scanned_event *event, struct error *err);

#endif
