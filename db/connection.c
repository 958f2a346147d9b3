/* SPDX-License-Identifier: MIT */
/* Statements, parameters, rows and transactions of one SQLite connection. */
#include "base/xalloc.h"
#include "db/chain.h"
#include "rules/mask.h"

#include <errno.h>
#include <stdlib.h>

/* An errno or ERROR_… code for a result of SQLite. */
static int error_code_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERROR_DAMAGED;
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EBUSY;
	case SQLITE_READONLY:
		return EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EACCES;
	default:
		return EIO;
	}
}

bool connection_failure(
	sqlite3 *connection, const char *path, const char *doing, struct error *err)
{
	int code = error_code_of(sqlite3_errcode(connection));

	if (code == ERROR_DAMAGED) {
		return error_set(err, code,
			"%s is damaged or no database (%s); it was not changed", path,
			sqlite3_errmsg(connection));
	}
	return error_set(
		err, code, "%s %s: %s", doing, path, sqlite3_errmsg(connection));
}

bool connection_run(
	sqlite3 *connection, const char *path, const char *sql, struct error *err)
{
	if (sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK) {
		return connection_failure(connection, path, "change", err);
	}
	return true;
}

bool db_failure(struct db *db, const char *doing, struct error *err)
{
	return connection_failure(db->connection, db->path, doing, err);
}

static int bind(sqlite3_stmt *statement, int index, const struct value *value)
{
	/* A NULL pointer would bind NULL instead of nothing. */
	const char *first = value->text.length ? value->text.bytes : "";

	switch (value->kind) {
	case VALUE_NULL:
		return sqlite3_bind_null(statement, index);
	case VALUE_INTEGER:
		return sqlite3_bind_int64(statement, index, value->integer);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(
			statement, index, first, value->text.length, SQLITE_STATIC);
	case VALUE_TEXT:
		return sqlite3_bind_text64(statement, index, first, value->text.length,
			SQLITE_STATIC, SQLITE_UTF8);
	}
	return SQLITE_MISUSE;
}

/*
 * Most columns of an event are what they were for the event before: numbers stay bound.
 * Notes what will be bound else.
 */
static bool keep_bound(struct value *bound, const struct value *value)
{
	const bool is_kept = bound->kind == value->kind &&
			     (value->kind == VALUE_NULL ||
				     (value->kind == VALUE_INTEGER &&
					     bound->integer == value->integer));

	*bound = (struct value){.kind = value->kind, .integer = value->integer};
	return is_kept;
}

sqlite3_stmt *db_statement(struct db *db, enum statement statement,
	const struct value *values, size_t count, struct error *err)
{
	sqlite3_stmt **kept = &db->statements[statement];

	if (*kept) {
		(void)sqlite3_reset(*kept); /* an earlier failure was reported then */
	} else if (sqlite3_prepare_v3(db->connection, statement_sql(statement), -1,
			   SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK) {
		(void)db_failure(db, "read", err);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (statement == STATEMENT_EVENT_INSERT &&
			keep_bound(&db->bound[i], &values[i])) {
			continue;
		}
		if (bind(*kept, (int)i + 1, &values[i]) != SQLITE_OK) {
			(void)db_failure(db, "use", err);
			return NULL;
		}
	}
	return *kept;
}

bool db_execute(struct db *db, enum statement statement, const struct value *values,
	size_t count, struct error *err)
{
	sqlite3_stmt *prepared = db_statement(db, statement, values, count, err);

	if (!prepared) {
		return false;
	}
	bool is_done = sqlite3_step(prepared) == SQLITE_DONE;
	if (!is_done) {
		(void)db_failure(db, "write", err);
	}
	(void)sqlite3_reset(prepared); /* repeats the failure that was just worded */
	return is_done;
}

bool db_step(struct db *db, enum statement statement, struct error *err)
{
	sqlite3_stmt *prepared = db->statements[statement];
	int result = sqlite3_step(prepared);

	if (result == SQLITE_ROW) {
		return true;
	}
	if (result == SQLITE_DONE) {
		if (err) {
			err->code = 0;
		}
	} else {
		(void)db_failure(db, "read", err);
	}
	/* Ends the read transaction, which would hold up checkpoints. */
	(void)sqlite3_reset(prepared);
	return false;
}

void db_abandon(struct db *db, enum statement statement)
{
	(void)sqlite3_reset(db->statements[statement]); /* repeats a known failure */
}

struct text column_text(sqlite3_stmt *row, int column)
{
	const char *first = sqlite3_column_blob(row, column);
	int length = sqlite3_column_bytes(row, column);

	return (struct text){first ? first : "", (size_t)length};
}

bool column_is_null(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL;
}

int64_t column_natural(sqlite3_stmt *row, int column)
{
	const int64_t n = sqlite3_column_int64(row, column);

	return n < 0 ? 0 : n > INT64_MAX / 2 ? INT64_MAX / 2 : n;
}

int column_bounded(sqlite3_stmt *row, int column, int count)
{
	int n = sqlite3_column_int(row, column);

	return n >= 0 && n < count ? n : 0;
}

bool db_begin(struct db *db, struct error *err)
{
	return db_execute(db, STATEMENT_BEGIN, NULL, 0, err);
}

bool db_end(struct db *db, bool is_good, struct error *err)
{
	if (is_good && db_execute(db, STATEMENT_COMMIT, NULL, 0, err)) {
		return true;
	}
	chain_forget(db);
	/* Some failures have rolled back already. */
	if (!sqlite3_get_autocommit(db->connection)) {
		(void)db_execute(db, STATEMENT_ROLLBACK, NULL, 0, NULL);
	}
	return false;
}

static void pack_argument(struct db *db, size_t *used, struct text argument)
{
	size_t needed = *used + argument.length + 1;

	if (needed > db->packed_capacity) {
		db->packed_capacity = needed * 2;
		db->packed = xrealloc(db->packed, db->packed_capacity);
	}
	if (argument.length) {
		memcpy(db->packed + *used, argument.bytes, argument.length);
	}
	db->packed[needed - 1] = '\0';
	*used = needed;
}

struct text argv_pack(
	struct db *db, const struct text *argv, size_t argc, bool *is_masked)
{
	struct text previous = {"", 0};
	size_t used = 0;

	for (size_t i = 0; i < argc; i++) {
		char *masked = mask_argument(previous, argv[i]);
		pack_argument(db, &used, masked ? text_of(masked) : argv[i]);
		if (masked && is_masked) {
			*is_masked = true;
		}
		free(masked);
		previous = argv[i];
	}
	return (struct text){db->packed, used};
}

static void add_argument(struct argument_list *list, struct text argument)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 16;
		list->arguments = xreallocarray(
			list->arguments, list->capacity, sizeof(*list->arguments));
	}
	list->arguments[list->count++] = argument;
}

void argv_unpack(struct argument_list *list, struct text packed)
{
	const char *next = packed.bytes;
	const char *end = packed.bytes + packed.length;

	list->count = 0;
	while (next < end) {
		const char *zero = memchr(next, '\0', (size_t)(end - next));
		const char *last = zero ? zero : end;

		add_argument(list, (struct text){next, (size_t)(last - next)});
		next = last + 1;
	}
}
