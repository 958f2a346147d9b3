/* SPDX-License-Identifier: MIT */
#include "db/chain.h"

#include "base/xalloc.h"
#include "db/seal.h"

#include <endian.h>
#include <nettle/sha2.h>
#include <stdio.h>

_Static_assert(CHAIN_LINK_SIZE == SHA256_DIGEST_SIZE, "links are SHA-256");

/* Most rows fit, and one update costs less than many. */
struct gathered {
	struct sha256_ctx context;
	size_t used;
	uint8_t bytes[1024];
};

static void flush(struct gathered *gathered)
{
	sha256_update(&gathered->context, gathered->used, gathered->bytes);
	gathered->used = 0;
}

static void gather(struct gathered *gathered, const void *bytes, size_t length)
{
	if (length > sizeof(gathered->bytes) - gathered->used) {
		flush(gathered);
	}
	if (length > sizeof(gathered->bytes)) {
		sha256_update(&gathered->context, length, bytes);
		return;
	}
	memcpy(gathered->bytes + gathered->used, bytes, length);
	gathered->used += length;
}

/* Lengths and kinds are hashed as well: no two rows give the same bytes. */
static void add_value(struct gathered *gathered, const struct value *value)
{
	const bool is_integer = value->kind == VALUE_INTEGER;
	const uint64_t number =
		htole64(is_integer ? (uint64_t)value->integer : value->text.length);
	uint8_t head[9] = {(uint8_t)value->kind};

	memcpy(head + 1, &number, sizeof(number));
	gather(gathered, head, sizeof(head));
	if (!is_integer && value->text.length > 0) {
		gather(gathered, value->text.bytes, value->text.length);
	}
}

void chain_hash(const uint8_t *before, const struct value *columns, size_t count,
	uint8_t link[static CHAIN_LINK_SIZE])
{
	struct gathered gathered;

	sha256_init(&gathered.context);
	gathered.used = 0;
	if (before) {
		gather(&gathered, before, CHAIN_LINK_SIZE);
	}
	for (size_t i = 0; i < count; i++) {
		add_value(&gathered, &columns[i]);
	}
	flush(&gathered);
	sha256_digest(&gathered.context, CHAIN_LINK_SIZE, link);
}

struct value chain_column(sqlite3_stmt *row, int column)
{
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		return integer(sqlite3_column_int64(row, column));
	case SQLITE_NULL:
		return (struct value){.kind = VALUE_NULL};
	default:
		/* TEXT and BLOB: strict tables do not mix them. */
		return bytes(column_text(row, column));
	}
}

/* Says why a session's row did not come. */
static bool no_session(int64_t session, const struct error *local, struct error *err)
{
	if (local->code) {
		return error_set(err, local->code, "%s", local->text);
	}
	return error_set(
		err, ERROR_NOT_FOUND, "there is no session %lld", (long long)session);
}

/* What a session begins with. */
static bool chain_begin(
	struct db *db, int64_t session, uint8_t *link, struct error *err)
{
	enum { SESSION_COLUMNS = 6 };
	struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, STATEMENT_CHAIN_SESSION, &value, 1, err);
	struct error local = {0};
	struct value columns[SESSION_COLUMNS];

	if (!row) {
		return false;
	}
	if (!db_step(db, STATEMENT_CHAIN_SESSION, &local)) {
		return no_session(session, &local, err);
	}
	for (int i = 0; i < SESSION_COLUMNS; i++) {
		columns[i] = chain_column(row, i);
	}
	chain_hash(NULL, columns, SESSION_COLUMNS, link);
	db_abandon(db, STATEMENT_CHAIN_SESSION);
	return true;
}

/* The link that is stored with the last event before seq, or the session's first. */
static bool chain_load(struct db *db, int64_t session, int64_t seq, struct error *err)
{
	struct value values[2] = {integer(session), integer(seq)};
	sqlite3_stmt *row = db_statement(db, STATEMENT_CHAIN_BEFORE, values, 2, err);
	struct error local = {0};
	bool is_found = false;

	if (!row) {
		return false;
	}
	if (db_step(db, STATEMENT_CHAIN_BEFORE, &local)) {
		struct text link = column_text(row, 1);
		is_found = link.length == CHAIN_LINK_SIZE;
		if (is_found) {
			memcpy(db->chain.link, link.bytes, CHAIN_LINK_SIZE);
			db->chain.seq = sqlite3_column_int64(row, 0);
		}
		db_abandon(db, STATEMENT_CHAIN_BEFORE);
	} else if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	if (!is_found) {
		db->chain.seq = 0;
		if (!chain_begin(db, session, db->chain.link, err)) {
			return false;
		}
	}
	db->chain.session = session;
	return true;
}

