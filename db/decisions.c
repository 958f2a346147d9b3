/* SPDX-License-Identifier: MIT */
/* Stored rules: what people decided, and rule files that they loaded for good. */
#include "base/xalloc.h"
#include "db/connection.h"
#include "rules/parser.h"

#include <time.h>

bool db_rule_insert(struct db *db, const struct rule_record *rule, int64_t addition,
	int64_t *id, struct error *err)
{
	struct value values[] = {
		integer(addition),
		words(rule->text),
		integer(rule->origin),
		integer(rule->scope),
		bytes(rule->project),
		integer_or_null(rule->session != 0, rule->session),
		integer(rule->process),
		words(rule->source),
		integer(rule->created),
		integer(rule->until),
		integer(rule->origin_session),
		integer(rule->origin_event),
		integer(rule->origin_question),
		words(rule->note),
	};

	if (!db_execute(db, STATEMENT_RULE_INSERT, values, COUNT_OF(values), err)) {
		return false;
	}
	struct value inserted = integer(sqlite3_last_insert_rowid(db->connection));
	if (addition == 0 &&
		!db_execute(db, STATEMENT_RULE_ADDITION, &inserted, 1, err)) {
		return false;
	}
	*id = inserted.integer;
	return true;
}

bool db_rule_hits(
	struct db *db, int64_t id, int64_t hits, int64_t last_hit, struct error *err)
{
	struct value values[] = {integer(id), integer(hits), integer(last_hit)};

	return db_execute(db, STATEMENT_RULE_HITS, values, COUNT_OF(values), err);
}

bool db_rule_delete(struct db *db, int64_t id, struct error *err)
{
	struct value value = integer(id);

	if (!db_execute(db, STATEMENT_RULE_DELETE, &value, 1, err)) {
		return false;
	}
	if (sqlite3_changes(db->connection) == 0) {
		return error_set(
			err, ERROR_NOT_FOUND, "there is no rule %lld", (long long)id);
	}
	return true;
}

bool db_begin_decision(struct db *db, struct error *err)
{
	return connection_run(
		       db->connection, db->path, "PRAGMA synchronous = FULL", err) &&
	       db_begin(db, err);
}

bool db_end_decision(struct db *db, bool is_good, struct error *err)
{
	bool is_stored = db_end(db, is_good, err);

	/* If this fails, events are only stored more carefully than need be. */
	(void)connection_run(
		db->connection, db->path, "PRAGMA synchronous = NORMAL", NULL);
	return is_stored;
}

static bool insert_all(struct db *db, const struct rule_record *rules, size_t count,
	int64_t *last, struct error *err)
{
	int64_t addition = 0;

	for (size_t i = 0; i < count; i++) {
		if (!db_rule_insert(db, &rules[i], addition, last, err)) {
			return false;
		}
		addition = addition ? addition : *last;
	}
	return true;
}

static bool add(struct db *db, const struct rule_record *rules, size_t count,
	int64_t *id, struct error *err)
{
	int64_t last = 0;

	if (!db_begin_decision(db, err)) {
		return false;
	}
	bool is_good = insert_all(db, rules, count, &last, err);
	if (!db_end_decision(db, is_good, err)) {
		return false;
	}
	*id = last;
	return true;
}

bool db_rule_add(
	struct db *db, const struct rule_record *rule, int64_t *id, struct error *err)
{
	return add(db, rule, 1, id, err);
}

bool db_rules_add(
	struct db *db, const struct rule_record *rules, size_t count, struct error *err)
{
	int64_t last;

	return add(db, rules, count, &last, err);
}

bool db_rule_remove(struct db *db, int64_t id, struct error *err)
{
	return db_begin_decision(db, err) &&
	       db_end_decision(db, db_rule_delete(db, id, err), err);
}

