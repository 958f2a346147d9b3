/* SPDX-License-Identifier: MIT */
#include "tests/session/stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(question, .timeout = 120);

enum { EVENTS = 64 };

static struct stage stage;
static struct stage_event events[EVENTS];
static struct process *agent;

static void start(enum ask_mode ask, const char *rules)
{
	stage_init(&stage, ask, rules);
	agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
}

static void end(void)
{
	stage_end(&stage);
	stage_finish(&stage);
}

static int64_t await_question(void)
{
	struct protocol_question question = stage_await_question(&stage.front_end);
	int64_t id = question.id;
	protocol_question_finish(&question);
	return id;
}

static void await_end(struct protocol_stream *client, const char *type)
{
	struct protocol_message message = stage_await(client, type);
	protocol_message_finish(&message);
}

static void await_change(struct protocol_question *question)
{
	struct protocol_message message =
		stage_await(&stage.front_end, "question_changed");
	protocol_question_finish(question);
	cr_assert(protocol_question_read(message.body, question));
	protocol_message_finish(&message);
}

/* Waits until so many calls wait for the question that changes. */
static void await_waiting(uint32_t waiting)
{
	struct protocol_question question = {0};
	while (question.waiting != waiting) {
		await_change(&question);
	}
	protocol_question_finish(&question);
}

static void answer(int64_t question, enum verdict verdict, enum scope scope)
{
	stage_answer(&stage.front_end, question, verdict, scope);
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
}

Test(question, says_who_wants_what_and_which_rule_asks)
{
	start(ASK_TUI, "ask read /s/**\n");
	struct process *child = fake_process_start("/usr/bin/cat", agent);
	struct request *request = fake_request(child, VERB_READ, "/s/key");
	struct protocol_question question = stage_await_question(&stage.front_end);
	cr_assert(eq(sz, question.action_count, 1));
	cr_expect(eq(str, (char *)question.actions[0].object.bytes, "/s/key"));
	cr_expect(eq(str, (char *)question.actions[0].rule.bytes, "ask read /s/**"));
	cr_assert(eq(sz, question.chain_count, 2));
	cr_expect(eq(str, (char *)question.chain[0].program.bytes, "/usr/bin/cat"));
	cr_expect(eq(str, (char *)question.chain[1].program.bytes, "/usr/bin/agent"));
	cr_assert(question.rung_count >= 1);
	cr_assert(eq(sz, question.rungs[0].rule_count, 1));
	cr_expect(eq(str, (char *)question.rungs[0].rules[0].bytes, "read /s/key"));
	cr_expect(eq(u32, question.waiting, 1));
	answer(question.id, VERDICT_DENY, SCOPE_ONCE);
	protocol_question_finish(&question);
	cr_expect(eq(int, fake_wait_answer(request).error, EACCES));
	end();
}

Test(question, once_covers_the_equal_calls_that_wait_now)
{
	start(ASK_TUI, NULL);
	struct request *first = fake_request(agent, VERB_READ, "/x");
	int64_t id = await_question();
	struct process *other = fake_process_start("/usr/bin/agent", agent);
	struct request *second = fake_request(other, VERB_READ, "/x");
	await_waiting(2);
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(first).kind, ANSWER_ALLOW));
	cr_expect(eq(int, fake_wait_answer(second).kind, ANSWER_ALLOW));
	struct request *third = fake_request(agent, VERB_READ, "/x");
	int64_t next = await_question();
	cr_expect(ne(i64, id, next));
	answer(next, VERDICT_DENY, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(third).kind, ANSWER_DENY));
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 3));
	cr_expect(eq(int, events[0].by, BY_PERSON));
	cr_expect(eq(int, events[0].scope, SCOPE_ONCE));
	cr_expect(eq(i64, events[0].question, id));
	stage_finish(&stage);
}

static struct request *signal_to(pid_t pid, const char *which)
{
	struct request *request =
		fake_request_make(agent, "kill", VERB_SIGNAL, "/usr/bin/bash");
	request->actions[0].process = pid;
	request->actions[0].asked_as = text_of(which);
	fake_push(request);
	return request;
}

