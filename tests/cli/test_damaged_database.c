/* SPDX-License-Identifier: MIT */
/*
 * Databases that are cut off, flipped in places or made by somebody hostile, read by all
 * that reads recordings: each either works or fails with words, none changes the file or
 * crashes, and none takes what somebody else put in its schema. DUENNA_DAMAGE_ROUNDS
 * says how many files with wrong bytes there are.
 */
#include "base/xalloc.h"
#include "cli/export.h"
#include "cli/replay_recording.h"
#include "cli/session_summary.h"
#include "session/recording.h"
#include "tests/support/own_home.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	TIMEOUT = 600,
	ROUNDS_USUAL = 300,
	FLIPS_MAX = 8,
	COPIES = 8, /* of each event: enough for pages of their own */
	COLUMNS_SCREEN = 80,
};

static const char *folder;
static FILE *nowhere;
static char *whole; /* a good database */
static size_t whole_size;

/* ---- Files ---- */

static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL;
	FILE *memory = open_memstream(&bytes, size);

	cr_assert(file != NULL && memory != NULL, "%s", path);
	for (int next = getc(file); next != EOF; next = getc(file)) {
		(void)putc(next, memory);
	}
	cr_assert(eq(int, fclose(file), 0));
	cr_assert(eq(int, fclose(memory), 0));
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	cr_assert(file != NULL, "%s", path);
	cr_assert(eq(sz, fwrite(bytes, 1, size, file), size));
	cr_assert(eq(int, fclose(file), 0));
}

static void expect_unchanged(const char *bytes, size_t size)
{
	size_t size_now;
	char *now = read_file("tried.db", &size_now);

	cr_expect(size_now == size && memcmp(now, bytes, size) == 0,
		"the database was changed");
	free(now);
}

/* ---- Reading all that there is ---- */

/* What is no success says so in words. */
static void expect_words(bool is_good, const struct error *err)
{
	if (!is_good) {
		cr_expect(ne(int, err->code, 0));
		cr_expect(ne(chr, err->text[0], '\0'));
	}
}

static void read_exports(struct db *db, const struct session_record *session)
{
	static export_fn *const exports[] = {
		export_asciicast, export_perfetto, export_html, export_ocsf};
	struct chain_state state;
	struct error err = {0};

	for (size_t i = 0; i < sizeof(exports) / sizeof(exports[0]); i++) {
		err = (struct error){0};
		expect_words(exports[i](db, session, nowhere, &err), &err);
	}
	err = (struct error){0};
	expect_words(recording_write(db, session, nowhere, &err), &err);
	err = (struct error){0};
	expect_words(session_summary_print(nowhere, db, session, true, &err), &err);
	err = (struct error){0};
	expect_words(db_chain_verify(db, session->id, &state, &err), &err);
}

static void read_events(const struct replay_source *source, int64_t last)
{
	const int64_t most = last > 0 && last < 50 ? last : 50;
	struct replay_filter filter = {.words = (char *)(uintptr_t) "*a*"};
	struct error err = {0};
	int64_t found[4];
	struct replay_scan scan = {.at = 1, .found = found, .most = 4};

	for (int64_t seq = 1; seq <= most; seq++) {
		struct replay_event event;
		if (source->event(source->context, seq, &event, &err)) {
			replay_event_finish(&event);
		}
		free(source->event_details(source->context, seq, COLUMNS_SCREEN, &err));
	}
	(void)source->scan(source->context, &filter, &scan, &err);
	(void)source->denial_beside(source->context, 0, true, found, &err);
}

static void read_moment(const struct replay_source *source,
	struct replay_terminal *terminal, int64_t time)
{
	struct replay_process *list = NULL;
	struct replay_question question;
	struct error err = {0};
	size_t count = 0;
	int64_t number = 0;

