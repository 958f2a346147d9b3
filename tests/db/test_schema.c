/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <sys/stat.h>
#include <unistd.h>

TestSuite(schema, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* The real history, followed by versions that do not exist yet. */
static struct script future_scripts[16];
static struct schema future;

static void plan_future(const char *first, const char *second)
{
	memcpy(future_scripts, schema_current.scripts,
		schema_current.version * sizeof(struct script));
	future_scripts[schema_current.version] = (struct script){{first}};
	future_scripts[schema_current.version + 1] = (struct script){{second}};
	future = (struct schema){future_scripts, schema_current.version + 2};
}

static void fill(const char *name)
{
	struct db *db = open_database(name);
	struct rule_record rule = a_rule("allow read /a");
	struct error err = {0};
	int64_t id;

	(void)insert_session(db);
	cr_assert(db_rule_add(db, &rule, &id, &err), "%s", err.text);
	db_close(db);
}

static int64_t integer_in(const char *path, const char *sql)
{
	sqlite3 *connection;
	sqlite3_stmt *statement;

	cr_assert(sqlite3_open(path, &connection) == SQLITE_OK);
	cr_assert(
		sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK,
		"%s", sqlite3_errmsg(connection));
	cr_assert(sqlite3_step(statement) == SQLITE_ROW);
	int64_t value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(connection);
	return value;
}

Test(schema, every_older_version_becomes_the_current_one)
{
	for (size_t version = 1; version <= schema_current.version; version++) {
		struct schema old = {schema_current.scripts, version};
		char name[32];
		struct error err = {0};

		(void)snprintf(name, sizeof(name), "from-%zu.db", version);
		struct db *db = db_open_as(path_in(name), DB_WRITE, &old, &err);
		cr_assert(db != NULL, "%s", err.text);
		db_close(db);
		db = db_open(path_in(name), DB_WRITE, &err);
		cr_assert(db != NULL, "version %zu: %s", version, err.text);
		db_close(db);
		check_is_sound(path_in(name));
	}
}

/* What each start looks for must not take longer the more was recorded. */
Test(schema, sessions_that_did_not_end_are_found_without_reading_all)
{
	const char *sql = statement_sql(STATEMENT_SESSIONS_UNENDED);
	char plan[1024] = "", explain[1024];
	sqlite3_stmt *statement = NULL;
	struct error err = {0};

	struct db *db = db_open(path_in("unended.db"), DB_WRITE, &err);
	cr_assert(db != NULL, "%s", err.text);
	(void)snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
	cr_assert(sqlite3_prepare_v2(db->connection, explain, -1, &statement, NULL) ==
		  SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const size_t used = strlen(plan);

		(void)snprintf(plan + used, sizeof(plan) - used, "%s; ",
			(const char *)sqlite3_column_text(statement, 3));
	}
	(void)sqlite3_finalize(statement);
	db_close(db);
	cr_expect(strstr(plan, "SCAN sessions USING INDEX sessions_unended") != NULL,
		"%s", plan);
}

Test(schema, a_migration_keeps_the_data_and_a_copy_of_the_old_file)
{
	struct error err = {0};
	struct stat status;
	char copy[64];

	fill("a.db");
	plan_future("ALTER TABLE rules ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
		"CREATE TABLE added (a INTEGER) STRICT");
	struct db *db = db_open_as(path_in("a.db"), DB_WRITE, &future, &err);
	cr_assert(db != NULL, "%s", err.text);
	db_close(db);
	cr_expect(eq(i64,
		integer_in(path_in("a.db"),
			"SELECT count(*) FROM rules WHERE colour = 'red'"),
		1));
	cr_expect(eq(i64, integer_in(path_in("a.db"), "PRAGMA user_version"),
		(int64_t)future.version));
	(void)snprintf(
		copy, sizeof(copy), "a.db.before-v%zu", schema_current.version + 1);
	cr_assert(stat(path_in(copy), &status) == 0);
	cr_expect(eq(int, (int)(status.st_mode & 0777), 0600));
	cr_expect(eq(i64, integer_in(path_in(copy), "SELECT count(*) FROM rules"), 1));
	cr_expect(eq(i64, integer_in(path_in(copy), "PRAGMA user_version"),
		(int64_t)schema_current.version));
}

Test(schema, reading_an_older_file_migrates_it_first)
{
	struct error err = {0};

	fill("b.db");
	plan_future("CREATE TABLE one (a INTEGER) STRICT",
		"CREATE TABLE two (a INTEGER) STRICT");
	struct db *db = db_open_as(path_in("b.db"), DB_READ, &future, &err);
	cr_assert(db != NULL, "%s", err.text);
	db_close(db);
	cr_expect(eq(i64, integer_in(path_in("b.db"), "SELECT count(*) FROM two"), 0));
}

Test(schema, a_failed_migration_leaves_the_file_as_it_was)
{
	struct error err = {0};

	fill("c.db");
	plan_future(
		"CREATE TABLE one (a INTEGER) STRICT", "CREATE TABLE one (b INTEGER)");
	cr_expect(db_open_as(path_in("c.db"), DB_WRITE, &future, &err) == NULL);
	cr_expect(err.code != 0);
	cr_expect(eq(i64, integer_in(path_in("c.db"), "PRAGMA user_version"),
		(int64_t)schema_current.version));
	cr_expect(eq(i64,
		integer_in(path_in("c.db"),
			"SELECT count(*) FROM sqlite_schema WHERE name = 'one'"),
		0));
	db_close(open_database("c.db"));
}

Test(schema, the_file_of_a_newer_version_is_refused_unchanged)
{
	struct error err = {0};

	plan_future("CREATE TABLE one (a INTEGER) STRICT",
		"CREATE TABLE two (a INTEGER) STRICT");
	struct db *db = db_open_as(path_in("d.db"), DB_WRITE, &future, &err);
	cr_assert(db != NULL, "%s", err.text);
	db_close(db);
	for (int mode = DB_READ; mode <= DB_WRITE; mode++) {
		err.code = 0;
		cr_expect(db_open(path_in("d.db"), (enum db_mode)mode, &err) == NULL);
		cr_expect(eq(int, err.code, ERROR_NEWER));
		cr_expect(strstr(err.text, "newer Duenna") != NULL, "%s", err.text);
	}
	cr_expect(eq(i64, integer_in(path_in("d.db"), "PRAGMA user_version"),
		(int64_t)future.version));
}