bool chain_next(struct db *db, int64_t session, int64_t seq,
	const struct value columns[static CHAIN_COLUMNS], struct error *err)
{
	bool follows = db->chain.session == session && db->chain.seq == seq - 1;

	if (!follows && !chain_load(db, session, seq, err)) {
		return false;
	}
	chain_hash(db->chain.link, columns, CHAIN_COLUMNS, db->chain.link);
	db->chain.seq = seq;
	return true;
}

struct text chain_link(const struct db *db)
{
	return (struct text){(const char *)db->chain.link, CHAIN_LINK_SIZE};
}

bool chain_head(struct db *db, int64_t session, struct error *err)
{
	return db->chain.session == session || chain_load(db, session, INT64_MAX, err);
}

void chain_forget(struct db *db)
{
	db->chain.session = 0;
}

void chain_print(char *buffer, const uint8_t *link)
{
	for (size_t i = 0; i < CHAIN_LINK_SIZE; i++) {
		(void)snprintf(buffer + 2 * i, 3, "%02x", link[i]);
	}
}

/* What is wrong with the row where the statement stands; NULL: nothing. */
static const char *row_check(
	sqlite3_stmt *row, const struct chain_state *state, uint8_t *link)
{
	struct value columns[CHAIN_COLUMNS];
	struct text stored = column_text(row, CHAIN_COLUMNS);

	if (sqlite3_column_int64(row, 1) != state->checked + 1) {
		return "events before it are missing";
	}
	if (stored.length != CHAIN_LINK_SIZE) {
		return state->checked == 0 ? "it has no link" : "its link is missing";
	}
	for (int i = 0; i < CHAIN_COLUMNS; i++) {
		columns[i] = chain_column(row, i);
	}
	/* The session's number is not part of what happened: recordings travel. */
	columns[0] = integer(0);
	chain_hash(link, columns, CHAIN_COLUMNS, link);
	return memcmp(link, stored.bytes, CHAIN_LINK_SIZE) == 0
		       ? NULL
		       : "it, or the session, was changed";
}

/* The end of an ended session says how its chain ended. */
static bool end_check(
	struct db *db, int64_t session, struct chain_state *state, struct error *err)
{
	struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, STATEMENT_CHAIN_END, &value, 1, err);
	struct error local = {0};

	if (!row) {
		return false;
	}
	if (!db_step(db, STATEMENT_CHAIN_END, &local)) {
		return no_session(session, &local, err);
	}
	char head[2 * CHAIN_LINK_SIZE + 1] = "";
	struct text stored = column_text(row, 1);
	bool has_ended = sqlite3_column_int64(row, 0) != 0;
	if (stored.length == CHAIN_LINK_SIZE) {
		chain_print(head, (const uint8_t *)stored.bytes);
	}
	db_abandon(db, STATEMENT_CHAIN_END);
	if (has_ended && *head == '\0' && state->checked == 0) {
		state->is_unchained = true;
	} else if (has_ended && strcmp(head, state->head) != 0) {
		state->broken = state->checked + 1;
		state->reason = "events at the end are missing";
	}
	return true;
}

bool db_chain_verify(
	struct db *db, int64_t session, struct chain_state *state, struct error *err)
{
	uint8_t link[CHAIN_LINK_SIZE] = {0};
	struct value value = integer(session);
	struct error local = {0};

	*state = (struct chain_state){0};
	if (!chain_begin(db, session, link, err)) {
		return false;
	}
	sqlite3_stmt *row = db_statement(db, STATEMENT_CHAIN_EVENTS, &value, 1, err);
	if (!row) {
		return false;
	}
	while (!state->reason && db_step(db, STATEMENT_CHAIN_EVENTS, &local)) {
		state->reason = row_check(row, state, link);
		if (state->reason) {
			state->broken = sqlite3_column_int64(row, 1);
			state->broken_time = column_natural(row, 2);
			state->is_unchained = state->checked == 0 &&
					      state->broken == 1 &&
					      column_is_null(row, CHAIN_COLUMNS);
		} else {
			state->checked++;
		}
	}
	db_abandon(db, STATEMENT_CHAIN_EVENTS);
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	chain_print(state->head, link);
	if (state->reason == NULL && !end_check(db, session, state, err)) {
		return false;
	}
	return state->reason != NULL || seal_verify(db, session, state, err);
}