	(void)source->event_at(source->context, time, &number, &err);
	if (source->chunk_at(source->context, time, &number, &err)) {
		(void)replay_terminal_seek(terminal, number, &err);
	}
	if (source->processes(source->context, time, &list, &count, &err)) {
		replay_processes_free(list, count);
	}
	number = source->question_beside(source->context, time, true);
	if (number != 0 && source->question(source->context, number, &question, &err)) {
		replay_question_finish(&question);
	}
	(void)source->question_open(source->context, time);
}

/* As `duenna replay --judge` does. */
static void read_replay(struct db *db, const struct session_record *session)
{
	const struct rejudge_options options = {.database = "tried.db"};
	struct replay_recording recording;
	struct replay_extent extent = {0};
	struct error err = {0};
	struct replay_changes *changes =
		replay_changes_make(db, session, &options, &err);

	expect_words(changes != NULL, &err);
	if (changes != NULL) {
		replay_changes_print(changes, nowhere);
	}
	err = (struct error){0};
	if (replay_recording_open(&recording, db, session, changes, &err) &&
		recording.source.extent(&recording, &extent, &err)) {
		struct replay_terminal *terminal =
			replay_terminal_new(&recording.source);
		read_events(&recording.source, extent.last_event);
		read_moment(&recording.source, terminal, 0);
		read_moment(&recording.source, terminal, extent.duration / 2);
		read_moment(&recording.source, terminal, extent.duration);
		free(recording.source.summary(&recording, &err));
		replay_terminal_free(terminal);
	}
	replay_recording_close(&recording);
	replay_changes_free(changes);
}

static void read_rules(struct db *db)
{
	const struct rule_filter filter = {.all = true};
	const struct prune_limits limits = {.ended_before = INT64_MAX, .size = 1};
	struct prune_result result;
	struct rule_record rule;
	struct error err = {0};

	if (db_rules_begin(db, &filter, &err)) {
		while (db_rules_next(db, &rule, &err)) {
			(void)fwrite(rule.text.bytes, 1, rule.text.length, nowhere);
		}
	}
	if (db_prune_plan(db, &limits, &result, &err)) {
		prune_result_finish(&result);
	}
}

/* Reads tried.db; false if it could not be opened. */
static bool read_all(void)
{
	struct session_record session;
	struct error err = {0};
	struct db *db = db_open("tried.db", DB_READ, &err);

	expect_words(db != NULL, &err);
	if (db == NULL) {
		return false;
	}
	if (db_sessions_begin(db, &err)) {
		while (db_sessions_next(db, &session, &err)) {
			(void)fwrite(session.project.bytes, 1, session.project.length,
				nowhere);
		}
	}
	read_rules(db);
	if (db_session_find(db, NULL, &session, &err)) {
		read_exports(db, &session);
		read_replay(db, &session);
	} else {
		expect_words(false, &err);
	}
	db_close(db);
	return true;
}

/* ---- A good one ---- */

/* False if SQLite has something against it. */
static bool run_sql(const char *path, const char *sql)
{
	sqlite3 *connection = NULL;

	cr_assert(eq(int, sqlite3_open(path, &connection), SQLITE_OK));
	const bool is_done =
		sqlite3_exec(connection, "PRAGMA synchronous = OFF", NULL, NULL,
			NULL) == SQLITE_OK &&
		sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK;
	(void)sqlite3_close(connection);
	return is_done;
}

