/* SPDX-License-Identifier: MIT */
#include "database.h"

TestSuite(chain, .init = make_folder, .fini = remove_folder, .timeout = 60);

enum { EVENTS = 5 };

static int64_t record(void)
{
	const struct session_record session = a_session();
	struct error err = {0};
	struct recorder *recorder = recorder_create(path_in("c.db"), &session, &err);
	cr_assert(recorder != NULL, "%s", err.text);
	for (int i = 0; i < EVENTS; i++) {
		struct event event = an_event("/a");
		event.session = recorder_session(recorder);
		event.reason = text_of(i % 2 ? "profile base:3" : "");
		(void)recorder_event(recorder, &event);
	}
	int64_t id = recorder_session(recorder);
	cr_assert(recorder_destroy(recorder, 9, 0, &err), "%s", err.text);
	return id;
}

static void tamper(const char *sql)
{
	sqlite3 *connection;
	cr_assert(sqlite3_open(path_in("c.db"), &connection) == SQLITE_OK);
	cr_assert(sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
		sqlite3_errmsg(connection));
	(void)sqlite3_close(connection);
}

static struct chain_state verify(int64_t session)
{
	struct chain_state state;
	struct error err = {0};
	struct db *db = db_open(path_in("c.db"), DB_READ, &err);
	cr_assert(db != NULL, "%s", err.text);
	cr_assert(db_chain_verify(db, session, &state, &err), "%s", err.text);
	db_close(db);
	return state;
}

Test(chain, a_recording_as_it_was_written_is_whole)
{
	int64_t id = record();
	struct chain_state state = verify(id);
	cr_expect(state.reason == NULL, "%s", state.reason);
	cr_expect(eq(i64, state.checked, EVENTS));
	cr_expect(eq(sz, strlen(state.head), 64));
}

Test(chain, every_change_is_found_where_it_was_made)
{
	static const struct {
		const char *sql;
		int64_t broken;
	} changes[] = {
		{"UPDATE events SET object = X'2f62' WHERE seq = 3", 3},
		{"UPDATE events SET verdict = 0 WHERE seq = 1", 1},
		{"UPDATE events SET time = time + 1 WHERE seq = 5", 5},
		{"UPDATE events SET argv = X'00' WHERE seq = 2", 2},
		{"UPDATE events SET chain = NULL WHERE seq = 4", 4},
		{"UPDATE texts SET text = X'61'", 2},
		{"DELETE FROM events WHERE seq = 2", 3},
		{"DELETE FROM events WHERE seq = 5", 5},
		{"DELETE FROM events", 1},
		{"UPDATE events SET chain = NULL WHERE seq = 5;"
		 "UPDATE events SET object = X'2f62' WHERE seq = 5",
			5},
		{"UPDATE sessions SET argv = X'00'", 1},
	};
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		int64_t id = record();
		tamper(changes[i].sql);
		struct chain_state state = verify(id);
		cr_expect(state.reason != NULL, "%s", changes[i].sql);
		cr_expect(
			eq(i64, state.broken, changes[i].broken), "%s", changes[i].sql);
		(void)remove(path_in("c.db"));
	}
}

/* One of everything that is recorded beside events. */
static int64_t record_all(void)
{
	const struct session_record session = a_session();
	struct error err = {0};
	struct recorder *recorder = recorder_create(path_in("c.db"), &session, &err);
	cr_assert(recorder != NULL, "%s", err.text);
	int64_t id = recorder_session(recorder);
	const struct text argv[] = {text_of("true"), text_of("")};
	const struct process_record process = {.session = id,
		.program = text_of("/bin/true"),
		.argv = argv,
		.argc = 2};
	const struct terminal_record chunk = {
		.session = id, .time = 3, .bytes = text_of("out\x1b[0m")};
	const struct question_record question = {
		.session = id, .object = text_of("/x"), .details = text_of("{}")};
	const struct mcp_record call = {.session = id,
		.server = text_of("s"),
		.tool = text_of("t"),
		.arguments = text_of("{}")};
	for (int i = 0; i < 3; i++) {
		(void)recorder_terminal(recorder, &chunk);
		const int64_t number = recorder_process_start(recorder, &process);
		recorder_process_end(recorder, number, 5, i == 1 ? -1 : 0);
		(void)recorder_question(recorder, &question);
		const int64_t mcp = recorder_mcp_call(recorder, &call);
		recorder_mcp_result(recorder, mcp, 7, text_of("[]"));
	}
	cr_assert(recorder_destroy(recorder, 9, 0, &err), "%s", err.text);
	return id;
}

