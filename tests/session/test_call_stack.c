/* SPDX-License-Identifier: MIT */
/* Rules about code: what is taken when, and what it decides, shows and records. */
#include "tests/session/stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>

TestSuite(call_stack, .timeout = 60);

static const char by_code[] = "allow connect *\nask connect * code generated\n"
			      "allow read /w/*\ndeny read /w/* code /app/plugin.py\n";

static void start(struct stage *stage, enum ask_mode ask, const char *rules)
{
	stage_init(stage, ask, rules);
	stage_start(stage);
}

static void finish(struct stage *stage)
{
	stage_end(stage);
	stage_finish(stage);
}

Test(call_stack, is_not_taken_where_no_rule_looks_at_it)
{
	struct stage stage;

	start(&stage, ASK_DENY, "allow any *\n");
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	for (int i = 0; i < 100; i++) {
		struct request *request = fake_request(process, VERB_READ, "/w/file");
		cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	}
	cr_expect(eq(uint, fake_code.taken, 0));
	finish(&stage);
}

Test(call_stack, is_taken_only_for_calls_that_it_could_decide)
{
	struct stage stage;

	fake_code.origin = CODE_FILES;
	start(&stage, ASK_DENY, by_code);
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	struct request *request = fake_request(process, VERB_CONNECT, "192.0.2.1:443");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	cr_expect(eq(uint, fake_code.taken, 1));
	finish(&stage);
}

Test(call_stack, generated_and_unknown_code_are_the_strict_case)
{
	static const struct {
		enum code_origin origin;
		enum answer_kind kind;
	} cases[] = {{CODE_NONE, ANSWER_ALLOW}, {CODE_FILES, ANSWER_ALLOW},
		{CODE_UNKNOWN, ANSWER_DENY}, {CODE_GENERATED, ANSWER_DENY}};
	struct stage stage;

	start(&stage, ASK_DENY, by_code);
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_code.origin = cases[i].origin;
		struct request *request =
			fake_request(process, VERB_CONNECT, "192.0.2.1:443");
		cr_expect(eq(int, fake_wait_answer(request).kind, cases[i].kind), "%zu",
			i);
	}
	finish(&stage);
}

Test(call_stack, files_of_frames_are_matched)
{
	struct stage stage;

	fake_code = (struct fake_code){.origin = CODE_FILES, .file = "/app/main.py"};
	start(&stage, ASK_DENY, by_code);
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	struct request *request = fake_request(process, VERB_READ, "/w/a");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	fake_code.file = "/app/plugin.py";
	request = fake_request(process, VERB_READ, "/w/a");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	finish(&stage);
}

Test(call_stack, question_shows_it_and_equal_calls_of_other_code_are_not_merged)
{
	struct stage stage;

	fake_code = (struct fake_code){.origin = CODE_GENERATED, .file = "<string>"};
	start(&stage, ASK_TUI, by_code);
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	struct request *first = fake_request(process, VERB_CONNECT, "192.0.2.1:443");
	struct protocol_question question = stage_await_question(&stage.front_end);
	cr_assert(eq(sz, question.code_count, 3));
	cr_expect(text_equal_string(question.code[0], "<generated code>:3"));
	cr_expect(text_equal_string(question.code[2], "3> os.x()"));
	cr_assert(eq(sz, question.python_count, 3));
	cr_expect(text_equal_string(
		question.python[0], "<string>:3 <module> (generated code)"));
	cr_expect(text_equal_string(question.python[1], "    1: import os"));
	cr_expect(text_equal_string(question.python[2], "    3> os.x()"));
	cr_assert(eq(sz, question.native_count, 1));
	cr_expect(text_equal_string(question.native[0], "openat+0x4 /lib/libc.so.6"));
	cr_assert(eq(sz, question.stack_count, 4));
	cr_expect(text_equal(question.stack[0], question.native[0]));
	cr_expect(text_equal(question.stack[1], question.python[0]));
	fake_code.file = "<stdin>";
	struct request *second = fake_request(process, VERB_CONNECT, "192.0.2.1:443");
	fake_wait_held(second);
	stage_answer(&stage.front_end, question.id, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(first).kind, ANSWER_ALLOW));
	cr_expect(not(fake_is_answered(second)));
	/* The rule of an answer is judged with the stack that was taken. */
	unsigned taken = fake_code.taken;
	stage_answer(&stage.front_end, question.id + 1, VERDICT_DENY, SCOPE_SESSION);
	cr_expect(eq(int, fake_wait_answer(second).kind, ANSWER_DENY));
	cr_expect(eq(uint, fake_code.taken, taken));
	protocol_question_finish(&question);
	finish(&stage);
}