static void make_whole(void)
{
	char *recorded =
		xasprintf("%s/tests/fuzz/corpus/import/whole", getenv("DUENNA_SOURCE"));
	const struct rule_record rule = {.text = text_of("allow read /a"),
		.origin = ORIGIN_PERSON,
		.scope = SCOPE_ALWAYS};
	struct error err = {0};
	int64_t id;
	FILE *file = fopen(recorded, "re");
	struct db *db = db_open("whole.db", DB_WRITE, &err);

	cr_assert(db != NULL && file != NULL, "%s", err.text);
	cr_assert(recording_read(file, "whole", db, &id, &err), "%s", err.text);
	cr_assert(db_rule_add(db, &rule, &id, &err));
	db_close(db);
	cr_assert(eq(int, fclose(file), 0));
	free(recorded);
	char *copies =
		xasprintf("BEGIN; CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS"
			  " (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
			  " SELECT i FROM c;"
			  "CREATE TEMP TABLE e AS SELECT * FROM events;"
			  "UPDATE e SET seq = seq + 1000;"
			  "INSERT INTO events SELECT e.session, e.seq + 10 * i,"
			  " time + i, monotonic, pid, tid, process, call, verb,"
			  " object, asked_as, argv, syscall, verdict, decider,"
			  " rule, rule_text, reason_text, scope, question,"
			  " waited_ms, error, flags, code, python_text,"
			  " native_text, mcp_text, labels_text, chain"
			  " FROM e, n; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
			COPIES);
	cr_assert(run_sql("whole.db", copies));
	free(copies);
	whole = read_file("whole.db", &whole_size);
}

static void set_up(void)
{
	folder = own_home_open("damaged");
	nowhere = fopen("/dev/null", "we");
	cr_assert(nowhere != NULL);
	make_whole();
	write_file("tried.db", whole, whole_size);
	cr_assert(read_all());
	expect_unchanged(whole, whole_size);
}

static void tear_down(void)
{
	if (folder != NULL) {
		free(whole);
		(void)fclose(nowhere);
		own_home_close();
	}
}

TestSuite(damaged_database, .init = set_up, .fini = tear_down, .timeout = TIMEOUT);

static void try_bytes(const char *bytes, size_t size)
{
	(void)unlink("tried.db-wal");
	(void)unlink("tried.db-shm");
	write_file("tried.db", bytes, size);
	(void)read_all();
	expect_unchanged(bytes, size);
}

/* ---- Files ---- */

Test(damaged_database, one_that_is_cut_off_is_refused)
{
	static const size_t lengths[] = {1, 15, 16, 99, 100, 101, 512, 4095};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		try_bytes(whole, lengths[i]);
		cr_expect(db_open("tried.db", DB_WRITE, &err) == NULL);
	}
	for (size_t length = 4096; length < whole_size; length += 2048) {
		try_bytes(whole, length);
		cr_expect(db_open("tried.db", DB_WRITE, &err) == NULL,
			"%zu of %zu bytes can be written to", length, whole_size);
		expect_unchanged(whole, length);
	}
}

Test(damaged_database, wrong_bytes_do_no_harm)
{
	const char *wanted = getenv("DUENNA_DAMAGE_ROUNDS");
	const long rounds = wanted ? strtol(wanted, NULL, 10) : ROUNDS_USUAL;
	char *bytes = xmalloc(whole_size);
	unsigned state = (unsigned)rounds;

	for (long i = 0; i < rounds; i++) {
		memcpy(bytes, whole, whole_size);
		for (long flips = i % FLIPS_MAX; flips >= 0; flips--) {
			state = state * 1664525u + 1013904223u;
			bytes[(state >> 4) % whole_size] = (char)(state >> 24);
		}
		cr_log_info("round %ld", i);
		try_bytes(bytes, whole_size);
	}
	free(bytes);
}

/* ---- Values ---- */

/* Tables that take anything, as somebody hostile would make them. */
static void loosen(void)
{
	cr_assert(run_sql("whole.db",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql ="
		" replace(replace(replace(sql, ' STRICT, ', ' '), ' STRICT', ''),"
		" ' NOT NULL', '') WHERE type = 'table' AND name NOT LIKE 'sqlite_%';"
		"PRAGMA writable_schema = RESET; PRAGMA wal_checkpoint(TRUNCATE)"));
	free(whole);
	whole = read_file("whole.db", &whole_size);
}

