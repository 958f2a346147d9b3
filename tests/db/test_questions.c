/* SPDX-License-Identifier: MIT */
#include "database.h"

TestSuite(questions, .init = make_folder, .fini = remove_folder, .timeout = 60);

static void insert(struct db *db, int64_t session, int64_t number, enum verdict verdict)
{
	struct text argv[] = {text_of("rm"), text_of("-r")};
	struct question_record question = {
		.session = session,
		.number = number,
		.time = 5,
		.pid = 1,
		.tid = 2,
		.verb = VERB_DELETE,
		.object = text_of("/a"),
		.asked_as = text_of("a"),
		.argv = argv,
		.argc = 2,
		.details = text_of("{}"),
		.answer_time = 6,
		.verdict = verdict,
		.scope = SCOPE_SESSION,
		.rule = 8,
		.rule_text = text_of("allow delete /a"),
		.message = text_of("use the bin"),
	};
	struct error err = {0};

	cr_assert(db_question_insert(db, &question, &err), "%s", err.text);
	if (verdict != VERDICT_ASK) {
		cr_assert(db_answer_insert(db, &question, &err), "%s", err.text);
	}
}

Test(questions, come_back_with_their_answers)
{
	struct db *db = open_database("q.db");
	int64_t session = insert_session(db);
	struct question_record got;
	struct error err = {0};

	insert(db, session, 1, VERDICT_ALLOW);
	insert(db, session, 2, VERDICT_ASK);
	cr_assert(db_questions_begin(db, session, &err));
	cr_assert(db_questions_next(db, &got, &err));
	cr_expect(got.answered && got.verdict == VERDICT_ALLOW);
	cr_expect(got.scope == SCOPE_SESSION && got.rule == 8);
	cr_expect(eq(str, (char *)shown(got.object), "/a"));
	cr_expect(eq(str, (char *)shown(got.asked_as), "a"));
	cr_expect(eq(str, (char *)shown(got.rule_text), "allow delete /a"));
	cr_expect(eq(str, (char *)shown(got.message), "use the bin"));
	cr_assert(eq(sz, got.argc, 2));
	cr_expect(eq(str, (char *)shown(got.argv[1]), "-r"));
	cr_assert(db_questions_next(db, &got, &err));
	cr_expect(not(got.answered));
	cr_expect(not(db_questions_next(db, &got, &err)));
	cr_expect(eq(int, err.code, 0));
	db_close(db);
}

Test(questions, an_answer_needs_its_question)
{
	struct db *db = open_database("q.db");
	struct question_record answer = {.session = insert_session(db), .number = 1};
	struct error err = {0};

	cr_expect(not(db_answer_insert(db, &answer, &err)));
	db_close(db);
}

Test(questions, history_counts_answers_of_all_sessions)
{
	struct db *db = open_database("q.db");
	struct object_history history;
	struct error err = {0};
	int64_t first = insert_session(db);

	insert(db, first, 1, VERDICT_ALLOW);
	insert(db, first, 2, VERDICT_DENY);
	insert(db, first, 3, VERDICT_ASK);
	insert(db, insert_session(db), 1, VERDICT_ALLOW);
	cr_assert(db_object_history(db, VERB_DELETE, text_of("/a"), &history, &err));
	cr_expect(history.allowed == 2 && history.denied == 1);
	cr_assert(db_object_history(db, VERB_READ, text_of("/a"), &history, &err));
	cr_expect(history.allowed == 0 && history.denied == 0);
	db_close(db);
}

Test(questions, secrets_in_what_was_shown_are_masked)
{
	struct db *db = open_database("q.db");
	struct question_record question = {
		.session = insert_session(db),
		.number = 1,
		.object = text_of("/usr/bin/curl"),
		.details = text_of(
			"{\"actions\":[{\"argv\":[\"curl\",\"--password\",\"hunter2\"]}"
			"],"
			"\"chain\":[{\"argv\":[\"sh\"]}],\"rungs\":[\"hunter2\"]}"),
	};
	struct error err = {0};

	cr_assert(db_question_insert(db, &question, &err), "%s", err.text);
	cr_assert(db_questions_begin(db, question.session, &err));
	cr_assert(db_questions_next(db, &question, &err));
	cr_expect(strstr(shown(question.details), "hunter2") == NULL, "%s",
		shown(question.details));
	cr_expect(strstr(shown(question.details), "curl") != NULL);
	db_close(db);
}
