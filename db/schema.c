/* SPDX-License-Identifier: MIT */
/*
 * Table definitions, and bringing files of older versions up to date. What comes from a
 * tracee (paths, arguments) is BLOB: its bytes are kept exactly. Enumerations are stored
 * by number: their constants never change places.
 */
#include "db/schema.h"

#include "base/xalloc.h"
#include "db/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x4475656e }; /* "Duen" */

/*
 * Rows of a session are keyed by the session and their number in it, without rowid: a
 * session's rows lie together, are read in order, and need no second index for removal.
 * argv columns hold each argument with a zero byte after it. Columns named *_text point
 * into texts, which keeps every distinct stack, rule text and reason once.
 */
static const char version_1_recordings[] =
	"CREATE TABLE sessions ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL,"
	" started INTEGER NOT NULL,"
	" ended INTEGER NOT NULL DEFAULT 0,"
	" project BLOB NOT NULL,"
	" working_folder BLOB NOT NULL,"
	" argv BLOB NOT NULL,"
	" options TEXT NOT NULL,"
	" supervisor INTEGER NOT NULL,"
	" supervisor_ticks INTEGER NOT NULL,"
	" status INTEGER"
	") STRICT;"
	"CREATE TABLE texts ("
	" id INTEGER PRIMARY KEY,"
	" hash INTEGER NOT NULL,"
	" text BLOB NOT NULL"
	") STRICT;"
	"CREATE INDEX texts_by_hash ON texts (hash);"
	"CREATE TABLE processes ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" parent INTEGER NOT NULL,"
	" previous INTEGER NOT NULL,"
	" pid INTEGER NOT NULL,"
	" start_ticks INTEGER NOT NULL,"
	" program BLOB NOT NULL,"
	" script BLOB NOT NULL,"
	" argv BLOB NOT NULL,"
	" working_folder BLOB NOT NULL,"
	" started INTEGER NOT NULL,"
	" ended INTEGER NOT NULL DEFAULT 0,"
	" status INTEGER,"
	" PRIMARY KEY (session, number)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE events ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" seq INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" monotonic INTEGER NOT NULL,"
	" pid INTEGER NOT NULL,"
	" tid INTEGER NOT NULL,"
	" process INTEGER NOT NULL,"
	" call INTEGER NOT NULL,"
	" verb INTEGER NOT NULL,"
	" object BLOB NOT NULL,"
	" asked_as BLOB NOT NULL,"
	" argv BLOB,"
	" syscall TEXT NOT NULL,"
	" verdict INTEGER NOT NULL,"
	" decider INTEGER NOT NULL,"
	" rule INTEGER NOT NULL,"
	" rule_text INTEGER,"
	" reason_text INTEGER,"
	" scope INTEGER,"
	" question INTEGER NOT NULL,"
	" waited_ms INTEGER NOT NULL,"
	" error INTEGER NOT NULL,"
	" flags INTEGER NOT NULL,"
	" code INTEGER NOT NULL,"
	" python_text INTEGER,"
	" native_text INTEGER,"
	" mcp_text INTEGER,"
	" labels_text INTEGER,"
	" PRIMARY KEY (session, seq)"
	") STRICT, WITHOUT ROWID;";

/* All triggers that there are: schema_read_version refuses a file with any other. */
#define COUNT_CHANGE " BEGIN UPDATE rule_changes SET count = count + 1; END"
#define RULES_ADDED "CREATE TRIGGER rules_added AFTER INSERT ON rules" COUNT_CHANGE
#define RULES_REMOVED "CREATE TRIGGER rules_removed AFTER DELETE ON rules" COUNT_CHANGE
#define RULES_EDITED                                                                   \
	"CREATE TRIGGER rules_edited AFTER UPDATE OF"                                  \
	" text, scope, project, session, process, until ON rules" COUNT_CHANGE