static struct protocol_message ask_for_stack(struct stage *stage, int64_t question)
{
	json_t *body = protocol_new("stack");

	json_object_set_new(body, "request", json_integer(5));
	json_object_set_new(body, "question", json_integer(question));
	protocol_stream_send(&stage->front_end, body);
	protocol_stream_flush(&stage->front_end);
	return stage_await(&stage->front_end, question == 99 ? "reply" : "stack");
}

Test(call_stack, is_taken_anew_of_a_held_call)
{
	struct stage stage;

	fake_code = (struct fake_code){.origin = CODE_GENERATED, .file = "<string>"};
	start(&stage, ASK_TUI, by_code);
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	struct request *held = fake_request(process, VERB_CONNECT, "192.0.2.1:443");
	struct protocol_question question = stage_await_question(&stage.front_end);
	fake_wait_held(held);
	fake_code.file = "<changed>";
	struct protocol_message message = ask_for_stack(&stage, question.id);
	json_t *stack = json_object_get(message.body, "stack");
	cr_expect(eq(llong,
		json_integer_value(json_object_get(message.body, "request")), 5));
	cr_assert(eq(sz, json_array_size(stack), 4));
	cr_expect(eq(str, (char *)json_string_value(json_array_get(stack, 1)),
		"<changed>:3 <module> (generated code)"));
	protocol_message_finish(&message);
	message = ask_for_stack(&stage, 99);
	cr_expect(eq(ptr, json_object_get(message.body, "ok"), json_false()));
	protocol_message_finish(&message);
	stage_answer(&stage.front_end, question.id, VERDICT_DENY, SCOPE_ONCE);
	cr_expect(eq(int, fake_wait_answer(held).kind, ANSWER_DENY));
	protocol_question_finish(&question);
	finish(&stage);
}

Test(call_stack, denial_is_recorded_with_it)
{
	struct stage stage;
	struct error err = {0};
	struct event event;

	fake_code = (struct fake_code){.origin = CODE_FILES, .file = "/app/main.py"};
	start(&stage, ASK_DENY, "allow read /w/a\ndeny read /w/b\n");
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	fake_wait_answer(fake_request(process, VERB_READ, "/w/a"));
	fake_wait_answer(fake_request(process, VERB_READ, "/w/b"));
	cr_expect(eq(uint, fake_code.taken, 1));
	stage_end(&stage);

	struct db *db = db_open(stage.database, DB_READ, &err);
	const struct event_filter filter = {.session = 1};
	cr_assert(db_events_begin(db, &filter, &err));
	cr_assert(db_events_next(db, &event, &err));
	cr_expect(ne(uint, event.flags & EVENT_CODE_UNTAKEN, 0));
	cr_expect(eq(sz, event.python.length, 0));
	cr_assert(db_events_next(db, &event, &err));
	cr_expect(eq(uint, event.flags & EVENT_CODE_UNTAKEN, 0));
	cr_expect(eq(int, event.code, CODE_FILES));
	cr_expect(text_equal_string(event.python,
			  "[{\"file\":\"/app/main.py\",\"line\":3,"
			  "\"function\":\"<module>\","
			  "\"source\":\"1: import os\\n3> os.x()\"}]"),
		"%.*s", (int)event.python.length, event.python.bytes);
	cr_expect(eq(uint, event.flags & EVENT_NATIVE_UNTAKEN, 0));
	cr_expect(text_equal_string(event.native,
			  "[{\"address\":\"0x1234\",\"file\":\"/lib/libc.so.6\","
			  "\"function\":\"openat\",\"offset\":4}]"),
		"%.*s", (int)event.native.length, event.native.bytes);
	db_close(db);
	stage_finish(&stage);
}

Test(call_stack, flood_of_denials_is_recorded_mostly_without)
{
	struct stage stage;

	start(&stage, ASK_DENY, "deny read /w/b\n");
	struct process *process = fake_process_start("/usr/bin/python3", NULL);
	for (int i = 0; i < 2000; i++) {
		fake_wait_answer(fake_request(process, VERB_READ, "/w/b"));
	}
	cr_expect(le(uint, fake_code.taken, 1000));
	finish(&stage);
}
