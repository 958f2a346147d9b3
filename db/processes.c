/* SPDX-License-Identifier: MIT */
/* Process images of a session. */
#include "db/connection.h"
#include "db/seal.h"

bool db_process_insert(
	struct db *db, const struct process_record *process, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(process->session), integer(process->number),
		integer(process->parent), integer(process->previous),
		integer(process->pid), integer((int64_t)process->start_ticks),
		bytes(process->program), bytes(process->script),
		bytes(argv_pack(db, process->argv, process->argc, NULL)),
		bytes(process->working_folder), integer(process->started),
		{0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_PROCESS, values, SEAL, seal);

	return db_execute(db, STATEMENT_PROCESS_INSERT, values, COUNT_OF(values), err);
}

bool db_process_end(
	struct db *db, const struct process_record *process, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(process->session), integer(process->number),
		integer(process->ended),
		integer_or_null(process->has_status, process->status),
		{0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_PROCESS_END, values, SEAL, seal);

	return db_execute(db, STATEMENT_PROCESS_END, values, COUNT_OF(values), err);
}

bool db_processes_begin(struct db *db, int64_t session, struct error *err)
{
	struct value value = integer(session);

	return db_statement(db, STATEMENT_PROCESSES, &value, 1, err) != NULL;
}

bool db_processes_next(struct db *db, struct process_record *process, struct error *err)
{
	if (!db_step(db, STATEMENT_PROCESSES, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_PROCESSES];
	argv_unpack(&db->process_argv, column_text(row, 8));
	*process = (struct process_record){
		.session = sqlite3_column_int64(row, 0),
		.number = sqlite3_column_int64(row, 1),
		.parent = sqlite3_column_int64(row, 2),
		.previous = sqlite3_column_int64(row, 3),
		.pid = sqlite3_column_int(row, 4),
		.start_ticks = (uint64_t)sqlite3_column_int64(row, 5),
		.program = column_text(row, 6),
		.script = column_text(row, 7),
		.argv = db->process_argv.arguments,
		.argc = db->process_argv.count,
		.working_folder = column_text(row, 9),
		.started = column_natural(row, 10),
		.ended = column_natural(row, 11),
		.has_status = !column_is_null(row, 12),
		.status = sqlite3_column_int(row, 12),
	};
	return true;
}
