/* SPDX-License-Identifier: MIT */
/* Removing old recordings: what would go, and making it go. */
#include "base/xalloc.h"
#include "db/connection.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct candidate {
	int64_t id, ended, bytes;
	bool is_running;
};

struct candidates {
	struct candidate *items;
	size_t count, capacity;
};

/* Field 22 of /proc/PID/stat; 0 if there is no such process. */
static uint64_t start_ticks_of(pid_t pid)
{
	char path[64], line[1024];
	unsigned long long ticks = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return 0;
	}
	/* The name in field 2 may hold anything but ends at the last parenthesis. */
	if (fgets(line, sizeof(line), file)) {
		const char *rest = strrchr(line, ')');
		if (!rest ||
			sscanf(rest + 1,
				" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u "
				"%*d %*d %*d %*d %*d %*d %llu",
				&ticks) != 1) {
			ticks = 0;
		}
	}
	(void)fclose(file);
	return ticks;
}

bool session_is_running(const struct session_record *session)
{
	return session->ended == 0 && session->supervisor > 0 &&
	       start_ticks_of(session->supervisor) == session->supervisor_ticks;
}

static void add_candidate(struct candidates *list, const struct session_record *session)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->items = xreallocarray(
			list->items, list->capacity, sizeof(*list->items));
	}
	list->items[list->count++] = (struct candidate){
		.id = session->id,
		/* One whose supervisor died has no end: it counts from its start. */
		.ended = session->ended ? session->ended : session->started,
		.is_running = session_is_running(session),
	};
}

static bool measure(struct db *db, struct candidate *candidate, struct error *err)
{
	struct value id = integer(candidate->id);
	sqlite3_stmt *row = db_statement(db, STATEMENT_SESSION_SIZE, &id, 1, err);

	if (!row || !db_step(db, STATEMENT_SESSION_SIZE, err)) {
		return false;
	}
	candidate->bytes = sqlite3_column_int64(row, 0);
	(void)sqlite3_reset(row); /* a reset after a row cannot fail */
	return true;
}

static bool list_candidates(struct db *db, struct candidates *list, struct error *err)
{
	struct session_record session;
	struct error local = {0};

	if (!db_sessions_begin(db, err)) {
		return false;
	}
	while (db_sessions_next(db, &session, &local)) {
		add_candidate(list, &session);
	}
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	for (size_t i = 0; i < list->count; i++) {
		if (!measure(db, &list->items[i], err)) {
			return false;
		}
	}
	return true;
}

/* Oldest first: by age, and as long as the rest is still too large. */
static void choose(const struct candidates *list, const struct prune_limits *limits,
	struct prune_result *result)
{
	int64_t remaining = 0;

	for (size_t i = 0; i < list->count; i++) {
		remaining += list->items[i].bytes;
	}
	result->sessions = xreallocarray(NULL, list->count + 1, sizeof(int64_t));
	for (size_t i = 0; i < list->count; i++) {
		const struct candidate *item = &list->items[i];
		bool is_old =
			limits->ended_before && item->ended < limits->ended_before;
		bool is_too_much = limits->size && remaining > limits->size;

		if (!item->is_running && (is_old || is_too_much)) {
			result->sessions[result->count++] = item->id;
			result->bytes += item->bytes;
			remaining -= item->bytes;
		}
	}
}

bool db_prune_plan(struct db *db, const struct prune_limits *limits,
	struct prune_result *result, struct error *err)
{
	struct candidates list = {0};

	*result = (struct prune_result){0};
	bool is_good = list_candidates(db, &list, err);
	if (is_good) {
		choose(&list, limits, result);
	}
	free(list.items);
	return is_good;
}

static bool remove_all(
	struct db *db, const struct prune_result *result, struct error *err)
{
	for (size_t i = 0; i < result->count; i++) {
		struct value id = integer(result->sessions[i]);

		if (!db_execute(db, STATEMENT_SESSION_DELETE, &id, 1, err)) {
			return false;
		}
	}
	return db_execute(db, STATEMENT_TEXTS_CLEAN, NULL, 0, err);
}

/* True also if that cannot be told. */
static bool has_running_session(struct db *db)
{
	struct session_record session;
	struct error err = {0};
	bool is_running = false;

	if (!db_sessions_begin(db, &err)) {
		return true;
	}
	while (db_sessions_next(db, &session, &err)) {
		is_running = is_running || session_is_running(&session);
	}
	return is_running || err.code;
}

bool db_prune(struct db *db, const struct prune_result *result, struct error *err)
{
	if (!db_begin(db, err) || !db_end(db, remove_all(db, result, err), err)) {
		return false;
	}
	/*
	 * Gives the room back to the file system. What was removed is gone either way, so
	 * it is left for another time rather than let a running tree wait for it.
	 */
	if (!has_running_session(db)) {
		(void)connection_run(db->connection, db->path, "VACUUM", NULL);
	}
	return true;
}

void prune_result_finish(struct prune_result *result)
{
	free(result->sessions);
	*result = (struct prune_result){0};
}
