/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

TestSuite(recorder, .init = make_folder, .fini = remove_folder, .timeout = 120);

static struct recorder *start(const char *name)
{
	struct session_record session = a_session();
	struct error err = {0};
	struct recorder *recorder = recorder_create(path_in(name), &session, &err);

	cr_assert(recorder != NULL, "%s", err.text);
	return recorder;
}

static void stop(struct recorder *recorder)
{
	struct error err = {0};

	cr_assert(recorder_destroy(recorder, 99, 7, &err), "%s", err.text);
}

static struct db *read_database(const char *name)
{
	struct error err = {0};
	struct db *db = db_open(path_in(name), DB_READ, &err);

	cr_assert(db != NULL, "%s", err.text);
	return db;
}

static struct decision an_answer(int64_t question, enum scope scope)
{
	return (struct decision){
		.kind = DECISION_ANSWER,
		.question = question,
		.time = 8,
		.verdict = VERDICT_ALLOW,
		.scope = scope,
		.rule = a_rule("allow read /a"),
	};
}

static int64_t ask(struct recorder *recorder)
{
	struct question_record question = {.verb = VERB_READ, .object = text_of("/a")};

	return recorder_question(recorder, &question);
}

Test(recorder, stores_everything_that_it_was_given)
{
	struct recorder *recorder = start("r.db");
	struct process_record process = {.pid = 5, .program = text_of("/bin/sh")};
	struct terminal_record chunk = {.bytes = {"a\0b", 3}};
	struct mcp_record call = {.server = text_of("fs"), .tool = text_of("read")};
	struct event event = an_event("/a");
	struct session_record session;
	struct error err = {0};

	event.process = recorder_process_start(recorder, &process);
	cr_expect(eq(i64, event.process, 1));
	cr_expect(eq(i64, recorder_event(recorder, &event), 1));
	cr_expect(eq(i64, recorder_event(recorder, &event), 2));
	recorder_process_end(recorder, 1, 44, 256);
	cr_expect(eq(i64, recorder_terminal(recorder, &chunk), 1));
	cr_expect(eq(i64, recorder_mcp_call(recorder, &call), 1));
	recorder_mcp_result(recorder, 1, 55, text_of("{}"));
	recorder_label(recorder,
		&(struct label_record){.process = 1, .label = text_of("secret")});
	int64_t id = recorder_session(recorder);
	stop(recorder);

	struct db *db = read_database("r.db");
	cr_assert(db_session_find(db, "last", &session, &err), "%s", err.text);
	cr_expect(session.id == id && session.ended == 99 && session.status == 7);
	cr_expect(eq(i64, session.event_count, 2));
	cr_assert(db_processes_begin(db, id, &err));
	cr_assert(db_processes_next(db, &process, &err));
	cr_expect(process.ended == 44 && process.has_status && process.status == 256);
	cr_assert(db_terminal_begin(db, id, 0, &err));
	cr_assert(db_terminal_next(db, &chunk, &err));
	cr_expect(chunk.bytes.length == 3 && memcmp(chunk.bytes.bytes, "a\0b", 3) == 0);
	cr_assert(db_mcp_calls_begin(db, id, &err));
	cr_assert(db_mcp_calls_next(db, &call, &err));
	cr_expect(call.ended == 55);
	cr_expect(eq(str, (char *)shown(call.result), "{}"));
	db_close(db);
}

Test(recorder, a_record_larger_than_the_queue_is_stored_whole)
{
	struct recorder *recorder = start("r.db");
	size_t length = 6 << 20;
	char *bytes = malloc(length);
	struct terminal_record chunk = {.bytes = {bytes, length}};
	struct error err = {0};

	cr_assert(bytes != NULL);
	memset(bytes, 'x', length);
	(void)recorder_terminal(recorder, &chunk);
	stop(recorder);
	struct db *db = read_database("r.db");
	cr_assert(db_terminal_begin(db, 1, 0, &err));
	cr_assert(db_terminal_next(db, &chunk, &err));
	cr_expect(chunk.bytes.length == length);
	cr_expect(memcmp(chunk.bytes.bytes, bytes, length) == 0);
	db_close(db);
	free(bytes);
}

Test(recorder, no_event_is_dropped_when_the_queue_is_full)
{
	enum { EVENTS = 30000 };
	struct recorder *recorder = start("r.db");
	struct session_record session;
	struct error err = {0};

	for (int i = 0; i < EVENTS; i++) {
		struct event event = an_event("/some/path/of/ordinary/length");

		event.argv = (const struct text[]){{"an argument", 11}, {"another", 7}};
		event.argc = 2;
		(void)recorder_event(recorder, &event);
	}
	stop(recorder);
	struct db *db = read_database("r.db");
	cr_assert(db_session_find(db, "last", &session, &err));
	cr_expect(eq(i64, session.event_count, EVENTS));
	struct event_counts counts;
	cr_assert(db_event_counts(db, session.id, &counts, &err));
	cr_expect(eq(i64, counts.total, EVENTS));
	db_close(db);
}

