/* SPDX-License-Identifier: MIT */
/* Sessions: one row for each supervised run. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "db/chain.h"
#include "db/seal.h"

#include <errno.h>
#include <stdlib.h>

bool db_session_insert(struct db *db, const struct session_record *session, int64_t *id,
	struct error *err)
{
	struct value values[] = {
		words(session->name),
		integer(session->started),
		bytes(session->project),
		bytes(session->working_folder),
		bytes(argv_pack(db, session->argv, session->argc, NULL)),
		words(session->options),
		integer(session->supervisor),
		integer((int64_t)session->supervisor_ticks),
	};

	if (!db_execute(db, STATEMENT_SESSION_INSERT, values, COUNT_OF(values), err)) {
		return false;
	}
	*id = sqlite3_last_insert_rowid(db->connection);
	return true;
}

bool db_session_end(
	struct db *db, int64_t session, int64_t ended, int status, struct error *err)
{
	if (!chain_head(db, session, err)) {
		return false;
	}
	uint8_t seal[SEAL_SIZE];
	bool has_any;

	if (!seal_whole(db, session, seal, &has_any, err)) {
		return false;
	}
	struct value values[] = {integer(session), integer(ended), integer(status),
		bytes(chain_link(db)),
		bytes((struct text){(const char *)seal, sizeof(seal)})};

	return db_execute(db, STATEMENT_SESSION_END, values, COUNT_OF(values), err);
}

static void read_row(struct db *db, sqlite3_stmt *row, struct session_record *session)
{
	argv_unpack(&db->session_argv, column_text(row, 6));
	*session = (struct session_record){
		.id = sqlite3_column_int64(row, 0),
		.name = column_text(row, 1),
		.started = column_natural(row, 2),
		.ended = column_natural(row, 3),
		.project = column_text(row, 4),
		.working_folder = column_text(row, 5),
		.argv = db->session_argv.arguments,
		.argc = db->session_argv.count,
		.options = column_text(row, 7),
		.supervisor = sqlite3_column_int(row, 8),
		.supervisor_ticks = (uint64_t)sqlite3_column_int64(row, 9),
		.has_status = !column_is_null(row, 10),
		.status = sqlite3_column_int(row, 10),
		.is_imported = sqlite3_column_int(row, 11) != 0,
		.event_count = sqlite3_column_int64(row, 12),
	};
}

bool db_sessions_begin(struct db *db, struct error *err)
{
	return db_statement(db, STATEMENT_SESSIONS, NULL, 0, err) != NULL;
}

static bool read_next(struct db *db, enum statement statement,
	struct session_record *session, struct error *err)
{
	if (!db_step(db, statement, err)) {
		return false;
	}
	read_row(db, db->statements[statement], session);
	return true;
}

bool db_sessions_next(struct db *db, struct session_record *session, struct error *err)
{
	return read_next(db, STATEMENT_SESSIONS, session, err);
}

bool db_unended_begin(struct db *db, struct error *err)
{
	return db_statement(db, STATEMENT_SESSIONS_UNENDED, NULL, 0, err) != NULL;
}

bool db_unended_next(struct db *db, struct session_record *session, struct error *err)
{
	return read_next(db, STATEMENT_SESSIONS_UNENDED, session, err);
}

static struct text hold(char **next, struct text text)
{
	struct text held = {*next, text.length};

	memcpy(*next, text.bytes, text.length);
	*next += text.length;
	return held;
}

/*
 * Copies the row's texts, so that the statement can be reset: an open one would keep
 * the connection from seeing what others write.
 */
static void hold_row(struct db *db, sqlite3_stmt *row, struct session_record *session)
{
	struct text argv = column_text(row, 6);
	size_t size = session->name.length + session->project.length +
		      session->working_folder.length + session->options.length +
		      argv.length;

	db->held_session = xrealloc(db->held_session, size + 1);
	char *next = db->held_session;
	session->name = hold(&next, session->name);
	session->project = hold(&next, session->project);
	session->working_folder = hold(&next, session->working_folder);
	session->options = hold(&next, session->options);
	argv_unpack(&db->session_argv, hold(&next, argv));
	session->argv = db->session_argv.arguments;
	(void)sqlite3_reset(row); /* a reset after a row cannot fail */
}

static bool find_one(struct db *db, enum statement statement, const struct value *value,
	struct session_record *session, struct error *err)
{
	sqlite3_stmt *row = db_statement(db, statement, value, value ? 1 : 0, err);

	if (!row || !db_step(db, statement, err)) {
		return false;
	}
	read_row(db, row, session);
	hold_row(db, row, session);
	return true;
}

static bool find_by_id(struct db *db, const char *name, struct session_record *session,
	struct error *err)
{
	char *end;

	errno = 0;
	struct value id = integer(strtoll(name, &end, 10));
	if (errno || *end != '\0' || id.integer <= 0) {
		return false;
	}
	return find_one(db, STATEMENT_SESSION_BY_ID, &id, session, err);
}

bool db_session_find(struct db *db, const char *name, struct session_record *session,
	struct error *err)
{
	struct error local = {0};

	if (!name || strcmp(name, "last") == 0) {
		if (find_one(db, STATEMENT_SESSION_LAST, NULL, session, &local)) {
			return true;
		}
		if (!local.code) {
			return error_set(err, ERROR_NOT_FOUND,
				"no sessions yet; start one with: duenna run -- "
				"COMMAND");
		}
	} else {
		struct value by_name = words(text_of(name));

		if (find_by_id(db, name, session, &local)) {
			return true;
		}
		if (!local.code && find_one(db, STATEMENT_SESSION_BY_NAME, &by_name,
					   session, &local)) {
			return true;
		}
		if (!local.code) {
			char shown[128];

			(void)escape_text(text_of(name), shown, sizeof(shown));
			return error_set(err, ERROR_NOT_FOUND,
				"there is no session \"%s\"; duenna sessions lists "
				"them",
				shown);
		}
	}
	return error_set(err, local.code, "%s", local.text);
}