bool db_rules_undo(struct db *db, size_t *removed, struct error *err)
{
	if (!db_begin_decision(db, err)) {
		return false;
	}
	bool is_good = db_execute(db, STATEMENT_RULES_UNDO, NULL, 0, err);
	size_t count = (size_t)sqlite3_changes(db->connection);
	if (!db_end_decision(db, is_good, err)) {
		return false;
	}
	*removed = count;
	return true;
}

bool db_rules_begin(struct db *db, const struct rule_filter *filter, struct error *err)
{
	const char *project = filter->project ? filter->project : "";
	struct value values[] = {
		integer(filter->all),
		integer(SCOPE_ALWAYS),
		integer(filter->project ? SCOPE_PROJECT : -1),
		bytes(text_of(project)),
		integer_or_null(filter->session != 0, filter->session),
		integer(time(NULL)),
	};

	return db_statement(db, STATEMENT_RULES, values, COUNT_OF(values), err) != NULL;
}

bool db_rules_next(struct db *db, struct rule_record *rule, struct error *err)
{
	if (!db_step(db, STATEMENT_RULES, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_RULES];
	*rule = (struct rule_record){
		.id = sqlite3_column_int64(row, 0),
		.text = column_text(row, 1),
		.origin = (enum rule_origin)column_bounded(row, 2, ORIGIN_COUNT),
		.scope = (enum scope)column_bounded(row, 3, SCOPE_COUNT),
		.project = column_text(row, 4),
		.session = sqlite3_column_int64(row, 5),
		.process = sqlite3_column_int64(row, 6),
		.source = column_text(row, 7),
		.created = sqlite3_column_int64(row, 8),
		.until = sqlite3_column_int64(row, 9),
		.origin_session = sqlite3_column_int64(row, 10),
		.origin_event = sqlite3_column_int64(row, 11),
		.origin_question = sqlite3_column_int64(row, 12),
		.note = column_text(row, 13),
		.hits = sqlite3_column_int64(row, 14),
		.last_hit = sqlite3_column_int64(row, 15),
		.addition = sqlite3_column_int64(row, 16),
	};
	return true;
}

/* "FILE:LINE" for a loaded rule, else "answer 2026-01-02" or "added 2026-01-02". */
static char *source_of(const struct rule_record *record)
{
	char date[16] = "";
	time_t created = (time_t)(record->created / 1000000000);
	struct tm parts;

	if (record->source.length) {
		return text_copy(record->source);
	}
	if (localtime_r(&created, &parts)) {
		(void)strftime(date, sizeof(date), "%Y-%m-%d", &parts);
	}
	return xasprintf("%s %s", record->origin_question ? "answer" : "added", date);
}

bool db_rule_parse(
	const struct rule_record *record, struct rule *rule, struct error *err)
{
	struct error syntax = {0};

	if (!rule_parse_line(record->text, rule, &syntax)) {
		return error_set(err, ERROR_DAMAGED,
			"stored rule %lld cannot be read: %.200s",
			(long long)record->id, syntax.text);
	}
	rule->id = record->id;
	rule->origin = record->origin;
	rule->scope = record->scope;
	rule->pid = record->process;
	if (record->until) {
		rule->until = (time_t)record->until;
	}
	if (record->note.length && !rule->note) {
		rule->note = text_copy(record->note);
	}
	rule->source = source_of(record);
	return true;
}

bool db_rules_load(struct db *db, const struct rule_filter *filter,
	struct rule_list *list, struct error *err)
{
	struct rule_record record;
	struct error local = {0};
	bool is_good = db_rules_begin(db, filter, &local);

	while (is_good && db_rules_next(db, &record, &local)) {
		struct rule rule = {0};

		is_good = db_rule_parse(&record, &rule, &local);
		if (is_good) {
			rule_list_take(list, &rule);
		}
	}
	if (local.code) {
		db_abandon(db, STATEMENT_RULES);
		return error_set(err, local.code, "%s", local.text);
	}
	return true;
}