Test(question, two_processes_of_one_program_are_two_questions)
{
	start(ASK_TUI, NULL);
	struct request *first = signal_to(11, "pid:11");
	struct protocol_question question = stage_await_question(&stage.front_end);
	cr_expect(eq(str, (char *)question.actions[0].asked_as.bytes, "pid:11"));
	struct request *second = signal_to(12, "pid:12");
	int64_t other = await_question();
	answer(question.id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(first).kind, ANSWER_ALLOW));
	cr_expect(not(fake_is_answered(second)));
	answer(other, VERDICT_DENY, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(second).kind, ANSWER_DENY));
	protocol_question_finish(&question);
	end();
}

Test(question, a_program_in_two_folders_is_two_questions)
{
	start(ASK_TUI, NULL);
	struct process *other = fake_process_start("/usr/bin/agent", NULL);
	other->working_folder = (char *)(uintptr_t) "/elsewhere";
	struct request *first = fake_request(agent, VERB_EXEC, "/x/tool");
	int64_t id = await_question();
	struct request *second = fake_request(other, VERB_EXEC, "/x/tool");
	struct protocol_question next = stage_await_question(&stage.front_end);
	cr_expect(eq(str, (char *)next.folder.bytes, "/elsewhere"));
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(first).kind, ANSWER_ALLOW));
	answer(next.id, VERDICT_DENY, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(second).kind, ANSWER_DENY));
	protocol_question_finish(&next);
	end();
}

Test(question, a_question_does_not_hold_anybody_else)
{
	start(ASK_TUI, "allow read /free\n");
	struct request *held = fake_request(agent, VERB_READ, "/x");
	fake_wait_held(held);
	struct request *request = fake_request(agent, VERB_READ, "/free");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	cr_expect(not(fake_is_answered(held)));
	end();
}

Test(question, a_stored_answer_holds_at_once_and_releases_what_it_covers)
{
	start(ASK_TUI, NULL);
	struct process *other = fake_process_start("/usr/bin/other", agent);
	struct request *first = fake_request(agent, VERB_READ, "/d/x");
	int64_t id = await_question();
	struct request *second = fake_request(other, VERB_READ, "/d/y");
	(void)await_question();
	struct text rule = text_of("read /d/**");
	const struct protocol_answer wide = {
		.question = id,
		.verdict = VERDICT_ALLOW,
		.scope = SCOPE_SESSION,
		.rules = &rule,
		.rule_count = 1,
	};
	protocol_stream_send(&stage.front_end, protocol_answer_write(&wide));
	protocol_stream_flush(&stage.front_end);
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(eq(int, fake_wait_answer(first).kind, ANSWER_ALLOW));
	cr_expect(eq(int, fake_wait_answer(second).kind, ANSWER_ALLOW));
	/* No question in between, however long the new rule set takes. */
	for (int i = 0; i < 20; i++) {
		struct request *again = fake_request(agent, VERB_READ, "/d/z");
		cr_assert(eq(int, fake_wait_answer(again).kind, ANSWER_ALLOW));
	}
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 22));
	cr_expect(eq(int, events[0].by, BY_PERSON));
	cr_expect(events[0].rule > 0);
	cr_expect(eq(int, events[0].scope, SCOPE_SESSION));
	cr_expect(eq(int, events[1].by, BY_RULE));
	stage_finish(&stage);
}

Test(question, always_is_silent_in_the_next_session)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	answer(await_question(), VERDICT_ALLOW, SCOPE_ALWAYS);
	(void)fake_wait_answer(request);
	stage_end(&stage);
	protocol_stream_finish(&stage.front_end);
	stage.options.ask = ASK_DENY;
	stage.options.front_end = -1;
	agent = fake_process_start("/usr/bin/agent", NULL);
	request = fake_request(agent, VERB_READ, "/x");
	stage_start(&stage);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	end();
}

