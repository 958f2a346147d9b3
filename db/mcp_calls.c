/* SPDX-License-Identifier: MIT */
/* Calls of MCP tools, and the labels that processes took on. */
#include "db/connection.h"
#include "db/seal.h"

bool db_mcp_insert(struct db *db, const struct mcp_record *call, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(call->session), integer(call->number), integer(call->time),
		integer(call->process), words(call->server), words(call->tool),
		words(call->arguments), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_MCP_CALL, values, SEAL, seal);

	return db_execute(db, STATEMENT_MCP_INSERT, values, COUNT_OF(values), err);
}

bool db_mcp_end(struct db *db, const struct mcp_record *call, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(call->session), integer(call->number), integer(call->ended),
		words(call->result), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_MCP_END, values, SEAL, seal);

	return db_execute(db, STATEMENT_MCP_END, values, COUNT_OF(values), err);
}

bool db_mcp_calls_begin(struct db *db, int64_t session, struct error *err)
{
	struct value value = integer(session);

	return db_statement(db, STATEMENT_MCP_CALLS, &value, 1, err) != NULL;
}

bool db_mcp_calls_next(struct db *db, struct mcp_record *call, struct error *err)
{
	if (!db_step(db, STATEMENT_MCP_CALLS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_MCP_CALLS];
	*call = (struct mcp_record){
		.session = sqlite3_column_int64(row, 0),
		.number = sqlite3_column_int64(row, 1),
		.time = column_natural(row, 2),
		.ended = column_natural(row, 3),
		.process = sqlite3_column_int64(row, 4),
		.server = column_text(row, 5),
		.tool = column_text(row, 6),
		.arguments = column_text(row, 7),
		.result = column_text(row, 8),
	};
	return true;
}

bool db_label_insert(struct db *db, const struct label_record *label, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(label->session), integer(label->process), words(label->label),
		integer(label->time), integer(label->event), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_LABEL, values, SEAL, seal);

	return db_execute(db, STATEMENT_LABEL_INSERT, values, COUNT_OF(values), err);
}

bool db_labels_begin(struct db *db, int64_t session, struct error *err)
{
	struct value value = integer(session);

	return db_statement(db, STATEMENT_LABELS, &value, 1, err) != NULL;
}

bool db_labels_next(struct db *db, struct label_record *label, struct error *err)
{
	if (!db_step(db, STATEMENT_LABELS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_LABELS];
	*label = (struct label_record){
		.session = sqlite3_column_int64(row, 0),
		.process = sqlite3_column_int64(row, 1),
		.label = column_text(row, 2),
		.time = column_natural(row, 3),
		.event = sqlite3_column_int64(row, 4),
	};
	return true;
}