Test(recorder, a_decision_is_stored_when_its_completion_comes)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct question_record question;
	struct rule_record rule;
	struct error err = {0};
	struct decision decision = an_answer(ask(recorder), SCOPE_ALWAYS);

	cr_expect(eq(i64, recorder_decide(recorder, &decision), 1));
	await_completion(recorder, &completion);
	cr_expect(eq(i64, completion.ticket, 1));
	cr_expect(eq(int, completion.error.code, 0), "%s", completion.error.text);
	cr_expect(completion.rule > 0);

	struct db *db = read_database("r.db");
	cr_assert(db_rules_begin(db, &(struct rule_filter){0}, &err));
	cr_assert(db_rules_next(db, &rule, &err));
	cr_expect(eq(i64, rule.id, completion.rule));
	cr_expect(rule.origin_session == 1 && rule.origin_question == 1);
	cr_assert(db_questions_begin(db, 1, &err));
	cr_assert(db_questions_next(db, &question, &err));
	cr_expect(question.answered && question.rule == completion.rule);
	db_close(db);
	stop(recorder);
}

Test(recorder, an_answer_for_once_stores_no_rule)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct decision decision = an_answer(ask(recorder), SCOPE_ONCE);

	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	cr_expect(eq(int, completion.error.code, 0));
	cr_expect(eq(i64, completion.rule, 0));
	stop(recorder);
}

Test(recorder, an_answer_can_be_taken_back)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct rule_record rule;
	struct error err = {0};
	struct decision decision = an_answer(ask(recorder), SCOPE_ALWAYS);

	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	decision = (struct decision){
		.kind = DECISION_REMOVE, .rule = {.id = completion.rule}};
	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	cr_expect(eq(i64, completion.ticket, 2));
	cr_expect(eq(int, completion.error.code, 0));
	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	cr_expect(eq(int, completion.error.code, ERROR_NOT_FOUND));
	cr_expect(not(recorder_failed(recorder, &err)));
	struct db *db = read_database("r.db");
	cr_assert(db_rules_begin(db, &(struct rule_filter){0}, &err));
	cr_expect(not(db_rules_next(db, &rule, &err)));
	db_close(db);
	stop(recorder);
}

Test(recorder, a_failed_decision_holds_nowhere_and_the_session_goes_on)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct error err = {0};
	struct decision decision = an_answer(77, SCOPE_ALWAYS); /* no such question */

	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	cr_expect(completion.error.code != 0);
	cr_expect(eq(i64, completion.rule, 0));
	struct db *db = read_database("r.db");
	struct rule_record rule;
	cr_assert(db_rules_begin(db, &(struct rule_filter){0}, &err));
	cr_expect(not(db_rules_next(db, &rule, &err)));
	db_close(db);
	cr_expect(not(recorder_failed(recorder, &err)));
	stop(recorder);
}

Test(recorder, hits_of_rules_are_counted)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct decision decision = an_answer(ask(recorder), SCOPE_ALWAYS);
	struct rule_record rule;
	struct error err = {0};

	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	for (int i = 1; i <= 10; i++) {
		struct event event = an_event("/a");

		event.rule = completion.rule;
		event.time = i;
		(void)recorder_event(recorder, &event);
	}
	stop(recorder);
	struct db *db = read_database("r.db");
	cr_assert(db_rules_begin(db, &(struct rule_filter){0}, &err));
	cr_assert(db_rules_next(db, &rule, &err));
	cr_expect(rule.hits == 10 && rule.last_hit == 10);
	db_close(db);
}

Test(recorder, a_failure_is_reported_and_never_blocks_the_loop)
{
	struct recorder *recorder = start("r.db");
	struct completion completion;
	struct decision decision = an_answer(ask(recorder), SCOPE_ONCE);
	struct event event = an_event("/a");
	struct error err = {0};

	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	struct db *db = open_database("r.db");
	cr_assert(connection_run(db->connection, db->path, "DROP TABLE events", &err),
		"%s", err.text);
	db_close(db);
	for (int i = 0; i < 50000; i++) {
		(void)recorder_event(recorder, &event);
	}
	(void)recorder_decide(recorder, &decision);
	await_completion(recorder, &completion);
	cr_expect(completion.error.code != 0);
	cr_expect(recorder_failed(recorder, &err));
	cr_expect(strstr(err.text, "events") != NULL, "%s", err.text);
	cr_expect(not(recorder_destroy(recorder, 1, 0, &err)));
}

/* SigBlk of every thread but the caller, from /proc. */
Test(recorder, its_thread_blocks_every_signal)
{
	struct recorder *recorder = start("r.db");
	sigset_t mask;

	cr_assert(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
	cr_expect(not(sigismember(&mask, SIGUSR1)));
	char command[160];
	(void)snprintf(command, sizeof(command),
		"test $(grep -h SigBlk /proc/%d/task/*/status | grep -c "
		"fffffffe7ffbfeff) "
		"-ge 1",
		(int)getpid());
	cr_expect(eq(int, system(command), 0));
	stop(recorder);
}
