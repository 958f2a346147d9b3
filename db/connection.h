/* SPDX-License-Identifier: MIT */
/*
 * One SQLite connection with its prepared statements: what the other files of this
 * folder share. Not for use outside it.
 */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "db/db.h"
#include "db/schema.h"
#include "db/statements.h"

#include <sqlite3.h>

/* An argv taken apart; reused from row to row. */
struct argument_list {
	struct text *arguments;
	size_t count, capacity;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct text_cache;

enum { CHAIN_LINK_SIZE = 32, EVENT_VALUES = 29 };

/* The link that was made last; see db/chain.h. */
struct chain {
	int64_t session, seq; /* session 0: none */
	uint8_t link[CHAIN_LINK_SIZE];
};

/* A parameter of a statement. Bytes must live until the statement has run. */
struct value {
	enum { VALUE_NULL, VALUE_INTEGER, VALUE_BYTES, VALUE_TEXT } kind;
	int64_t integer;
	struct text text;
};

struct db {
	sqlite3 *connection;
	char *path;
	sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared at first use */
	struct value bound[EVENT_VALUES]; /* to STATEMENT_EVENT_INSERT; no bytes */
	struct argument_list event_argv, process_argv, question_argv, own_argv,
		session_argv, action_argv;
	char *held_session; /* texts of the row that db_session_find gave */
	char *packed;	    /* an argv put together for storing */
	size_t packed_capacity;
	struct text_cache *texts;
	int64_t data_version, rule_changes;
	struct chain chain;
	enum statement scan; /* in the direction that db_scan_begin was given */
};

/* db_open with another schema than the current one, for tests of migrations. */
struct db *db_open_as(const char *path, enum db_mode mode, const struct schema *schema,
	struct error *err);

/* Words what the connection (may be NULL) just failed at; returns false. */
bool connection_failure(
	sqlite3 *connection, const char *path, const char *doing, struct error *err);
/* Runs SQL without results. */
bool connection_run(
	sqlite3 *connection, const char *path, const char *sql, struct error *err);

/* As connection_failure, for this database. */
bool db_failure(struct db *db, const char *doing, struct error *err);

static inline struct value integer(int64_t n)
{
	return (struct value){.kind = VALUE_INTEGER, .integer = n};
}

static inline struct value integer_or_null(bool has_value, int64_t n)
{
	return (struct value){
		.kind = has_value ? VALUE_INTEGER : VALUE_NULL, .integer = n};
}

static inline struct value bytes(struct text text)
{
	return (struct value){.kind = VALUE_BYTES, .text = text};
}

static inline struct value words(struct text text)
{
	return (struct value){.kind = VALUE_TEXT, .text = text};
}

/* The statement, reset, with its first count parameters bound; NULL on failure. */
sqlite3_stmt *db_statement(struct db *db, enum statement statement,
	const struct value *values, size_t count, struct error *err);
/* Runs a statement that gives no rows. */
bool db_execute(struct db *db, enum statement statement, const struct value *values,
	size_t count, struct error *err);
/*
 * Steps a statement that db_statement began. False at the end (err->code 0) or on
 * failure; the statement is reset then.
 */
bool db_step(struct db *db, enum statement statement, struct error *err);
/* Resets a statement that was not stepped to its end. */
void db_abandon(struct db *db, enum statement statement);

/* Columns of the row where the statement stands. Text is borrowed until the next. */
struct text column_text(sqlite3_stmt *row, int column);
bool column_is_null(sqlite3_stmt *row, int column);
/*
 * A time or a number of a row: from 0 to INT64_MAX / 2 (as a time in 2116), so that two of
 * them can be added and subtracted, whatever a hostile database has.
 */
int64_t column_natural(sqlite3_stmt *row, int column);
/* An enumeration's number, which must not reach tables if it is out of its bounds. */
int column_bounded(sqlite3_stmt *row, int column, int count);

/* A write transaction; every begin is followed by one end, which gives back is_good. */
bool db_begin(struct db *db, struct error *err);
bool db_end(struct db *db, bool is_good, struct error *err);

/* As db_begin and db_end; what they store is on disk when db_end_decision returns. */
bool db_begin_decision(struct db *db, struct error *err);
bool db_end_decision(struct db *db, bool is_good, struct error *err);

/* An argv as one run of bytes, secrets masked (then *is_masked is set). */
struct text argv_pack(
	struct db *db, const struct text *argv, size_t argc, bool *is_masked);
/* The other way round; borrows from packed. */
void argv_unpack(struct argument_list *list, struct text packed);

/* A question's details with secrets in argument lists masked; NULL: there are none. */
char *details_mask(struct text details);

/* The id of a text that is kept once; 0 for an empty text, -1 on failure. */
int64_t text_id(struct db *db, struct text text, struct error *err);
void text_cache_destroy(struct text_cache *cache);

/* What the recorder stores, all inside a transaction that it began. */
bool db_session_insert(struct db *db, const struct session_record *session, int64_t *id,
	struct error *err);
bool db_session_end(
	struct db *db, int64_t session, int64_t ended, int status, struct error *err);
bool db_process_insert(
	struct db *db, const struct process_record *process, struct error *err);
bool db_process_end(
	struct db *db, const struct process_record *process, struct error *err);
bool db_event_insert(struct db *db, const struct event *event, struct error *err);
bool db_question_insert(
	struct db *db, const struct question_record *question, struct error *err);
bool db_answer_insert(
	struct db *db, const struct question_record *answer, struct error *err);
bool db_terminal_insert(
	struct db *db, const struct terminal_record *chunk, struct error *err);
bool db_mcp_insert(struct db *db, const struct mcp_record *call, struct error *err);
bool db_mcp_end(struct db *db, const struct mcp_record *call, struct error *err);
bool db_pin_store(struct db *db, const struct pin_record *pin, struct error *err);
bool db_label_insert(
	struct db *db, const struct label_record *label, struct error *err);
/* addition: the first id of a group that is undone together; 0: a group of its own. */
bool db_rule_insert(struct db *db, const struct rule_record *rule, int64_t addition,
	int64_t *id, struct error *err);
bool db_rule_hits(
	struct db *db, int64_t id, int64_t hits, int64_t last_hit, struct error *err);
bool db_rule_delete(struct db *db, int64_t id, struct error *err);

#endif