static const char version_1_decisions[] =
	"CREATE TABLE questions ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" process INTEGER NOT NULL,"
	" pid INTEGER NOT NULL,"
	" tid INTEGER NOT NULL,"
	" verb INTEGER NOT NULL,"
	" object BLOB NOT NULL,"
	" asked_as BLOB NOT NULL,"
	" argv BLOB,"
	" details TEXT NOT NULL,"
	" PRIMARY KEY (session, number)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX questions_by_object ON questions (object, verb);"
	"CREATE TABLE answers ("
	" session INTEGER NOT NULL,"
	" question INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" verdict INTEGER NOT NULL,"
	" scope INTEGER NOT NULL,"
	" rule INTEGER NOT NULL,"
	" rule_text TEXT NOT NULL,"
	" message TEXT NOT NULL,"
	" PRIMARY KEY (session, question),"
	" FOREIGN KEY (session, question) REFERENCES questions ON DELETE CASCADE"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE rules ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" addition INTEGER NOT NULL," /* the first id of those stored with it */
	" text TEXT NOT NULL,"
	" origin INTEGER NOT NULL,"
	" scope INTEGER NOT NULL,"
	" project BLOB NOT NULL,"
	" session INTEGER REFERENCES sessions ON DELETE CASCADE,"
	" process INTEGER NOT NULL,"
	" source TEXT NOT NULL,"
	" created INTEGER NOT NULL,"
	" until INTEGER NOT NULL,"
	" origin_session INTEGER NOT NULL,"
	" origin_event INTEGER NOT NULL,"
	" origin_question INTEGER NOT NULL,"
	" note TEXT NOT NULL,"
	" hits INTEGER NOT NULL DEFAULT 0,"
	" last_hit INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE INDEX rules_by_session ON rules (session);"
	/* Counts changes of rules but not of their hits; see db_rules_changed. */
	"CREATE TABLE rule_changes (count INTEGER NOT NULL) STRICT;"
	"INSERT INTO rule_changes VALUES (0);" RULES_ADDED ";" RULES_REMOVED
	";" RULES_EDITED ";"
	"CREATE TABLE labels ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" process INTEGER NOT NULL,"
	" label TEXT NOT NULL,"
	" time INTEGER NOT NULL,"
	" event INTEGER NOT NULL,"
	" PRIMARY KEY (session, process, label)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE mcp_calls ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" ended INTEGER NOT NULL DEFAULT 0,"
	" process INTEGER NOT NULL,"
	" server TEXT NOT NULL,"
	" tool TEXT NOT NULL,"
	" arguments TEXT NOT NULL,"
	" result TEXT NOT NULL DEFAULT '',"
	" PRIMARY KEY (session, number)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE terminal_chunks ("
	" session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" bytes BLOB NOT NULL,"
	" columns INTEGER NOT NULL,"
	" rows INTEGER NOT NULL,"
	" PRIMARY KEY (session, number)"
	") STRICT, WITHOUT ROWID;";

/* Links of the hash chain (db/chain.h), and recordings that came from elsewhere. */
static const char version_2[] =
	"ALTER TABLE events ADD COLUMN chain BLOB;"
	"ALTER TABLE sessions ADD COLUMN chain BLOB;"
	"ALTER TABLE sessions ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;";

/* What tools of MCP servers said of themselves when they were approved. */
static const char version_3[] =
	"CREATE TABLE tool_pins ("
	" server TEXT NOT NULL,"
	" tool TEXT NOT NULL,"
	" definition TEXT NOT NULL,"
	" session INTEGER NOT NULL," /* no reference: it outlives the recording */
	" time INTEGER NOT NULL,"
	" PRIMARY KEY (server, tool)"
	") STRICT, WITHOUT ROWID;";

/* Contents of projects' own rule files that people accepted. */
static const char version_4[] = "CREATE TABLE accepted ("
				" project BLOB PRIMARY KEY,"
				" hash TEXT NOT NULL,"
				" time INTEGER NOT NULL"
				") STRICT, WITHOUT ROWID;";

/* What a replay steps to, by number: see VERDICT_DENY and VERDICT_FORBID. */
static const char version_5[] =
	"CREATE INDEX events_denied ON events (session, seq) WHERE verdict IN (0, 3);";

