/* SPDX-License-Identifier: MIT */
#include "database.h"

#include "base/xalloc.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *folder;

void make_folder(void)
{
	const char *temporary = getenv("TMPDIR");

	folder = xasprintf("%s/duenna-db-XXXXXX", temporary ? temporary : "/tmp");
	cr_assert(mkdtemp(folder) != NULL);
}

void remove_folder(void)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	cr_assert(entries != NULL);
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] != '.') {
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
			(void)unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
		}
	}
	(void)closedir(entries);
	(void)rmdir(folder);
	free(folder);
}

const char *path_in(const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

struct db *open_database(const char *name)
{
	struct error err = {0};
	struct db *db = db_open(path_in(name), DB_WRITE, &err);

	cr_assert(db != NULL, "%s", err.text);
	return db;
}

void check_is_sound(const char *path)
{
	struct error err = {0};
	struct db *db = db_open(path, DB_READ, &err);

	cr_assert(db != NULL, "%s", err.text);
	cr_expect(db_check(db, &err), "%s", err.text);
	db_close(db);
}

struct session_record a_session(void)
{
	static const struct text argv[] = {{"sh", 2}, {"-c", 2}, {"true", 4}};

	return (struct session_record){
		.name = text_of("work"),
		.started = 1000000000,
		.project = text_of("/home/a/project"),
		.working_folder = text_of("/home/a/project/sub"),
		.argv = argv,
		.argc = 3,
		.options = text_of("{\"ask\":\"tui\"}"),
		.supervisor = getpid(),
		.supervisor_ticks = 1,
	};
}

struct event an_event(const char *object)
{
	return (struct event){
		.time = 2000000000,
		.pid = 10,
		.tid = 11,
		.call = 1,
		.verb = VERB_READ,
		.object = text_of(object),
		.syscall = text_of("openat"),
		.verdict = VERDICT_ALLOW,
		.by = BY_DEFAULT,
	};
}

struct rule_record a_rule(const char *text)
{
	return (struct rule_record){
		.text = text_of(text),
		.origin = ORIGIN_PERSON,
		.scope = SCOPE_ALWAYS,
		.created = 3000000000,
	};
}

int64_t insert_session(struct db *db)
{
	struct session_record session = a_session();
	struct error err = {0};
	int64_t id;

	cr_assert(db_session_insert(db, &session, &id, &err), "%s", err.text);
	return id;
}

const char *shown(struct text text)
{
	static char buffers[8][512];
	static unsigned next;
	char *buffer = buffers[next++ % 8];

	(void)snprintf(
		buffer, sizeof(buffers[0]), "%.*s", (int)text.length, text.bytes);
	return buffer;
}

void await_completion(struct recorder *recorder, struct completion *completion)
{
	struct pollfd readable = {.fd = recorder_fd(recorder), .events = POLLIN};

	while (!recorder_next_completion(recorder, completion)) {
		cr_assert(poll(&readable, 1, 10000) == 1, "no completion came");
	}
}
