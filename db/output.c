/* SPDX-License-Identifier: MIT */
/* What the tree wrote to its terminal, in chunks with times, and the terminal's sizes. */
#include "db/connection.h"
#include "db/seal.h"

bool db_terminal_insert(
	struct db *db, const struct terminal_record *chunk, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(chunk->session), integer(chunk->number), integer(chunk->time),
		integer(chunk->kind), bytes(chunk->bytes), integer(chunk->columns),
		integer(chunk->rows), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_TERMINAL, values, SEAL, seal);

	return db_execute(db, STATEMENT_TERMINAL_INSERT, values, COUNT_OF(values), err);
}

bool db_terminal_begin(struct db *db, int64_t session, int64_t after, struct error *err)
{
	struct value values[] = {integer(session), integer(after)};

	return db_statement(db, STATEMENT_TERMINAL, values, COUNT_OF(values), err) !=
	       NULL;
}

bool db_terminal_next(struct db *db, struct terminal_record *chunk, struct error *err)
{
	if (!db_step(db, STATEMENT_TERMINAL, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_TERMINAL];
	*chunk = (struct terminal_record){
		.session = sqlite3_column_int64(row, 0),
		.number = sqlite3_column_int64(row, 1),
		.time = column_natural(row, 2),
		.kind = (enum terminal_kind)column_bounded(row, 3, TERMINAL_SIZE + 1),
		.bytes = column_text(row, 4),
		.columns = (unsigned)sqlite3_column_int(row, 5),
		.rows = (unsigned)sqlite3_column_int(row, 6),
	};
	return true;
}
