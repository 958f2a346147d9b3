/* SPDX-License-Identifier: MIT */
/* What tools of MCP servers said of themselves when they were approved. */
#include "db/connection.h"

bool db_pin_store(struct db *db, const struct pin_record *pin, struct error *err)
{
	struct value values[] = {
		words(pin->server),
		words(pin->tool),
		words(pin->definition),
		integer(pin->session),
		integer(pin->time),
	};

	return db_execute(db, STATEMENT_PIN_STORE, values, COUNT_OF(values), err);
}

bool db_pins_begin(struct db *db, struct text server, struct error *err)
{
	struct value value = words(server);

	return db_statement(db, STATEMENT_PINS, &value, 1, err) != NULL;
}

bool db_pins_next(struct db *db, struct pin_record *pin, struct error *err)
{
	if (!db_step(db, STATEMENT_PINS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_PINS];
	*pin = (struct pin_record){
		.session = sqlite3_column_int64(row, 0),
		.time = sqlite3_column_int64(row, 1),
		.server = column_text(row, 2),
		.tool = column_text(row, 3),
		.definition = column_text(row, 4),
	};
	return true;
}
