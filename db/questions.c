/* SPDX-License-Identifier: MIT */
/* Questions that were put to a person, and the answers. */
#include "db/connection.h"
#include "db/seal.h"
#include "db/timeline.h"

#include <stdlib.h>

bool db_question_insert(
	struct db *db, const struct question_record *question, struct error *err)
{
	struct value argv = {.kind = VALUE_NULL};

	if (question->argc > 0) {
		argv = bytes(argv_pack(db, question->argv, question->argc, NULL));
	}
	char *masked = details_mask(question->details);
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(question->session), integer(question->number),
		integer(question->time), integer(question->process),
		integer(question->pid), integer(question->tid), integer(question->verb),
		bytes(question->object), bytes(question->asked_as), argv,
		words(masked ? text_of(masked) : question->details), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_QUESTION, values, SEAL, seal);
	bool is_stored = db_execute(
		db, STATEMENT_QUESTION_INSERT, values, COUNT_OF(values), err);
	free(masked);
	return is_stored;
}

bool db_answer_insert(
	struct db *db, const struct question_record *answer, struct error *err)
{
	uint8_t seal[SEAL_SIZE];
	struct value values[] = {
		integer(answer->session), integer(answer->number),
		integer(answer->answer_time), integer(answer->verdict),
		integer(answer->scope), integer(answer->rule), words(answer->rule_text),
		words(answer->message), {0}, /* the seal */
	};
	enum { SEAL = COUNT_OF(values) - 1 };

	values[SEAL] = seal_of(SEAL_ANSWER, values, SEAL, seal);

	return db_execute(db, STATEMENT_ANSWER_INSERT, values, COUNT_OF(values), err);
}

bool db_questions_begin(struct db *db, int64_t session, struct error *err)
{
	const struct value values[] = {integer(session), integer(0)};

	return db_statement(db, STATEMENT_QUESTIONS, values, COUNT_OF(values), err) !=
	       NULL;
}

bool db_questions_next(
	struct db *db, struct question_record *question, struct error *err)
{
	if (!db_step(db, STATEMENT_QUESTIONS, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_QUESTIONS];
	argv_unpack(&db->question_argv, column_text(row, 9));
	argv_unpack(&db->own_argv, column_text(row, 12));
	*question = (struct question_record){
		.session = sqlite3_column_int64(row, 0),
		.number = sqlite3_column_int64(row, 1),
		.time = column_natural(row, 2),
		.process = sqlite3_column_int64(row, 3),
		.pid = sqlite3_column_int(row, 4),
		.tid = sqlite3_column_int(row, 5),
		.verb = (enum verb)column_bounded(row, 6, VERB_COUNT),
		.object = column_text(row, 7),
		.asked_as = column_text(row, 8),
		.argv = db->question_argv.arguments,
		.argc = db->question_argv.count,
		.details = column_text(row, 10),
		.program = column_text(row, 11),
		.process_argv = db->own_argv.arguments,
		.process_argc = db->own_argv.count,
		.answered = !column_is_null(row, 13),
		.answer_time = column_natural(row, 13),
		.verdict = (enum verdict)column_bounded(row, 14, VERDICT_COUNT),
		.scope = (enum scope)column_bounded(row, 15, SCOPE_COUNT),
		.rule = sqlite3_column_int64(row, 16),
		.rule_text = column_text(row, 17),
		.message = column_text(row, 18),
	};
	return true;
}

bool db_question_get(struct db *db, int64_t session, int64_t number,
	struct question_record *question, struct error *err)
{
	const struct value values[] = {integer(session), integer(number - 1)};

	return db_statement(db, STATEMENT_QUESTIONS, values, COUNT_OF(values), err) !=
		       NULL &&
	       db_questions_next(db, question, err) && question->number == number;
}

bool db_object_history(struct db *db, enum verb verb, struct text object,
	struct object_history *history, struct error *err)
{
	struct value values[] = {bytes(object), integer(verb)};
	sqlite3_stmt *row = db_statement(
		db, STATEMENT_OBJECT_HISTORY, values, COUNT_OF(values), err);
	struct error local = {0};
	struct object_history sums = {0};

	if (!row) {
		return false;
	}
	while (db_step(db, STATEMENT_OBJECT_HISTORY, &local)) {
		int64_t n = sqlite3_column_int64(row, 1);

		if (sqlite3_column_int(row, 0) == VERDICT_ALLOW) {
			sums.allowed += n;
		} else {
			sums.denied += n;
		}
	}
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	*history = sums;
	return true;
}
