/* SPDX-License-Identifier: MIT */
/* Events: what was judged, stored and read back. */
#include "db/chain.h"

static const char *const decider_names[BY_COUNT] = {
	[BY_RULE] = "rule",
	[BY_PERSON] = "person",
	[BY_DEFAULT] = "default",
	[BY_HEADLESS] = "headless",
	[BY_BUILT_IN] = "built-in",
};

const char *decider_name(enum decider by)
{
	return by < BY_COUNT ? decider_names[by] : "unknown";
}

/* A text kept once, as a parameter. */
static bool intern(
	struct db *db, struct text text, struct value *value, struct error *err)
{
	int64_t id = text_id(db, text, err);

	*value = integer_or_null(id > 0, id);
	return id >= 0;
}

static struct value text_or_null(struct text text)
{
	return text.length > 0 ? bytes(text) : (struct value){.kind = VALUE_NULL};
}

/* The row as it is hashed: texts themselves, and no number of a session. */
static void chain_columns(struct value columns[static CHAIN_COLUMNS],
	const struct value *row, const struct event *event)
{
	memcpy(columns, row, CHAIN_COLUMNS * sizeof(*columns));
	columns[0] = integer(0);
	columns[12] = bytes(event->syscall);
	columns[16] = text_or_null(event->rule_text);
	columns[17] = text_or_null(event->reason);
	columns[24] = text_or_null(event->python);
	columns[25] = text_or_null(event->native);
	columns[26] = text_or_null(event->mcp);
	columns[27] = text_or_null(event->labels);
}

bool db_event_insert(struct db *db, const struct event *event, struct error *err)
{
	struct value rule_text, reason, python, native, mcp, labels;
	bool is_masked = false;

	if (!intern(db, event->rule_text, &rule_text, err) ||
		!intern(db, event->reason, &reason, err) ||
		!intern(db, event->python, &python, err) ||
		!intern(db, event->native, &native, err) ||
		!intern(db, event->mcp, &mcp, err) ||
		!intern(db, event->labels, &labels, err)) {
		return false;
	}
	struct value argv = {.kind = VALUE_NULL};
	if (event->argc > 0) {
		argv = bytes(argv_pack(db, event->argv, event->argc, &is_masked));
	}
	struct value values[] = {
		integer(event->session), integer(event->seq), integer(event->time),
		integer(event->monotonic), integer(event->pid), integer(event->tid),
		integer(event->process), integer(event->call), integer(event->verb),
		bytes(event->object), bytes(event->asked_as), argv,
		words(event->syscall), integer(event->verdict), integer(event->by),
		integer(event->rule), rule_text, reason,
		integer_or_null(event->has_scope, event->scope),
		integer(event->question), integer(event->waited_ms),
		integer(event->error),
		integer(event->flags | (is_masked ? EVENT_ARGV_MASKED : 0u)),
		integer(event->code), python, native, mcp, labels,
		{.kind = VALUE_NULL}, /* the link */
	};
	_Static_assert(COUNT_OF(values) == EVENT_VALUES, "each has its place");
	struct value columns[CHAIN_COLUMNS];

	chain_columns(columns, values, event);
	if (!chain_next(db, event->session, event->seq, columns, err)) {
		return false;
	}
	values[CHAIN_COLUMNS] = bytes(chain_link(db));
	return db_execute(db, STATEMENT_EVENT_INSERT, values, COUNT_OF(values), err);
}

static struct value *filter_values(
	const struct event_filter *filter, struct value values[static 6])
{
	values[0] = integer(filter->session);
	values[1] = integer(filter->after);
	values[2] = integer(filter->verbs);
	values[3] = integer(filter->verdicts);
	values[4] = integer(filter->process);
	values[5] = integer(filter->question);
	return values;
}

bool db_events_begin(
	struct db *db, const struct event_filter *filter, struct error *err)
{
	struct value values[6];

	return db_statement(db, STATEMENT_EVENTS, filter_values(filter, values),
		       COUNT_OF(values), err) != NULL;
}

/* In nanoseconds it has to be a number, too. */
static int64_t waited_ms(sqlite3_stmt *row, int column)
{
	const int64_t most = INT64_MAX / 2 / 1000000;
	const int64_t waited = column_natural(row, column);

	return waited < most ? waited : most;
}