Test(question, a_scope_of_program_holds_for_that_program_alone)
{
	start(ASK_TUI, NULL);
	struct process *other = fake_process_start("/usr/bin/other", agent);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	answer(await_question(), VERDICT_ALLOW, SCOPE_PROGRAM);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	struct process *same = fake_process_start("/usr/bin/agent", agent);
	request = fake_request(same, VERB_READ, "/x");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	request = fake_request(other, VERB_READ, "/x");
	fake_wait_held(request);
	end();
}

Test(question, a_scope_of_process_ends_at_exec)
{
	start(ASK_TUI, NULL);
	struct process *same = fake_process_start("/usr/bin/agent", agent);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	answer(await_question(), VERDICT_ALLOW, SCOPE_PROCESS);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	request = fake_request(agent, VERB_READ, "/x");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	request = fake_request(same, VERB_READ, "/x");
	fake_wait_held(request);
	fake_process_exec(agent, "/usr/bin/agent");
	request = fake_request(agent, VERB_READ, "/x");
	fake_wait_held(request);
	end();
}

Test(question, a_denial_keeps_its_message_and_holds_on)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_WRITE, "/x");
	const struct protocol_answer deny = {
		.question = await_question(),
		.verdict = VERDICT_DENY,
		.scope = SCOPE_SESSION,
		.message = text_of("use the build folder"),
	};
	protocol_stream_send(&stage.front_end, protocol_answer_write(&deny));
	protocol_stream_flush(&stage.front_end);
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(eq(int, fake_wait_answer(request).error, EACCES));
	request = fake_request(agent, VERB_WRITE, "/x");
	cr_expect(eq(int, fake_wait_answer(request).error, EACCES));
	end();
}

Test(question, undo_takes_the_last_answer_back)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	answer(await_question(), VERDICT_ALLOW, SCOPE_ALWAYS);
	(void)fake_wait_answer(request);
	protocol_stream_send(&stage.front_end, protocol_new("undo"));
	protocol_stream_flush(&stage.front_end);
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	protocol_stream_send(&stage.front_end, protocol_new("undo"));
	protocol_stream_flush(&stage.front_end);
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	request = fake_request(agent, VERB_READ, "/x");
	(void)await_question();
	fake_wait_held(request);
	stage_end(&stage);
	struct error err = {0};
	struct rule_record rule;
	const struct rule_filter filter = {.all = true};
	struct db *db = db_open(stage.database, DB_READ, &err);
	cr_assert(db_rules_begin(db, &filter, &err));
	cr_expect(not(db_rules_next(db, &rule, &err)));
	db_close(db);
	stage_finish(&stage);
}

Test(question, an_answer_that_would_not_take_effect_is_refused)
{
	start(ASK_TUI, "ask read /s/key note \"mine\"\ndeny read /s/other\n");
	struct request *request = fake_request(agent, VERB_READ, "/s/key");
	int64_t id = await_question();
	struct text rule = text_of("read /s/**");
	struct text other = text_of("read /elsewhere");
	struct text wrong = text_of("read");
	struct protocol_answer wide = {
		.question = id,
		.verdict = VERDICT_ALLOW,
		.scope = SCOPE_SESSION,
		.rules = &rule,
		.rule_count = 1,
	};
	struct text *const cases[] = {&rule, &other, &wrong};
	for (size_t i = 0; i < 3; i++) {
		wide.rules = cases[i];
		protocol_stream_send(&stage.front_end, protocol_answer_write(&wide));
		protocol_stream_flush(&stage.front_end);
		const char *reason = stage_reply(&stage.front_end);
		cr_expect(ne(str, (char *)reason, ""), "case %zu", i);
		if (i == 0) {
			cr_expect(ne(ptr, strstr(reason, "ask read /s/key"), NULL),
				"%s", reason);
		}
	}
	cr_expect(not(fake_is_answered(request)));
	answer(id, VERDICT_ALLOW, SCOPE_SESSION);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	end();
}