Test(chain, what_is_recorded_beside_events_is_sealed)
{
	static const struct {
		const char *sql, *kind;
		int64_t broken;
	} changes[] = {
		{"UPDATE terminal_chunks SET bytes = X'61' WHERE number = 2",
			"terminal chunk", 2},
		{"UPDATE terminal_chunks SET time = 4 WHERE number = 3",
			"terminal chunk", 3},
		{"DELETE FROM terminal_chunks WHERE number = 1", "terminal chunk", 2},
		{"DELETE FROM terminal_chunks WHERE number = 3", "end of the session",
			0},
		{"DELETE FROM terminal_chunks", "end of the session", 0},
		{"UPDATE terminal_chunks SET seal = NULL WHERE number = 1",
			"terminal chunk", 1},
		{"UPDATE processes SET argv = X'00' WHERE number = 2", "process", 2},
		{"UPDATE processes SET status = 1 WHERE number = 3", "end of process",
			3},
		{"UPDATE processes SET ended = 0 WHERE number = 1", "end of process",
			1},
		{"UPDATE questions SET object = X'2f79' WHERE number = 1", "question",
			1},
		{"UPDATE mcp_calls SET arguments = '' WHERE number = 3", "MCP call", 3},
		{"UPDATE mcp_calls SET result = '' WHERE number = 3",
			"result of MCP call", 3},
	};
	int64_t id = record_all();
	struct chain_state whole = verify(id);
	cr_expect(whole.reason == NULL, "%s", whole.reason);
	cr_expect(eq(i64, whole.sealed, 3 * 6));
	cr_expect(eq(sz, strlen(whole.seal), 64));
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		(void)remove(path_in("c.db"));
		id = record_all();
		tamper(changes[i].sql);
		struct chain_state state = verify(id);
		cr_assert(state.reason != NULL, "%s", changes[i].sql);
		cr_expect(
			eq(i64, state.broken, changes[i].broken), "%s", changes[i].sql);
		cr_expect(state.broken_kind != NULL &&
				  strcmp(state.broken_kind, changes[i].kind) == 0,
			"%s: %s", changes[i].sql, state.broken_kind);
	}
}

Test(chain, what_an_older_version_recorded_is_told_apart)
{
	const struct schema old = {schema_current.scripts, 1};
	struct error err = {0};
	struct db *db = db_open_as(path_in("c.db"), DB_WRITE, &old, &err);
	cr_assert(db != NULL, "%s", err.text);
	db_close(db);
	tamper("INSERT INTO sessions (name, started, ended, project, working_folder,"
	       " argv, options, supervisor, supervisor_ticks)"
	       " VALUES ('', 1, 2, X'', X'', X'', '{}', 1, 1);"
	       "INSERT INTO events (session, seq, time, monotonic, pid, tid, process,"
	       " call, verb, object, asked_as, syscall, verdict, decider, rule,"
	       " question, waited_ms, error, flags, code)"
	       " VALUES (1, 1, 1, 1, 1, 1, 1, 1, 0, X'2f', X'', 'openat', 2, 0, 0,"
	       " 0, 0, 0, 0, 0)");
	struct chain_state state = verify(1);
	cr_expect(state.is_unchained);
}

Test(chain, a_batch_that_was_not_stored_leaves_no_link)
{
	struct error err = {0};
	struct chain_state state;
	struct db *db = open_database("c.db");
	int64_t session = insert_session(db);
	for (int64_t seq = 1; seq <= 2; seq++) {
		struct event event = an_event("/a");
		event.session = session;
		event.seq = seq;
		cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
		event.seq++;
		cr_assert(db_begin(db, &err));
		cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
		(void)db_end(db, false, &err);
	}
	cr_assert(db_session_end(db, session, 9, 0, &err), "%s", err.text);
	cr_assert(db_chain_verify(db, session, &state, &err), "%s", err.text);
	cr_expect(state.reason == NULL, "%s", state.reason);
	cr_expect(eq(i64, state.checked, 2));
	db_close(db);
}
