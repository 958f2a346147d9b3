/* SPDX-License-Identifier: MIT */
/* Moving about in a session: by time, by denial, backwards. */
#include "db/timeline.h"
#include "tests/db/database.h"

enum { EVENTS = 300, STEP = 1000 };

TestSuite(timeline, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* Events a microsecond apart; every 50th is denied, the 100th came late. */
static int64_t fill(struct db *db)
{
	struct error err = {0};
	const int64_t session = insert_session(db);

	cr_assert(db_begin(db, &err));
	for (int i = 1; i <= EVENTS; i++) {
		struct event event = an_event("/file");
		event.session = session;
		event.seq = i;
		event.time = i == 100 ? STEP : (int64_t)i * STEP;
		event.verdict = i % 50 == 0 ? VERDICT_DENY : VERDICT_ALLOW;
		cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
	}
	for (int i = 1; i <= EVENTS / 10; i++) {
		const struct terminal_record chunk = {.session = session,
			.number = i,
			.time = (int64_t)i * 10 * STEP,
			.kind = TERMINAL_OUTPUT,
			.bytes = text_of("x")};
		cr_assert(db_terminal_insert(db, &chunk, &err), "%s", err.text);
	}
	cr_assert(db_end(db, true, &err));
	return session;
}

static int64_t event_at(struct db *db, int64_t session, int64_t time)
{
	struct error err = {0};
	int64_t seq = -1;

	cr_assert(db_event_at(db, session, time, &seq, &err), "%s", err.text);
	return seq;
}

Test(timeline, the_last_event_of_a_time_is_found)
{
	struct db *db = open_database("t.db");
	const int64_t session = fill(db);

	cr_expect(eq(i64, event_at(db, session, STEP - 1), 0));
	for (int i = 1; i <= EVENTS; i++) {
		const int64_t found = event_at(db, session, (int64_t)i * STEP);
		if (i == 99) {
			/* The late one had not more to wait for. */
			cr_expect(found == 99 || found == 100);
		} else {
			cr_expect(eq(i64, found, i));
		}
	}
	cr_expect(eq(i64, event_at(db, session, INT64_MAX), EVENTS));
	db_close(db);
}

Test(timeline, chunks_are_found_by_time)
{
	struct db *db = open_database("t.db");
	const int64_t session = fill(db);
	struct error err = {0};
	int64_t number, time;

	cr_assert(db_terminal_at(db, session, 10 * STEP - 1, &number, &err));
	cr_expect(eq(i64, number, 0));
	cr_assert(db_terminal_at(db, session, 55 * STEP, &number, &err));
	cr_expect(eq(i64, number, 5));
	cr_assert(db_terminal_time(db, session, 7, &time, &err));
	cr_expect(eq(i64, time, 70 * STEP));
	cr_expect(not(db_terminal_time(db, session, 31, &time, &err)));
	cr_expect(eq(int, err.code, 0));
	db_close(db);
}

Test(timeline, denials_are_stepped_to_both_ways)
{
	struct db *db = open_database("t.db");
	const int64_t session = fill(db);
	struct error err = {0};
	int64_t seq = 0;

	for (int i = 1; i <= EVENTS / 50; i++) {
		cr_assert(db_denial_beside(db, session, seq, true, &seq, &err));
		cr_expect(eq(i64, seq, i * 50));
	}
	cr_assert(db_denial_beside(db, session, seq, true, &seq, &err));
	cr_expect(eq(i64, seq, 0));
	cr_assert(db_denial_beside(db, session, 101, false, &seq, &err));
	cr_expect(eq(i64, seq, 100));
	cr_assert(db_denial_beside(db, session, 50, false, &seq, &err));
	cr_expect(eq(i64, seq, 0));
	db_close(db);
}

Test(timeline, scans_go_both_ways)
{
	struct db *db = open_database("t.db");
	const int64_t session = fill(db);
	struct error err = {0};
	struct scan scan = {.session = session, .from = 298};
	struct scanned_event event;
	int64_t sum = 0;

	cr_assert(db_scan_begin(db, &scan, &err));
	while (db_scan_next(db, &event, &err)) {
		sum += event.seq;
	}
	cr_expect(eq(i64, sum, 298 + 299 + 300));
	scan.from = 2;
	scan.is_backward = true;
	cr_assert(db_scan_begin(db, &scan, &err));
	cr_assert(db_scan_next(db, &event, &err));
	cr_expect(eq(i64, event.seq, 2));
	cr_assert(db_scan_next(db, &event, &err));
	cr_expect(eq(i64, event.seq, 1));
	cr_expect(eq(str, (char *)shown(event.object), "/file"));
	cr_expect(not(db_scan_next(db, &event, &err)));
	cr_expect(eq(int, err.code, 0));
	db_close(db);
}

Test(timeline, what_is_stored_meanwhile_is_seen_after_a_rest)
{
	struct db *db = open_database("t.db");
	const int64_t session = fill(db);
	struct error err = {0};
	struct session_extent extent;
	struct db *reader = db_open(path_in("t.db"), DB_READ, &err);
	struct event event;

	cr_assert(db_event_get(reader, session, 5, &event, &err)); /* stays open */
	struct event more = an_event("/more");
	more.session = session;
	more.seq = EVENTS + 1;
	more.time = (EVENTS + 1) * STEP;
	more.waited_ms = 1;
	cr_assert(db_begin(db, &err) && db_event_insert(db, &more, &err) &&
		  db_end(db, true, &err));
	db_rest(reader);
	cr_assert(db_session_extent(reader, session, &extent, &err));
	cr_expect(eq(i64, extent.last_event, EVENTS + 1));
	cr_expect(eq(i64, extent.last_chunk, EVENTS / 10));
	cr_expect(eq(i64, extent.last_time, (EVENTS + 1) * STEP + 1000000));
	cr_expect(not(db_session_extent(reader, session + 1, &extent, &err)));
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	db_close(reader);
	db_close(db);
}
