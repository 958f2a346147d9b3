/* SPDX-License-Identifier: MIT */
/* Opening and closing a database, and what concerns it as a whole. */
#include "db/db.h"

#include "base/xalloc.h"
#include "db/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BUSY_TIMEOUT_MS = 10000,
	/* Two processes that create one file at once collide at most a few times. */
	WAL_TRIES = 50,
	WAL_PAUSE_US = 20000,
	/* Of one value: more than any argv, and than a line that is imported. */
	VALUE_BYTES_MAX = 64 << 20,
};

static const char connection_settings[] = "PRAGMA foreign_keys = ON;"
					  "PRAGMA synchronous = NORMAL;"
					  "PRAGMA journal_size_limit = 67108864;";

/* Creates the folder of path, and those above, for the owner alone. */
static bool create_folder(const char *path, struct error *err)
{
	char *folder = xstrdup(path);
	bool is_there = true;

	for (char *slash = strchr(folder + 1, '/'); slash && is_there;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
			is_there = error_set(err, errno, "create folder %s: %s", folder,
				strerror(errno));
		}
		*slash = '/';
	}
	free(folder);
	return is_there;
}

/*
 * Makes sure that there is a file which only its owner may open. An existing one is
 * never opened here: closing it would drop locks that SQLite holds elsewhere in this
 * process (fcntl(2)).
 */
static bool prepare_file(const char *path, enum db_mode mode, struct error *err)
{
	struct stat status;

	if (stat(path, &status) == 0) {
		char *log = xasprintf("%s-wal", path);
		bool is_cut = status.st_size == 0 && access(log, F_OK) == 0;

		free(log);
		if (status.st_size == 1) {
			/* SQLite would take it for an empty one, too. */
			return error_set(err, ERROR_DAMAGED,
				"%s is damaged or no database; it was not changed",
				path);
		}
		if (is_cut) {
			/* SQLite would take it for a new one and remove the log. */
			return error_set(err, ERROR_DAMAGED,
				"%s is empty but has a log beside it: the file was cut "
				"off; it was not changed",
				path);
		}
		return true;
	}
	if (errno != ENOENT) {
		return error_set(err, errno, "open %s: %s", path, strerror(errno));
	}
	if (mode == DB_READ) {
		return error_set(
			err, ERROR_NOT_FOUND, "there is no database %s yet", path);
	}
	if (!create_folder(path, err)) {
		return false;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST) {
		return error_set(err, errno, "create %s: %s", path, strerror(errno));
	}
	if (fd >= 0) {
		(void)close(fd); /* nothing was written */
	}
	return true;
}

static bool is_in_memory(const char *path)
{
	return strcmp(path, ":memory:") == 0;
}

/* A file that somebody else gave may say anything, in its schema, too. */
static bool distrust(struct db *db, struct error *err)
{
	sqlite3 *connection = db->connection;

	(void)sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
	if (sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) !=
			SQLITE_OK ||
		sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
			NULL) != SQLITE_OK ||
		sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) !=
			SQLITE_OK) {
		return db_failure(db, "open", err);
	}
	return connection_run(connection, db->path, "PRAGMA cell_size_check = ON", err);
}

/* Counts of its memory are never asked for, and take a lock at each allocation. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* if not, it is slower */
}

static bool connect(struct db *db, const char *path, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	(void)pthread_once(&once, configure);
	db->path = xstrdup(path);
	if (is_in_memory(path)) {
		flags |= SQLITE_OPEN_CREATE;
	}
	if (sqlite3_open_v2(path, &db->connection, flags, NULL) != SQLITE_OK) {
		return db_failure(db, "open", err);
	}
	(void)sqlite3_busy_timeout(db->connection, BUSY_TIMEOUT_MS);
	return distrust(db, err);
}