Test(question, several_actions_of_one_call_are_one_question)
{
	start(ASK_TUI, "allow write /ok/**\n");
	struct request *request =
		fake_request_make(agent, "rename", VERB_DELETE, "/a/x");
	fake_request_add(request, VERB_WRITE, "/b/x", false);
	fake_push(request);
	struct protocol_question question = stage_await_question(&stage.front_end);
	cr_expect(eq(sz, question.action_count, 2));
	cr_expect(eq(sz, question.rungs[0].rule_count, 2));
	answer(question.id, VERDICT_ALLOW, SCOPE_SESSION);
	protocol_question_finish(&question);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	request = fake_request_make(agent, "rename", VERB_DELETE, "/a/x");
	fake_request_add(request, VERB_WRITE, "/b/x", false);
	fake_push(request);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	end();
}

Test(question, an_interrupted_call_joins_its_question_again)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	int64_t id = await_question();
	fake_wait_held(request);
	fake_interrupt(request);
	struct request *again = fake_request_make(agent, NULL, VERB_READ, "/x");
	again->restarted = true;
	fake_push(again);
	fake_wait_held(again);
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(again).kind, ANSWER_ALLOW));
	stage_end(&stage);
	cr_expect(eq(sz, stage_events(&stage, events, EVENTS), 1));
	stage_finish(&stage);
}

Test(question, an_answer_reaches_a_call_that_is_interrupted_just_then)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	int64_t id = await_question();
	fake_interrupt(request);
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	struct request *again = fake_request_make(agent, NULL, VERB_READ, "/x");
	again->restarted = true;
	fake_push(again);
	cr_expect(eq(int, fake_wait_answer(again).kind, ANSWER_ALLOW));
	/* But the next call of its kind is asked about. */
	struct request *next = fake_request(agent, VERB_READ, "/x");
	fake_wait_held(next);
	end();
}

Test(question, is_withdrawn_when_nobody_waits_any_more)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	(void)await_question();
	fake_interrupt(request);
	await_end(&stage.front_end, "question_withdrawn");
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 1));
	cr_expect(ne(u32, events[0].flags & EVENT_WITHDRAWN, 0));
	stage_finish(&stage);
}

Test(question, is_withdrawn_at_once_when_its_process_ends)
{
	start(ASK_TUI, NULL);
	struct process *child = fake_process_start("/usr/bin/cat", agent);
	struct request *request = fake_request(child, VERB_READ, "/x");
	(void)await_question();
	fake_interrupt(request);
	fake_process_end(child, SIGKILL);
	await_end(&stage.front_end, "question_withdrawn");
	end();
}

Test(question, the_first_answer_wins_and_others_see_it)
{
	start(ASK_TUI, NULL);
	struct protocol_stream second = stage_connect(&stage, true);
	await_end(&second, "ready");
	struct request *request = fake_request(agent, VERB_READ, "/x");
	int64_t id = await_question();
	await_end(&second, "question_opened");
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	struct protocol_message message = stage_await(&second, "question_answered");
	struct protocol_question_end seen;
	cr_assert(protocol_question_end_read(message.body, &seen));
	cr_expect(eq(int, seen.end, QUESTION_ANSWERED));
	cr_expect(eq(int, seen.verdict, VERDICT_ALLOW));
	cr_expect(eq(str, (char *)seen.by.bytes, "test"));
	protocol_question_end_finish(&seen);
	protocol_message_finish(&message);
	stage_answer(&second, id, VERDICT_DENY, SCOPE_ONCE);
	cr_expect(ne(str, (char *)stage_reply(&second), ""));
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	protocol_stream_finish(&second);
	end();
}

Test(question, who_comes_later_gets_the_open_questions)
{
	start(ASK_ATTACH, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	fake_wait_held(request);
	struct protocol_stream client = stage_connect(&stage, true);
	struct protocol_question question = stage_await_question(&client);
	stage_answer(&client, question.id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(str, (char *)stage_reply(&client), ""));
	protocol_question_finish(&question);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	protocol_stream_finish(&client);
	end();
}

Test(question, questions_wait_for_the_next_front_end_after_detaching)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	(void)await_question();
	protocol_stream_send(&stage.front_end, protocol_new("detach"));
	protocol_stream_flush(&stage.front_end);
	struct protocol_stream client = stage_connect(&stage, true);
	struct protocol_question question = stage_await_question(&client);
	cr_expect(not(fake_is_answered(request)));
	stage_answer(&client, question.id, VERDICT_ALLOW, SCOPE_ONCE);
	protocol_question_finish(&question);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	protocol_stream_finish(&client);
	end();
}

