/* SPDX-License-Identifier: MIT */
#include "db/import.h"

#include "db/connection.h"

bool db_import_begin(struct db *db, const struct session_record *session, int64_t *id,
	struct error *err)
{
	if (!db_begin(db, err)) {
		return false;
	}
	if (db_session_insert(db, session, id, err)) {
		struct value value = integer(*id);

		if (db_execute(db, STATEMENT_SESSION_IMPORTED, &value, 1, err)) {
			return true;
		}
	}
	(void)db_end(db, false, NULL); /* the failure was reported */
	return false;
}

bool db_import_process(
	struct db *db, const struct process_record *process, struct error *err)
{
	return db_process_insert(db, process, err) &&
	       (process->ended == 0 || db_process_end(db, process, err));
}

bool db_import_event(struct db *db, const struct event *event, struct error *err)
{
	return db_event_insert(db, event, err);
}

bool db_import_question(
	struct db *db, const struct question_record *question, struct error *err)
{
	return db_question_insert(db, question, err) &&
	       (!question->answered || db_answer_insert(db, question, err));
}

bool db_import_terminal(
	struct db *db, const struct terminal_record *chunk, struct error *err)
{
	return db_terminal_insert(db, chunk, err);
}

bool db_import_mcp(struct db *db, const struct mcp_record *call, struct error *err)
{
	return db_mcp_insert(db, call, err) &&
	       (call->ended == 0 || db_mcp_end(db, call, err));
}

bool db_import_label(struct db *db, const struct label_record *label, struct error *err)
{
	return db_label_insert(db, label, err);
}

bool db_import_end(struct db *db, const struct session_record *session, bool is_good,
	struct error *err)
{
	is_good = is_good && (session->ended == 0 ||
				     db_session_end(db, session->id, session->ended,
					     session->status, err));
	return db_end(db, is_good, err);
}
