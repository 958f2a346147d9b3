/* SPDX-License-Identifier: MIT */
#include "session/protocol.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(protocol, .timeout = 60);

static struct text text_with(const char *bytes, size_t length)
{
	return (struct text){bytes, length};
}

static void expect_text_survives(struct text text)
{
	json_t *value = protocol_text(text);
	struct text back = protocol_text_read(value);
	cr_assert(ne(ptr, (void *)back.bytes, NULL));
	cr_expect(text_equal(text, back));
	free((void *)back.bytes);
	json_decref(value);
}

Test(protocol, any_bytes_survive_as_text)
{
	char all[256];
	for (int i = 0; i < 256; i++) {
		all[i] = (char)i;
	}
	expect_text_survives(text_of(""));
	expect_text_survives(text_of("plain"));
	expect_text_survives(text_of("ünï\u202e"));
	expect_text_survives(text_with("a\0b", 3));
	for (size_t length = 1; length <= 256; length++) {
		expect_text_survives(text_with(all, length));
		expect_text_survives(text_with(all + 256 - length, length));
	}
}

Test(protocol, what_is_no_text_is_refused)
{
	static const char *const cases[] = {"7", "null", "[]", "{}", "{\"b64\":7}",
		"{\"b64\":\"a!\"}", "{\"b64\":\"a=b\"}", "true"};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value = json_loads(cases[i], JSON_DECODE_ANY, NULL);
		cr_expect(eq(ptr, (void *)protocol_text_read(value).bytes, NULL), "%s",
			cases[i]);
		json_decref(value);
	}
}

static enum protocol_result next_of(struct protocol_stream *stream, const char *bytes,
	struct protocol_message *message)
{
	protocol_stream_feed(stream, bytes, strlen(bytes));
	return protocol_stream_next(stream, message, NULL);
}

Test(protocol, messages_come_in_any_pieces)
{
	struct protocol_stream stream = {.fd = -1};
	struct protocol_message message;
	const char bytes[] = "{\"type\":\"a\"}\n{\"type\":\"input\",\"length\":3}\nx\ny"
			     "{\"type\":\"b\"}\n";
	const char *const types[] = {"a", "input", "b"};
	size_t count = 0;
	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		protocol_stream_feed(&stream, bytes + i, 1);
		while (protocol_stream_next(&stream, &message, NULL) ==
			PROTOCOL_MESSAGE) {
			cr_assert(count < 3);
			cr_expect(eq(str, (char *)message.type, (char *)types[count]));
			if (count == 1) {
				cr_expect(text_equal_string(message.raw, "x\ny"));
			}
			count++;
			protocol_message_finish(&message);
		}
	}
	cr_expect(eq(sz, count, 3));
	protocol_stream_finish(&stream);
}

Test(protocol, what_is_no_message_breaks_the_protocol)
{
	static const char *const cases[] = {"\n", "x\n", "[]\n", "{}\n",
		"{\"type\":7}\n", "{\"type\":\"a\"", "{\"type\":\"a\"}}\n",
		"{\"type\":\"a\",\"type\":\"b\"}\n", "{\"type\":\"input\"}\n",
		"{\"type\":\"input\",\"length\":-1}\n",
		"{\"type\":\"input\",\"length\":1.5}\n",
		"{\"type\":\"input\",\"length\":1048577}\n",
		"{\"type\":\"a\\u0000\"}\n"};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct protocol_stream stream = {.fd = -1};
		struct protocol_message message;
		enum protocol_result want = strchr(cases[i], '\n') != NULL
						    ? PROTOCOL_INVALID
						    : PROTOCOL_NONE;
		cr_expect(eq(int, next_of(&stream, cases[i], &message), want), "%s",
			cases[i]);
		protocol_stream_finish(&stream);
	}
}

Test(protocol, a_line_without_end_is_refused_at_the_limit)
{
	struct protocol_stream stream = {.fd = -1};
	struct protocol_message message;
	char bytes[4096];
	memset(bytes, 'x', sizeof(bytes));
	enum protocol_result result = PROTOCOL_NONE;
	size_t fed = 0;
	while (result == PROTOCOL_NONE && fed < 2 * PROTOCOL_LINE_MAX) {
		protocol_stream_feed(&stream, bytes, sizeof(bytes));
		fed += sizeof(bytes);
		result = protocol_stream_next(&stream, &message, NULL);
	}
	cr_expect(eq(int, result, PROTOCOL_INVALID));
	cr_expect(eq(sz, fed, PROTOCOL_LINE_MAX));
	protocol_stream_finish(&stream);
}

