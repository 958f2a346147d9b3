/* SPDX-License-Identifier: MIT */
/*
 * Taking in a recording that was made elsewhere, in one transaction. Numbers and
 * sequence are the caller's to check; secrets are masked and events chained as when they
 * are recorded. Between begin and end nothing else may be written on the connection.
 */
#ifndef DB_IMPORT_H
#define DB_IMPORT_H

#include "db/db.h"

/* Gives the id of the new session, which is marked as imported. */
bool db_import_begin(struct db *db, const struct session_record *session, int64_t *id,
	struct error *err);
/* Each with its end, its answer or its result, if it has one. */
bool db_import_process(
	struct db *db, const struct process_record *process, struct error *err);
bool db_import_event(struct db *db, const struct event *event, struct error *err);
bool db_import_question(
	struct db *db, const struct question_record *question, struct error *err);
bool db_import_terminal(
	struct db *db, const struct terminal_record *chunk, struct error *err);
bool db_import_mcp(struct db *db, const struct mcp_record *call, struct error *err);
bool db_import_label(
	struct db *db, const struct label_record *label, struct error *err);
/* Keeps everything if is_good, else nothing; gives whether it was kept. */
bool db_import_end(struct db *db, const struct session_record *session, bool is_good,
	struct error *err);

#endif