Test(question, all_is_denied_when_the_last_front_end_has_gone)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	fake_wait_held(request);
	protocol_stream_finish(&stage.front_end);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	request = fake_request(agent, VERB_READ, "/y");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 2));
	cr_expect(eq(int, events[0].by, BY_HEADLESS));
	stage_finish(&stage);
}

Test(question, a_flood_of_questions_is_capped_with_eagain)
{
	start(ASK_TUI, NULL);
	struct request *request = NULL;
	for (int i = 0; i < 300; i++) {
		char path[32];
		snprintf(path, sizeof(path), "/flood/%d", i);
		request = fake_request(agent, VERB_READ, path);
	}
	struct answer refused = fake_wait_answer(request);
	cr_expect(eq(int, refused.kind, ANSWER_DENY));
	cr_expect(eq(int, refused.error, EAGAIN));
	end();
}

static struct request *run_with(struct text *argv, size_t argc)
{
	struct request *request =
		fake_request_make(agent, "execve", VERB_EXEC, "/bin/program");
	request->actions[0].argv = argv;
	request->actions[0].argc = argc;
	fake_push(request);
	return request;
}

Test(question, arguments_of_any_length_are_asked_about)
{
	enum { LENGTH = 128 << 10, COUNT = 16 };
	static char controls[LENGTH];
	struct text argv[COUNT];
	memset(controls, '\x01', sizeof(controls));
	for (size_t i = 0; i < COUNT; i++) {
		argv[i] = (struct text){controls, LENGTH};
	}
	start(ASK_TUI, NULL);
	struct request *request = run_with(argv, COUNT);
	struct protocol_question question = stage_await_question(&stage.front_end);
	const struct protocol_action *action = &question.actions[0];
	cr_assert(gt(sz, action->argc, 0));
	cr_expect(text_ends_with(action->argv[action->argc - 1], " bytes more)"));
	cr_expect(eq(sz, question.rungs[0].rule_count, 0));
	stage_answer(&stage.front_end, question.id, VERDICT_ALLOW, SCOPE_SESSION);
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	answer(question.id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	protocol_question_finish(&question);
	end();
}

Test(question, a_flood_of_long_questions_loses_nobody)
{
	enum { LENGTH = 60 << 10, COUNT = 200 };
	static char arguments[COUNT][LENGTH];
	static struct text argv[COUNT];
	start(ASK_TUI, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		memset(arguments[i], '\x01', LENGTH);
		(void)snprintf(arguments[i], LENGTH, "%zu", i);
		argv[i] = (struct text){arguments[i], LENGTH};
		fake_wait_held(run_with(&argv[i], 1));
	}
	for (size_t i = 0; i < COUNT; i++) {
		(void)await_question();
	}
	end();
}

/* Equal ones are one question, but each holds descriptors of its own. */
Test(question, held_calls_leave_descriptors_for_others)
{
	enum { FILES = 400, HELD = FILES / 8 };
	const struct rlimit limit = {FILES, FILES};
	struct request *request = NULL;
	start(ASK_TUI, NULL);
	cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &limit), 0));
	for (int i = 0; i <= HELD; i++) {
		request = fake_request(agent, VERB_READ, "/x");
	}
	struct answer refused = fake_wait_answer(request);
	cr_expect(eq(int, refused.kind, ANSWER_DENY));
	cr_expect(eq(int, refused.error, EAGAIN));
	end();
}