/* Seals of what is recorded beside events (db/seal.h). */
static const char version_6[] = "ALTER TABLE processes ADD COLUMN seal BLOB;"
				"ALTER TABLE processes ADD COLUMN seal_end BLOB;"
				"ALTER TABLE questions ADD COLUMN seal BLOB;"
				"ALTER TABLE answers ADD COLUMN seal BLOB;"
				"ALTER TABLE terminal_chunks ADD COLUMN seal BLOB;"
				"ALTER TABLE mcp_calls ADD COLUMN seal BLOB;"
				"ALTER TABLE mcp_calls ADD COLUMN seal_end BLOB;"
				"ALTER TABLE labels ADD COLUMN seal BLOB;"
				"ALTER TABLE sessions ADD COLUMN seal BLOB;";

/* Those whose supervisor died are looked for at each start. */
static const char version_7[] =
	"CREATE INDEX sessions_unended ON sessions (id) WHERE ended = 0;";

static const struct script scripts[] = {
	{{version_1_recordings, version_1_decisions}},
	{{version_2}},
	{{version_3}},
	{{version_4}},
	{{version_5}},
	{{version_6}},
	{{version_7}},
};

const struct schema schema_current = {scripts, COUNT_OF(scripts)};

/* One integer that a pragma or query gives. */
static bool read_integer(sqlite3 *connection, const char *path, const char *sql,
	int64_t *value, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);

	if (result == SQLITE_OK) {
		result = sqlite3_step(statement);
	}
	if (result != SQLITE_ROW) {
		(void)connection_failure(connection, path, "read", err);
		(void)sqlite3_finalize(statement);
		return false;
	}
	*value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return true;
}

/* What would run, or be read, in the place of what the scripts made. */
static const char count_foreign[] =
	"SELECT count(*) FROM sqlite_schema WHERE type = 'view' OR"
	" (type = 'table' AND rootpage = 0) OR (type = 'trigger' AND sql NOT IN"
	" ('" RULES_ADDED "', '" RULES_REMOVED "', '" RULES_EDITED "'))";

/*
 * SQLite takes a last page that is cut off for one that ends in zeros. While there is a
 * log, the page may be there.
 */
static bool is_cut_off(const char *path, int64_t bytes)
{
	struct stat file, log;
	char *log_path = xasprintf("%s-wal", path);
	const bool has_log = stat(log_path, &log) == 0 && log.st_size > 0;

	free(log_path);
	return !has_log && stat(path, &file) == 0 && file.st_size < bytes;
}

/* What a file says of itself. */
struct face {
	int64_t version, application, tables, foreign, page_size, pages;
};

static bool read_face(
	sqlite3 *connection, const char *path, struct face *face, struct error *err)
{
	const struct {
		const char *sql;
		int64_t *value;
	} questions[] = {
		{"PRAGMA user_version", &face->version},
		{"PRAGMA application_id", &face->application},
		{"SELECT count(*) FROM sqlite_schema", &face->tables},
		{count_foreign, &face->foreign},
		{"PRAGMA page_size", &face->page_size},
		{"PRAGMA page_count", &face->pages},
	};
	bool is_read = true;

	/* All at one moment: another process may be making the database. */
	(void)sqlite3_exec(connection, "SAVEPOINT version", NULL, NULL, NULL);
	for (size_t i = 0; i < COUNT_OF(questions) && is_read; i++) {
		is_read = read_integer(
			connection, path, questions[i].sql, questions[i].value, err);
	}
	(void)sqlite3_exec(connection, "RELEASE version", NULL, NULL, NULL);
	return is_read;
}

bool schema_read_version(sqlite3 *connection, const char *path,
	const struct schema *schema, size_t *version, struct error *err)
{
	struct face face;

	if (!read_face(connection, path, &face, err)) {
		return false;
	}
	if (face.version == 0 && face.application == 0 && face.tables == 0) {
		*version = 0;
		return true;
	}
	if (face.application != APPLICATION_ID || face.version < 1 ||
		face.foreign > 0) {
		return error_set(
			err, ERROR_DAMAGED, "%s is not a database of Duenna", path);
	}
	if ((uint64_t)face.version > schema->version) {
		return error_set(err, ERROR_NEWER,
			"%s was written by a newer Duenna (format %lld, this one knows "
			"up to %zu); use that version, or name another file with --db",
			path, (long long)face.version, schema->version);
	}
	if (is_cut_off(path, face.pages * face.page_size)) {
		return error_set(err, ERROR_DAMAGED,
			"%s is damaged: its end is cut off; it was not changed", path);
	}
	*version = (size_t)face.version;
	return true;
}