bool db_events_next(struct db *db, struct event *event, struct error *err)
{
	if (!db_step(db, STATEMENT_EVENTS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_EVENTS];
	argv_unpack(&db->event_argv, column_text(row, 11));
	argv_unpack(&db->process_argv, column_text(row, 29));
	*event = (struct event){
		.session = sqlite3_column_int64(row, 0),
		.seq = sqlite3_column_int64(row, 1),
		.time = column_natural(row, 2),
		.monotonic = sqlite3_column_int64(row, 3),
		.pid = sqlite3_column_int(row, 4),
		.tid = sqlite3_column_int(row, 5),
		.process = sqlite3_column_int64(row, 6),
		.call = sqlite3_column_int64(row, 7),
		.verb = (enum verb)column_bounded(row, 8, VERB_COUNT),
		.object = column_text(row, 9),
		.asked_as = column_text(row, 10),
		.argv = db->event_argv.arguments,
		.argc = db->event_argv.count,
		.syscall = column_text(row, 12),
		.verdict = (enum verdict)column_bounded(row, 13, VERDICT_COUNT),
		.by = (enum decider)column_bounded(row, 14, BY_COUNT),
		.rule = sqlite3_column_int64(row, 15),
		.rule_text = column_text(row, 16),
		.reason = column_text(row, 17),
		.has_scope = !column_is_null(row, 18),
		.scope = (enum scope)column_bounded(row, 18, SCOPE_COUNT),
		.question = sqlite3_column_int64(row, 19),
		.waited_ms = waited_ms(row, 20),
		.error = sqlite3_column_int(row, 21),
		.flags = (unsigned)sqlite3_column_int(row, 22),
		.code = (enum code_origin)column_bounded(row, 23, CODE_GENERATED + 1),
		.python = column_text(row, 24),
		.native = column_text(row, 25),
		.mcp = column_text(row, 26),
		.labels = column_text(row, 27),
		.program = column_text(row, 28),
		.process_argv = db->process_argv.arguments,
		.process_argc = db->process_argv.count,
	};
	return true;
}

bool db_actions_begin(struct db *db, int64_t session, struct error *err)
{
	struct value value = integer(session);

	return db_statement(db, STATEMENT_ACTIONS, &value, 1, err) != NULL;
}

bool db_actions_next(struct db *db, struct action_record *action, struct error *err)
{
	if (!db_step(db, STATEMENT_ACTIONS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_ACTIONS];
	argv_unpack(&db->action_argv, column_text(row, 7));
	action->has_rule = sqlite3_column_int(row, 16) != 0;
	action->event = (struct event){
		.seq = sqlite3_column_int64(row, 0),
		.time = column_natural(row, 1),
		.process = sqlite3_column_int64(row, 2),
		.call = sqlite3_column_int64(row, 3),
		.verb = (enum verb)column_bounded(row, 4, VERB_COUNT),
		.object = column_text(row, 5),
		.asked_as = column_text(row, 6),
		.argv = db->action_argv.arguments,
		.argc = db->action_argv.count,
		.syscall = column_text(row, 8),
		.verdict = (enum verdict)column_bounded(row, 9, VERDICT_COUNT),
		.by = (enum decider)column_bounded(row, 10, BY_COUNT),
		.rule = sqlite3_column_int64(row, 11),
		.has_scope = !column_is_null(row, 12),
		.scope = (enum scope)column_bounded(row, 12, SCOPE_COUNT),
		.question = sqlite3_column_int64(row, 13),
		.flags = (unsigned)sqlite3_column_int(row, 14),
		.code = (enum code_origin)column_bounded(row, 15, CODE_GENERATED + 1),
		.python = column_text(row, 17),
		.mcp = column_text(row, 18),
		.labels = column_text(row, 19),
		.error = sqlite3_column_int(row, 20),
	};
	return true;
}

bool db_event_counts(
	struct db *db, int64_t session, struct event_counts *counts, struct error *err)
{
	struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, STATEMENT_EVENT_COUNTS, &value, 1, err);
	struct error local = {0};
	struct event_counts sums = {0};

	if (!row) {
		return false;
	}
	while (db_step(db, STATEMENT_EVENT_COUNTS, &local)) {
		int verb = column_bounded(row, 0, VERB_COUNT);
		int verdict = column_bounded(row, 1, VERDICT_COUNT);
		int64_t n = sqlite3_column_int64(row, 2);

		sums.by_verb[verb][verdict] += n;
		sums.total += n;
	}
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	*counts = sums;
	return true;
}

bool db_objects_begin(
	struct db *db, const struct event_filter *filter, struct error *err)
{
	struct value values[] = {
		integer(filter->session),
		integer(filter->verbs),
		integer(filter->verdicts),
	};

	return db_statement(db, STATEMENT_OBJECTS, values, COUNT_OF(values), err) !=
	       NULL;
}

bool db_objects_next(struct db *db, struct object_count *object, struct error *err)
{
	if (!db_step(db, STATEMENT_OBJECTS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_OBJECTS];
	*object = (struct object_count){
		.verb = (enum verb)column_bounded(row, 0, VERB_COUNT),
		.verdict = (enum verdict)column_bounded(row, 1, VERDICT_COUNT),
		.object = column_text(row, 2),
		.count = sqlite3_column_int64(row, 3),
	};
	return true;
}