Test(protocol, who_is_too_far_behind_is_dropped)
{
	int pair[2];
	struct protocol_stream stream;
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	protocol_stream_init(&stream, pair[0]);
	char *bytes = calloc(1, PROTOCOL_RAW_MAX);
	size_t sent = 0;
	while (!stream.is_closed && sent < 20) {
		protocol_stream_send_raw(
			&stream, protocol_new("output"), bytes, PROTOCOL_RAW_MAX);
		protocol_stream_flush(&stream);
		sent++;
	}
	cr_expect(stream.is_closed);
	cr_expect(sent >= 8 && sent <= 11, "%zu", sent);
	free(bytes);
	protocol_stream_finish(&stream);
	close(pair[1]);
}

Test(protocol, what_was_sent_before_closing_still_counts)
{
	int pair[2];
	struct protocol_stream a;
	struct protocol_stream b;
	struct protocol_message message;
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	protocol_stream_init(&a, pair[0]);
	protocol_stream_init(&b, pair[1]);
	protocol_stream_send_raw(&a, protocol_new("output"), "hello", 5);
	protocol_stream_flush(&a);
	cr_expect(eq(sz, protocol_stream_unsent(&a), 0));
	protocol_stream_finish(&a);
	protocol_stream_receive(&b);
	cr_expect(b.is_closed);
	cr_assert(eq(int, protocol_stream_next(&b, &message, NULL), PROTOCOL_MESSAGE));
	cr_expect(text_equal_string(message.raw, "hello"));
	protocol_message_finish(&message);
	protocol_stream_finish(&b);
}

Test(protocol, a_question_survives)
{
	struct text argv[] = {text_of("git"), text_with("\xff", 1)};
	struct text rules[] = {text_of("exec /usr/bin/git push")};
	struct protocol_action action = {.verb = VERB_EXEC,
		.object = text_of("/usr/bin/git"),
		.asked_as = text_of("git"),
		.argv = argv,
		.argc = 2,
		.danger = text_of("it leaves the machine"),
		.rule = text_of("ask exec *"),
		.source = text_of("profile base:1")};
	struct protocol_program chain = {.pid = 7,
		.program = text_of("/bin/sh"),
		.script = text_of("/x.sh"),
		.argv = argv,
		.argc = 2};
	struct protocol_rung rung = {.label = text_of("this command"),
		.rules = rules,
		.rule_count = 1,
		.events = 12,
		.files = 10000,
		.has_more_files = true,
		.sensitive = 7,
		.sensitive_names = rules,
		.sensitive_name_count = 1};
	const struct protocol_question question = {.id = 3,
		.actions = &action,
		.action_count = 1,
		.chain = &chain,
		.chain_count = 1,
		.tid = 8,
		.folder = text_of("/tmp"),
		.opened = 1700000000000,
		.waiting = 2,
		.asked = 1,
		.decided = -1,
		.code = argv,
		.code_count = 1,
		.python = argv,
		.python_count = 1,
		.mcp = text_of("files/read"),
		.vectors = argv,
		.vector_count = 1,
		.rungs = &rung,
		.rung_count = 1};
	struct protocol_question back;
	json_t *body = protocol_question_write(&question, "question_opened");
	cr_assert(protocol_question_read(body, &back));
	json_t *again = protocol_question_write(&back, "question_opened");
	cr_expect(json_equal(body, again));
	json_decref(again);
	json_decref(body);
	protocol_question_finish(&back);
}

Test(protocol, an_answer_survives)
{
	struct text rules[] = {text_of("read ~/x")};
	const struct protocol_answer answer = {.request = 4,
		.question = 3,
		.verdict = VERDICT_DENY,
		.scope = SCOPE_PROJECT,
		.until = 1800000000,
		.rung = 2,
		.rules = rules,
		.rule_count = 1,
		.message = text_of("no"),
		.note = text_of("why")};
	struct protocol_answer back;
	json_t *body = protocol_answer_write(&answer);
	cr_assert(protocol_answer_read(body, &back));
	json_t *again = protocol_answer_write(&back);
	cr_expect(json_equal(body, again));
	json_decref(again);
	json_decref(body);
	protocol_answer_finish(&back);
}