/* Creates the file that a copy goes to, for the owner alone. */
static bool create_private(const char *path, struct error *err)
{
	if (unlink(path) != 0 && errno != ENOENT) {
		return error_set(err, errno, "remove %s: %s", path, strerror(errno));
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		return error_set(err, errno, "create %s: %s", path, strerror(errno));
	}
	(void)close(fd); /* nothing was written */
	return true;
}

/*
 * By a connection of its own, since one that is writing cannot be copied from: in WAL
 * mode others can read meanwhile, and nothing has been written yet.
 */
static bool copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

	if (!backup) {
		return false;
	}
	(void)sqlite3_backup_step(backup, -1); /* finish reports it */
	return sqlite3_backup_finish(backup) == SQLITE_OK;
}

static bool copy_file(const char *path, const char *copy, struct error *err)
{
	sqlite3 *from = NULL, *to = NULL;

	if (!create_private(copy, err)) {
		return false;
	}
	bool is_copied =
		sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		sqlite3_open_v2(copy, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		copy_pages(from, to);
	if (!is_copied) {
		(void)connection_failure(to ? to : from, copy, "write", err);
	}
	(void)sqlite3_close(to); /* what matters was reported by copy_pages */
	(void)sqlite3_close(from);
	return is_copied;
}

/* A copy that was made completely bears the final name; an older one is replaced. */
static bool keep_copy(const char *path, size_t version, struct error *err)
{
	if (strcmp(path, ":memory:") == 0) {
		return true;
	}
	char *final = xasprintf("%s.before-v%zu", path, version + 1);
	char *partial = xasprintf("%s.partial", final);
	bool is_kept = copy_file(path, partial, err);

	if (is_kept && rename(partial, final) != 0) {
		is_kept = error_set(err, errno, "rename %s to %s: %s", partial, final,
			strerror(errno));
	}
	if (!is_kept) {
		(void)unlink(partial); /* what failed before is what is reported */
	}
	free(partial);
	free(final);
	return is_kept;
}

static bool run_script(sqlite3 *connection, const char *path,
	const struct script *script, struct error *err)
{
	for (size_t i = 0; i < SCRIPT_PARTS_MAX && script->parts[i]; i++) {
		if (!connection_run(connection, path, script->parts[i], err)) {
			return false;
		}
	}
	return true;
}

static bool run_scripts(sqlite3 *connection, const char *path,
	const struct schema *schema, size_t version, struct error *err)
{
	for (size_t i = version; i < schema->version; i++) {
		if (!run_script(connection, path, &schema->scripts[i], err)) {
			return false;
		}
	}
	char pragmas[96];
	(void)snprintf(pragmas, sizeof(pragmas),
		"PRAGMA user_version = %zu; PRAGMA application_id = %d",
		schema->version, APPLICATION_ID);
	return connection_run(connection, path, pragmas, err);
}

bool schema_migrate(sqlite3 *connection, const char *path, const struct schema *schema,
	struct error *err)
{
	size_t version = 0;

	if (!connection_run(connection, path, "BEGIN IMMEDIATE", err)) {
		return false;
	}
	/* Read under the lock: another process may have been faster. */
	bool is_done = schema_read_version(connection, path, schema, &version, err);
	if (is_done && version < schema->version) {
		is_done = (version == 0 || keep_copy(path, version, err)) &&
			  run_scripts(connection, path, schema, version, err);
	}
	is_done = is_done && connection_run(connection, path, "COMMIT", err);
	if (!is_done && !sqlite3_get_autocommit(connection)) {
		(void)connection_run(connection, path, "ROLLBACK", NULL);
	}
	return is_done;
}
