/* SPDX-License-Identifier: MIT */
#include "db/seal.h"

#include "db/chain.h"

#include <nettle/sha2.h>
#include <stdio.h>

/* Each statement gives the columns that are sealed in order, and then the seal. */
static const struct {
	enum statement statement;
	int columns;
	bool is_numbered; /* the first column counts from 1 without gaps */
	const char *name;
} kinds[SEAL_KIND_COUNT] = {
	[SEAL_PROCESS] = {STATEMENT_SEALED_PROCESSES, 10, true, "process"},
	[SEAL_PROCESS_END] = {STATEMENT_SEALED_PROCESS_ENDS, 3, false,
		"end of process"},
	[SEAL_QUESTION] = {STATEMENT_SEALED_QUESTIONS, 10, true, "question"},
	[SEAL_ANSWER] = {STATEMENT_SEALED_ANSWERS, 7, false, "answer to question"},
	[SEAL_TERMINAL] = {STATEMENT_SEALED_TERMINAL, 6, true, "terminal chunk"},
	[SEAL_MCP_CALL] = {STATEMENT_SEALED_MCP_CALLS, 6, true, "MCP call"},
	[SEAL_MCP_END] = {STATEMENT_SEALED_MCP_ENDS, 3, false, "result of MCP call"},
	[SEAL_LABEL] = {STATEMENT_SEALED_LABELS, 4, false, "label of process"},
};
enum { COLUMNS_MAX = 10 };

struct value seal_of(enum seal_kind kind, const struct value *values, size_t count,
	uint8_t seal[static SEAL_SIZE])
{
	struct value columns[COLUMNS_MAX + 1] = {integer(kind)};

	invariant(count == (size_t)kinds[kind].columns + 1);
	for (size_t i = 1; i < count; i++) {
		columns[i] = values[i];
		if (columns[i].kind == VALUE_TEXT) {
			columns[i].kind = VALUE_BYTES; /* as it is read back */
		}
	}
	chain_hash(NULL, columns, count, seal);
	return bytes((struct text){(const char *)seal, SEAL_SIZE});
}

/* ---- All of a session ---- */

static bool add_kind(struct db *db, int64_t session, enum seal_kind kind,
	struct sha256_ctx *context, bool *has_any, struct error *err)
{
	const struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, kinds[kind].statement, &value, 1, err);
	struct error local = {0};
	const uint8_t head = (uint8_t)kind;

	if (row == NULL) {
		return false;
	}
	sha256_update(context, 1, &head);
	while (db_step(db, kinds[kind].statement, &local)) {
		const struct text seal = column_text(row, kinds[kind].columns);
		*has_any = *has_any || seal.length == SEAL_SIZE;
		sha256_update(context, seal.length, (const uint8_t *)seal.bytes);
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

bool seal_whole(struct db *db, int64_t session, uint8_t whole[static SEAL_SIZE],
	bool *has_any, struct error *err)
{
	struct sha256_ctx context;

	*has_any = false;
	sha256_init(&context);
	for (int kind = 0; kind < SEAL_KIND_COUNT; kind++) {
		if (!add_kind(db, session, (enum seal_kind)kind, &context, has_any,
			    err)) {
			return false;
		}
	}
	sha256_digest(&context, SEAL_SIZE, whole);
	return true;
}

/* ---- Verifying ---- */

/* What is wrong with the row where the statement stands; NULL: nothing. */
static const char *row_check(
	enum seal_kind kind, sqlite3_stmt *row, int64_t number_before)
{
	struct value columns[COLUMNS_MAX + 1] = {integer(kind)};
	const int count = kinds[kind].columns;
	const struct text stored = column_text(row, count);
	uint8_t seal[SEAL_SIZE];

	if (kinds[kind].is_numbered &&
		sqlite3_column_int64(row, 0) != number_before + 1) {
		return "what was before it is missing";
	}
	for (int i = 0; i < count; i++) {
		columns[i + 1] = chain_column(row, i);
	}
	chain_hash(NULL, columns, (size_t)count + 1, seal);
	return stored.length != SEAL_SIZE		    ? "its seal is missing"
	       : memcmp(seal, stored.bytes, SEAL_SIZE) != 0 ? "it was changed"
							    : NULL;
}

static bool kind_check(struct db *db, int64_t session, enum seal_kind kind,
	struct chain_state *state, struct error *err)
{
	const struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, kinds[kind].statement, &value, 1, err);
	struct error local = {0};
	int64_t number = 0;

	if (row == NULL) {
		return false;
	}
	while (state->reason == NULL && db_step(db, kinds[kind].statement, &local)) {
		state->reason = row_check(kind, row, number);
		number = sqlite3_column_int64(row, 0);
		if (state->reason != NULL) {
			state->broken_kind = kinds[kind].name;
			state->broken = number;
		} else {
			state->sealed++;
		}
	}
	db_abandon(db, kinds[kind].statement);
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* The seal that was stored when the session ended; *has_ended false: it did not. */
static bool stored_whole(
	struct db *db, int64_t session, char *whole, bool *has_ended, struct error *err)
{
	const struct value value = integer(session);
	sqlite3_stmt *row = db_statement(db, STATEMENT_CHAIN_END, &value, 1, err);
	struct error local = {0};

	if (row == NULL) {
		return false;
	}
	if (!db_step(db, STATEMENT_CHAIN_END, &local)) {
		return error_set(err, local.code != 0 ? local.code : ERROR_NOT_FOUND,
			"session %lld cannot be read", (long long)session);
	}
	const struct text seal = column_text(row, 2);
	*has_ended = sqlite3_column_int64(row, 0) != 0;
	*whole = '\0';
	if (seal.length == SEAL_SIZE) {
		chain_print(whole, (const uint8_t *)seal.bytes);
	}
	db_abandon(db, STATEMENT_CHAIN_END);
	return true;
}

bool seal_verify(
	struct db *db, int64_t session, struct chain_state *state, struct error *err)
{
	char stored[2 * SEAL_SIZE + 1] = "";
	uint8_t whole[SEAL_SIZE];
	bool has_any, has_ended;

	if (!seal_whole(db, session, whole, &has_any, err) ||
		!stored_whole(db, session, stored, &has_ended, err)) {
		return false;
	}
	chain_print(state->seal, whole);
	state->is_unsealed = !has_any && *stored == '\0';
	if (state->is_unsealed) {
		return true;
	}
	for (int kind = 0; kind < SEAL_KIND_COUNT && state->reason == NULL; kind++) {
		if (!kind_check(db, session, (enum seal_kind)kind, state, err)) {
			return false;
		}
	}
	if (state->reason == NULL && has_ended && strcmp(stored, state->seal) != 0) {
		state->reason = "something at the end of what was recorded beside "
				"events is missing";
		state->broken_kind = "end of the session";
	}
	return true;
}