/* Going over to WAL does not wait for other connections as other changes do. */
static bool use_write_ahead_log(struct db *db, struct error *err)
{
	int result = SQLITE_BUSY;

	for (int i = 0; i < WAL_TRIES && (result & 0xff) == SQLITE_BUSY; i++) {
		if (i > 0) {
			(void)usleep(WAL_PAUSE_US);
		}
		result = sqlite3_exec(
			db->connection, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	}
	return result == SQLITE_OK || db_failure(db, "change", err);
}

/* Only after the version was read and found good may anything be changed. */
static bool set_up(struct db *db, enum db_mode mode, const struct schema *schema,
	struct error *err)
{
	size_t version;

	if (!schema_read_version(db->connection, db->path, schema, &version, err)) {
		return false;
	}
	if (version < schema->version || mode == DB_WRITE) {
		if (!use_write_ahead_log(db, err) ||
			!connection_run(
				db->connection, db->path, connection_settings, err)) {
			return false;
		}
	}
	if (version < schema->version &&
		!schema_migrate(db->connection, db->path, schema, err)) {
		return false;
	}
	if (mode == DB_READ) {
		return connection_run(
			db->connection, db->path, "PRAGMA query_only = ON", err);
	}
	return true;
}

struct db *db_open_as(const char *path, enum db_mode mode, const struct schema *schema,
	struct error *err)
{
	if (!is_in_memory(path) && !prepare_file(path, mode, err)) {
		return NULL;
	}
	struct db *db = xcalloc(1, sizeof(*db));
	db->data_version = -1;
	db->rule_changes = -1;
	if (!connect(db, path, err) || !set_up(db, mode, schema, err)) {
		db_close(db);
		return NULL;
	}
	return db;
}

struct db *db_open(const char *path, enum db_mode mode, struct error *err)
{
	return db_open_as(path, mode, &schema_current, err);
}

void db_close(struct db *db)
{
	if (!db) {
		return;
	}
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		(void)sqlite3_finalize(db->statements[i]); /* failures were reported */
	}
	(void)sqlite3_close(db->connection); /* cannot be busy: all is finalized */
	text_cache_destroy(db->texts);
	free(db->event_argv.arguments);
	free(db->action_argv.arguments);
	free(db->process_argv.arguments);
	free(db->question_argv.arguments);
	free(db->own_argv.arguments);
	free(db->session_argv.arguments);
	free(db->held_session);
	free(db->packed);
	free(db->path);
	free(db);
}

bool db_check(struct db *db, struct error *err)
{
	sqlite3_stmt *row = db_statement(db, STATEMENT_INTEGRITY, NULL, 0, err);

	if (!row || !db_step(db, STATEMENT_INTEGRITY, err)) {
		return false;
	}
	struct text answer = column_text(row, 0);
	bool is_good = text_equal_string(answer, "ok");
	if (!is_good) {
		(void)error_set(err, ERROR_DAMAGED, "%s is damaged: %.*s", db->path,
			(int)answer.length, answer.bytes);
	}
	(void)sqlite3_reset(row); /* read to the end or not: it was one row */
	return is_good;
}

static bool read_one_integer(
	struct db *db, enum statement statement, int64_t *value, struct error *err)
{
	sqlite3_stmt *row = db_statement(db, statement, NULL, 0, err);

	if (!row || !db_step(db, statement, err)) {
		return false;
	}
	*value = sqlite3_column_int64(row, 0);
	(void)sqlite3_reset(row);
	return true;
}

int64_t db_rule_changes(struct db *db)
{
	int64_t changes = -1;

	return read_one_integer(db, STATEMENT_RULE_CHANGES, &changes, NULL) ? changes
									    : -1;
}

void db_rules_changed_since(struct db *db, int64_t changes)
{
	db->rule_changes = changes;
}

bool db_rules_changed(struct db *db)
{
	int64_t version = -1, changes = -1;

	/* Whoever cannot be asked counts as changed: loading tells what is wrong. */
	if (!read_one_integer(db, STATEMENT_DATA_VERSION, &version, NULL)) {
		return true;
	}
	if (version == db->data_version) {
		return false;
	}
	if (!read_one_integer(db, STATEMENT_RULE_CHANGES, &changes, NULL)) {
		return true;
	}
	bool is_changed = changes != db->rule_changes;
	db->data_version = version;
	db->rule_changes = changes;
	return is_changed;
}