Test(protocol, an_answer_that_is_none_is_refused)
{
	static const char *const cases[] = {"{}", "{\"verdict\":\"ask\"}",
		"{\"verdict\":\"forbid\"}",
		"{\"verdict\":\"allow\",\"scope\":\"ever\"}",
		"{\"verdict\":\"allow\",\"until\":-1}",
		"{\"verdict\":\"allow\",\"rung\":-1}",
		"{\"verdict\":\"allow\",\"rules\":7}",
		"{\"verdict\":\"allow\",\"rules\":[7]}",
		"{\"verdict\":\"allow\",\"message\":[]}",
		"{\"verdict\":\"allow\",\"rung\":99999999999}"};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct protocol_answer answer;
		json_t *body = json_loads(cases[i], 0, NULL);
		cr_expect(not(protocol_answer_read(body, &answer)), "%s", cases[i]);
		json_decref(body);
	}
}

Test(protocol, an_event_and_a_list_of_processes_survive)
{
	const struct protocol_event event = {.seq = 1,
		.time = 2,
		.pid = 3,
		.tid = 4,
		.program = text_of("/p"),
		.verb = VERB_READ,
		.object = text_with("/\xfe", 2),
		.asked_as = text_of("x"),
		.syscall = text_of("openat"),
		.verdict = VERDICT_ALLOW,
		.by = text_of("rule:7"),
		.rule = 7,
		.question = 3,
		.mcp = text_of("[]"),
		.waited = 5,
		.error = 13};
	struct protocol_event event_back;
	json_t *body = protocol_event_write(&event);
	cr_assert(protocol_event_read(body, &event_back));
	json_t *again = protocol_event_write(&event_back);
	cr_expect(json_equal(body, again));
	json_decref(body);
	json_decref(again);
	protocol_event_finish(&event_back);

	struct text argv[] = {text_of("sh"), text_of("-c")};
	struct protocol_process process = {.pid = 2,
		.parent = 1,
		.program = text_of("/bin/sh"),
		.argv = argv,
		.argc = 2,
		.judged = 8,
		.denied = 1};
	const struct protocol_processes list = {.processes = &process, .count = 1};
	struct protocol_processes list_back;
	body = protocol_processes_write(&list);
	cr_assert(protocol_processes_read(body, &list_back));
	again = protocol_processes_write(&list_back);
	cr_expect(json_equal(body, again));
	json_decref(body);
	json_decref(again);
	protocol_processes_finish(&list_back);
}

Test(protocol, a_socket_folder_that_others_can_reach_is_refused)
{
	char folder[] = "/tmp/test-protocol-XXXXXX";
	char path[256];
	char own[64];
	struct error err = {0};
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	setenv("XDG_RUNTIME_DIR", folder, 1);
	cr_expect(protocol_socket_path("/x.db", 1, path, sizeof(path), &err));
	snprintf(own, sizeof(own), "%s/duenna", folder);
	cr_assert(eq(int, chmod(own, 0755), 0));
	cr_expect(not(protocol_socket_path("/x.db", 1, path, sizeof(path), &err)));
	cr_expect(eq(int, err.code, ERROR_REFUSED));
	cr_expect(eq(int, protocol_socket_connect("/x.db", 1, &err), -1));
	rmdir(own);
	rmdir(folder);
}

Test(protocol, databases_have_sockets_of_their_own)
{
	char folder[] = "/tmp/test-protocol-XXXXXX";
	char a[256];
	char b[256];
	struct error err = {0};
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	setenv("XDG_RUNTIME_DIR", folder, 1);
	cr_assert(protocol_socket_path("/a.db", 1, a, sizeof(a), &err));
	cr_assert(protocol_socket_path("/b.db", 1, b, sizeof(b), &err));
	cr_expect(ne(str, a, b));
	cr_expect(eq(int, protocol_socket_connect("/a.db", 1, &err), -1));
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	snprintf(a, sizeof(a), "%s/duenna", folder);
	rmdir(a);
	rmdir(folder);
}