static void try_value(const char *table, const char *column, const char *value)
{
	char *sql = xasprintf("UPDATE OR REPLACE %s SET \"%s\" = %s;"
			      "PRAGMA wal_checkpoint(TRUNCATE)",
		table, column, value);
	size_t size;

	cr_log_info("%s", sql);
	write_file("tried.db", whole, whole_size);
	if (run_sql("tried.db", sql)) { /* numbers of rows are numbers */
		char *bytes = read_file("tried.db", &size);
		(void)read_all();
		expect_unchanged(bytes, size);
		free(bytes);
	}
	free(sql);
}

static void try_values(const char *table, const char *column)
{
	static const char *const values[] = {"NULL", "-1", "0", "3", "1000000",
		"9223372036854775807", "-9223372036854775808", "1e300", "x''",
		"x'00ff1b5b'", "'last'", "'{\"a\":[{}'",
		"replace(hex(zeroblob(3000)), '0', '[')", "zeroblob(30000)"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		try_value(table, column, values[i]);
	}
}

Test(damaged_database, no_value_of_any_column_does_harm)
{
	sqlite3 *connection = NULL;
	sqlite3_stmt *columns = NULL;
	int count = 0;

	loosen();
	cr_assert(eq(int, sqlite3_open("whole.db", &connection), SQLITE_OK));
	cr_assert(eq(int,
		sqlite3_prepare_v2(connection,
			"SELECT t.name, c.name FROM sqlite_schema t,"
			" pragma_table_info(t.name) c WHERE t.type = 'table'"
			" AND t.name NOT LIKE 'sqlite_%'",
			-1, &columns, NULL),
		SQLITE_OK));
	while (sqlite3_step(columns) == SQLITE_ROW) {
		try_values((const char *)sqlite3_column_text(columns, 0),
			(const char *)sqlite3_column_text(columns, 1));
		count++;
	}
	cr_expect(gt(int, count, 100));
	(void)sqlite3_finalize(columns);
	(void)sqlite3_close(connection);
}

/* ---- Schemas ---- */

Test(damaged_database, what_somebody_else_put_into_the_schema_does_not_run)
{
	static const char *const additions[] = {
		"CREATE TRIGGER t AFTER INSERT ON sessions BEGIN"
		" DELETE FROM rules; END",
		"DROP TRIGGER rules_added; CREATE TRIGGER rules_added AFTER INSERT ON"
		" rules BEGIN UPDATE rules SET text = 'allow any *'; END",
		"DROP TABLE mcp_calls; CREATE VIEW mcp_calls AS WITH RECURSIVE c(i) AS"
		" (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c",
		"CREATE VIRTUAL TABLE v USING fts5(a)",
	};

	for (size_t i = 0; i < sizeof(additions) / sizeof(additions[0]); i++) {
		struct error err = {0};
		size_t size;
		write_file("tried.db", whole, whole_size);
		cr_assert(run_sql("tried.db", additions[i]), "%s", additions[i]);
		char *bytes = read_file("tried.db", &size);
		for (int mode = 0; mode < 2; mode++) {
			cr_expect(db_open("tried.db", mode ? DB_WRITE : DB_READ,
					  &err) == NULL,
				"%s", additions[i]);
			cr_expect(eq(int, err.code, ERROR_DAMAGED));
		}
		expect_unchanged(bytes, size);
		free(bytes);
	}
}

/* A table that lacks what is asked for is said in words. */
Test(damaged_database, missing_tables_are_said)
{
	static const char *const tables[] = {"sessions", "events", "texts", "processes",
		"questions", "answers", "rules", "labels", "mcp_calls",
		"terminal_chunks"};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *sql = xasprintf("DROP TABLE %s", tables[i]);
		size_t size;
		write_file("tried.db", whole, whole_size);
		cr_assert(run_sql("tried.db", sql));
		char *bytes = read_file("tried.db", &size);
		(void)read_all();
		expect_unchanged(bytes, size);
		free(bytes);
		free(sql);
	}
}