Test(question, a_rule_from_elsewhere_releases_what_it_covers)
{
	start(ASK_TUI, NULL);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	(void)await_question();
	struct error err = {0};
	struct db *db = db_open(stage.database, DB_WRITE, &err);
	const struct rule_record rule = {
		.text = text_of("allow read /x"),
		.origin = ORIGIN_PERSON,
		.scope = SCOPE_ALWAYS,
	};
	int64_t id;
	cr_assert(db_rule_add(db, &rule, &id, &err), "%s", err.text);
	db_close(db);
	struct protocol_message message =
		stage_await(&stage.front_end, "question_answered");
	struct protocol_question_end seen;
	cr_assert(protocol_question_end_read(message.body, &seen));
	cr_expect(eq(int, seen.end, QUESTION_RULED));
	protocol_question_end_finish(&seen);
	protocol_message_finish(&message);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	end();
}

Test(question, says_how_often_it_was_answered_and_what_a_rung_would_cover)
{
	start(ASK_TUI, "allow read /d/free\n");
	struct request *request = fake_request(agent, VERB_READ, "/d/free");
	(void)fake_wait_answer(request);
	request = fake_request(agent, VERB_READ, "/d/x");
	answer(await_question(), VERDICT_DENY, SCOPE_ONCE);
	(void)fake_wait_answer(request);
	/* What was recorded is read once it is on the disk. */
	int64_t decided = 0;
	struct protocol_question question = {0};
	for (int i = 0; i < 100 && decided < 1; i++) {
		request = fake_request(agent, VERB_READ, "/d/x");
		int64_t id = await_question();
		do {
			await_change(&question);
		} while (question.id != id || question.decided < 0);
		decided = question.decided;
		answer(id, VERDICT_DENY, SCOPE_ONCE);
		(void)fake_wait_answer(request);
	}
	cr_expect(decided >= 1);
	cr_expect(question.rungs[0].events >= 0);
	const struct protocol_rung *last = &question.rungs[question.rung_count - 1];
	cr_expect(last->events >= question.rungs[0].events);
	protocol_question_finish(&question);
	end();
}

static void make_file(const char *name)
{
	FILE *file = fopen(stage_path(&stage, name), "we");
	cr_assert_not_null(file);
	(void)fclose(file);
}

Test(question, says_how_many_files_a_rung_would_cover)
{
	struct protocol_question question = {.rungs = NULL};
	start(ASK_TUI, NULL);
	cr_assert(zero(int, mkdir(stage_path(&stage, "src"), 0700)));
	make_file("src/one.c");
	make_file("src/two.c");
	make_file("src/.env");
	struct request *request =
		fake_request(agent, VERB_READ, stage_path(&stage, "src/one.c"));
	int64_t id = await_question();
	do {
		await_change(&question);
	} while (question.rungs[0].files < 0);
	cr_assert(ge(sz, question.rung_count, 3));
	cr_expect(eq(i64, question.rungs[0].files, 0));
	cr_expect(eq(i64, question.rungs[1].files, 1)); /* of this kind */
	cr_expect(eq(i64, question.rungs[2].files, 2)); /* in this folder */
	cr_expect(eq(i64, question.rungs[2].sensitive, 1));
	cr_assert(eq(sz, question.rungs[2].sensitive_name_count, 1));
	cr_expect(eq(str, (char *)question.rungs[2].sensitive_names[0].bytes,
		(char *)stage_path(&stage, "src/.env")));
	cr_expect(not(question.rungs[2].has_more_files));
	protocol_question_finish(&question);
	answer(id, VERDICT_DENY, SCOPE_ONCE);
	(void)fake_wait_answer(request);
	end();
}

Test(question, a_moved_folder_with_other_rules_in_it_is_allowed_once_only)
{
	start(ASK_TUI, "allow any /w/**\nask read /w/a/secret\nallow any /free/**\n");
	struct request *move = fake_request_make(agent, "rename", VERB_DELETE, "/w/a");
	move->actions[0].is_folder = true;
	fake_request_add(move, VERB_WRITE, "/free/a", true);
	fake_push(move);
	int64_t id = await_question();
	stage_answer(&stage.front_end, id, VERDICT_ALLOW, SCOPE_ALWAYS);
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	answer(id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(move).kind, ANSWER_ALLOW));
	end();
}
