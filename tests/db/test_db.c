/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(db, .init = make_folder, .fini = remove_folder, .timeout = 60);

static void write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	cr_assert(
		file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

/* The whole file; its length goes to *length. Freed by the caller. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *bytes = malloc(1 << 20);

	cr_assert(file && bytes);
	*length = fread(bytes, 1, 1 << 20, file);
	(void)fclose(file);
	return bytes;
}

/* The file is refused with that code, in both modes, and stays as it is. */
static void expect_refused(const char *path, int code)
{
	size_t before_length, after_length;
	char *before = read_file(path, &before_length);

	for (int mode = DB_READ; mode <= DB_WRITE; mode++) {
		struct error err = {0};

		cr_expect(db_open(path, (enum db_mode)mode, &err) == NULL);
		cr_expect(eq(int, err.code, code), "%s", err.text);
		cr_expect(strstr(err.text, path) != NULL, "%s", err.text);
	}
	char *after = read_file(path, &after_length);
	cr_expect(eq(sz, after_length, before_length));
	cr_expect(memcmp(before, after, before_length) == 0);
	free(before);
	free(after);
}

Test(db, creates_a_private_file_in_a_private_folder)
{
	struct stat status;
	struct error err = {0};
	char *path = strdup(path_in("new/duenna.db"));
	struct db *db = db_open(path, DB_WRITE, &err);

	cr_assert(db != NULL, "%s", err.text);
	(void)insert_session(db);
	cr_assert(stat(path, &status) == 0);
	cr_expect(eq(int, (int)(status.st_mode & 0777), 0600));
	cr_assert(stat(path_in("new/duenna.db-wal"), &status) == 0);
	cr_expect(eq(int, (int)(status.st_mode & 0777), 0600));
	cr_assert(stat(path_in("new"), &status) == 0);
	cr_expect(eq(int, (int)(status.st_mode & 0777), 0700));
	db_close(db);
	(void)unlink(path);
	free(path);
}

Test(db, reading_does_not_create_a_file)
{
	struct error err = {0};

	cr_expect(db_open(path_in("absent.db"), DB_READ, &err) == NULL);
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	cr_expect(access(path_in("absent.db"), F_OK) != 0);
}

Test(db, refuses_garbage_and_leaves_it_alone)
{
	char garbage[5000];

	memset(garbage, 'x', sizeof(garbage));
	write_file(path_in("garbage.db"), garbage, sizeof(garbage));
	expect_refused(path_in("garbage.db"), ERROR_DAMAGED);
	write_file(path_in("short.db"), "hello", 5);
	expect_refused(path_in("short.db"), ERROR_DAMAGED);
}

Test(db, refuses_a_truncated_file_and_leaves_it_alone)
{
	const char *path = path_in("cut.db");
	struct db *db = open_database("cut.db");

	(void)insert_session(db);
	db_close(db);
	cr_assert(truncate(path, 4096 * 3 + 100) == 0);
	expect_refused(path, ERROR_DAMAGED);
}

Test(db, refuses_an_emptied_file_with_a_log_beside_it)
{
	write_file(path_in("empty.db"), "", 0);
	write_file(path_in("empty.db-wal"), "log", 3);
	expect_refused(path_in("empty.db"), ERROR_DAMAGED);
	cr_expect(access(path_in("empty.db-wal"), F_OK) == 0);
}

Test(db, refuses_the_database_of_another_program)
{
	sqlite3 *other;

	cr_assert(sqlite3_open(path_in("other.db"), &other) == SQLITE_OK);
	cr_assert(sqlite3_exec(other, "CREATE TABLE t (a)", NULL, NULL, NULL) == 0);
	(void)sqlite3_close(other);
	expect_refused(path_in("other.db"), ERROR_DAMAGED);
}

Test(db, finds_damage_inside)
{
	const char *path = path_in("damaged.db");
	struct error err = {0};
	struct db *db = open_database("damaged.db");

	(void)insert_session(db);
	cr_expect(db_check(db, &err), "%s", err.text);
	db_close(db);
	int fd = open(path, O_WRONLY);
	char noise[1024];
	memset(noise, 0xa5, sizeof(noise));
	cr_assert(fd >= 0 && pwrite(fd, noise, sizeof(noise), 4096) == sizeof(noise));
	(void)close(fd);
	db = db_open(path, DB_READ, &err);
	bool is_found = !db || !db_check(db, &err);
	cr_expect(is_found);
	cr_expect(eq(int, err.code, ERROR_DAMAGED));
	db_close(db);
}

Test(db, a_reading_connection_cannot_write)
{
	struct error err = {0};

	db_close(open_database("read.db"));
	struct db *db = db_open(path_in("read.db"), DB_READ, &err);
	struct rule_record rule = a_rule("allow read /a");
	int64_t id;
	cr_assert(db != NULL, "%s", err.text);
	cr_expect(not(db_rule_add(db, &rule, &id, &err)));
	db_close(db);
}

Test(db, tells_changed_rules_from_recorded_events)
{
	struct error err = {0};
	struct db *db = open_database("watch.db");
	struct db *other = open_database("watch.db");
	struct rule_record rule = a_rule("allow read /a");
	struct event event = an_event("/a");
	int64_t id;

	cr_expect(db_rules_changed(db));
	cr_expect(not(db_rules_changed(db)));
	event.session = insert_session(other);
	event.seq = 1;
	cr_assert(db_event_insert(other, &event, &err), "%s", err.text);
	cr_expect(not(db_rules_changed(db)));
	cr_assert(db_rule_add(other, &rule, &id, &err), "%s", err.text);
	cr_expect(db_rules_changed(db));
	cr_expect(not(db_rules_changed(db)));
	cr_assert(db_rule_hits(other, id, 1, 5, &err), "%s", err.text);
	cr_expect(not(db_rules_changed(db)));
	cr_assert(db_rule_remove(other, id, &err), "%s", err.text);
	cr_expect(db_rules_changed(db));
	db_close(other);
	db_close(db);
}

Test(db, tells_changed_rules_since_another_connection_looked)
{
	struct error err = {0};
	struct db *db = open_database("since.db");
	struct db *other = open_database("since.db");
	struct rule_record rule = a_rule("allow read /a");
	const int64_t before = db_rule_changes(other);
	int64_t id;

	db_rules_changed_since(db, before);
	cr_expect(not(db_rules_changed(db)));
	db_close(db);
	cr_assert(db_rule_add(other, &rule, &id, &err), "%s", err.text);
	db = open_database("since.db");
	db_rules_changed_since(db, before);
	cr_expect(db_rules_changed(db));
	cr_expect(not(db_rules_changed(db)));
	cr_expect(gt(i64, db_rule_changes(db), before));
	db_close(other);
	db_close(db);
}
