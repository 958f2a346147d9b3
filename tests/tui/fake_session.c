/* SPDX-License-Identifier: MIT */
#include "tests/tui/fake_session.h"

#include "base/xalloc.h"
#include "tui/app.h"
#include "tui/line.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROWS = 24, COLUMNS = 80, END_STATUS = 7, FAILED = 99 };

struct front_end_start {
	int session_fd, test_fd;
	unsigned arming_ms;
};

static int run_front_end(void *argument)
{
	const struct front_end_start *start = argument;
	const struct line_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.client = "line",
		.arming_ms = start->arming_ms,
		.word = FAKE_WORD,
	};
	struct error err = {0};
	int status = 0;

	(void)close(start->test_fd);
	if (!line_front_end_run(start->session_fd, &options, &status, &err)) {
		(void)dprintf(STDOUT_FILENO, "failed: %s\r\n", err.text);
		return FAILED;
	}
	return status;
}

static void send_message(struct fake_session *fake, json_t *body)
{
	protocol_stream_send(&fake->stream, body);
	protocol_stream_flush(&fake->stream);
}

static void say_hello(struct fake_session *fake)
{
	struct text argv[] = {text_of("agent")};
	const struct protocol_hello hello = {
		.protocol = PROTOCOL_VERSION,
		.version = text_of("0"),
		.session = 3,
		.pid = 100,
		.argv = argv,
		.argc = 1,
		.project = text_of("/home/u/project"),
		.folder = text_of("/home/u/project"),
		.has_terminal = true,
	};

	send_message(fake, protocol_hello_write(&hello));
	send_message(fake, protocol_new("ready"));
}

void fake_start(struct fake_session *fake, unsigned arming_ms)
{
	int pair[2];

	*fake = (struct fake_session){0};
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0));
	struct front_end_start start = {
		.session_fd = pair[1], .test_fd = pair[0], .arming_ms = arming_ms};
	cr_assert(fake_terminal_start(
		&fake->terminal, ROWS, COLUMNS, run_front_end, &start));
	(void)close(pair[1]);
	protocol_stream_init(&fake->stream, pair[0]);
	say_hello(fake);
	cr_assert(fake_terminal_await(&fake->terminal, FAKE_WORD),
		"the word is shown at the start");
	fake_output(fake, "tree\r\n");
	cr_assert(fake_terminal_await(&fake->terminal, "tree\r\n"),
		"output of the tree is shown");
}

struct app_start {
	int session_fd, test_fd;
	struct fake_screen screen;
};

static int run_app(void *argument)
{
	const struct app_start *start = argument;
	const struct tui_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.client = "tui",
		.arming_ms = start->screen.arming_ms,
		.memory = start->screen.memory,
	};
	struct tui_end end;
	struct error err = {0};

	(void)close(start->test_fd);
	(void)setenv("TERM", start->screen.term, 1);
	(void)unsetenv("COLORTERM");
	(void)setenv("NO_COLOR", start->screen.wants_no_colour ? "1" : "", 1);
	(void)setlocale(LC_ALL, "C.UTF-8");
	if (!tui_front_end_run(start->session_fd, &options, &end, &err)) {
		(void)dprintf(STDOUT_FILENO, "failed: %s\r\n", err.text);
		return FAILED;
	}
	free(end.text);
	free(end.left);
	return end.is_detached ? FAKE_DETACHED : end.status;
}

void fake_start_app(struct fake_session *fake, struct fake_screen screen)
{
	int pair[2];

	*fake = (struct fake_session){0};
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0));
	struct app_start start = {
		.session_fd = pair[1], .test_fd = pair[0], .screen = screen};
	cr_assert(fake_terminal_start(
		&fake->terminal, screen.rows, screen.columns, run_app, &start));
	(void)close(pair[1]);
	protocol_stream_init(&fake->stream, pair[0]);
	say_hello(fake);
	fake_output(fake, "tree\r\n");
	cr_assert(fake_terminal_await(&fake->terminal, "tree"),
		"output of the tree is shown");
}

void fake_send(struct fake_session *fake, json_t *body)
{
	send_message(fake, body);
}

void fake_finish(struct fake_session *fake)
{
	protocol_message_finish(&fake->message);
	protocol_stream_finish(&fake->stream);
	free(fake->sent_input);
	fake_terminal_finish(&fake->terminal);
}

void fake_output(struct fake_session *fake, const char *bytes)
{
	protocol_stream_send_raw(
		&fake->stream, protocol_new("output"), bytes, strlen(bytes));
	protocol_stream_flush(&fake->stream);
}

static void send_question(struct fake_session *fake, int64_t id, struct text object,
	const char *type, const char *offer)
{
	struct text sed_argv[] = {text_of("sed"), text_of("-n"), text_of("1 p")};
	struct text exact[] = {text_of("read /home/u/secret/key")};
	struct text folder[] = {text_of("read /home/u/secret/*")};
	struct text tree[] = {text_of("read /home/u/secret/**")};
	struct text code[] = {
		text_of("agent.py:20 → agent.py:12 main"), text_of("12> run(tool)")};
	struct text python[] = {text_of("agent.py:12 in main")};
	struct text vectors[] = {text_of("files"), text_of("mcp")};
	struct protocol_action actions[] = {{
		.verb = VERB_READ,
		.object = object,
		.danger = text_of("this is a key"),
	}};
	struct protocol_program chain[] = {
		{.pid = 412,
			.program = text_of("/usr/bin/sed"),
			.argv = sed_argv,
			.argc = 3},
		{.pid = 400, .program = text_of("/usr/bin/bash")},
		{.pid = 100, .program = text_of("/usr/bin/agent")},
	};
	struct text sensitive[] = {text_of("/home/u/secret/.env"),
		text_of("/home/u/secret/\033]0;id_rsa")};
	struct protocol_rung rungs[] = {
		{.label = text_of("this file"),
			.rules = exact,
			.rule_count = 1,
			.events = 0,
			.files = 0},
		{.label = text_of("this folder"),
			.rules = folder,
			.rule_count = 1,
			.events = 3,
			.files = 1204,
			.sensitive = 5,
			.sensitive_names = sensitive,
			.sensitive_name_count = 2},
		{.label = text_of("everything below"),
			.rules = tree,
			.rule_count = 1,
			.events = -1,
			.files = 10000,
			.has_more_files = true},
	};
	const struct protocol_question question = {
		.id = id,
		.actions = actions,
		.action_count = 1,
		.chain = chain,
		.chain_count = 3,
		.tid = 412,
		.folder = text_of("/home/u/project"),
		.waiting = 2,
		.asked = 1,
		.decided = 4,
		.code = code,
		.code_count = 2,
		.vectors = vectors,
		.vector_count = 2,
		.python = python,
		.python_count = 1,
		.mcp = text_of("files/read_file"),
		.rungs = rungs,
		.rung_count = 3,
		.offer = text_of(offer),
		.offer_asked = offer != NULL ? 5 : 0,
	};

	send_message(fake, protocol_question_write(&question, type));
}

void fake_question(struct fake_session *fake, int64_t id, struct text object)
{
	send_question(fake, id, object, "question_opened", NULL);
}

void fake_change(struct fake_session *fake, int64_t id, struct text object)
{
	send_question(fake, id, object, "question_changed", NULL);
}

void fake_offer(
	struct fake_session *fake, int64_t id, struct text object, const char *rule)
{
	send_question(fake, id, object, "question_changed", rule);
}

void fake_question_end(struct fake_session *fake, int64_t id, enum question_end end)
{
	const struct protocol_question_end message = {
		.question = id,
		.end = end,
		.verdict = VERDICT_ALLOW,
		.scope = SCOPE_ONCE,
		.by = text_of("other"),
	};

	send_message(fake, protocol_question_end_write(&message));
}

static void keep_input(struct fake_session *fake, struct text bytes)
{
	fake->sent_input =
		xrealloc(fake->sent_input, fake->input_length + bytes.length + 1);
	memcpy(fake->sent_input + fake->input_length, bytes.bytes, bytes.length);
	fake->input_length += bytes.length;
	fake->sent_input[fake->input_length] = '\0';
}

/* The next message of any type; false if none comes. */
static bool next_message(struct fake_session *fake)
{
	struct error err = {0};

	protocol_message_finish(&fake->message);
	fake->message = (struct protocol_message){0};
	for (;;) {
		const enum protocol_result result =
			protocol_stream_next(&fake->stream, &fake->message, &err);
		cr_assert(ne(int, (int)result, (int)PROTOCOL_INVALID));
		if (result == PROTOCOL_MESSAGE) {
			return true;
		}
		struct pollfd ready = {.fd = fake->stream.fd, .events = POLLIN};
		if (fake->stream.is_closed ||
			poll(&ready, 1, FAKE_TERMINAL_WAIT_MS) <= 0) {
			return false;
		}
		protocol_stream_receive(&fake->stream);
	}
}

bool fake_await(struct fake_session *fake, const char *type)
{
	while (next_message(fake)) {
		if (strcmp(fake->message.type, "input") == 0) {
			keep_input(fake, fake->message.raw);
		}
		if (strcmp(fake->message.type, type) == 0) {
			return true;
		}
	}
	return false;
}

bool fake_await_input(struct fake_session *fake, const char *bytes)
{
	while (fake->sent_input == NULL || strstr(fake->sent_input, bytes) == NULL) {
		if (!fake_await(fake, "input")) {
			return false;
		}
	}
	return true;
}

bool fake_await_shown(struct fake_session *fake, const char *text)
{
	while (protocol_stream_unsent(&fake->stream) > 0) {
		struct pollfd ready[] = {{.fd = fake->stream.fd, .events = POLLOUT},
			{.fd = fake->terminal.master, .events = POLLIN}};
		if (poll(ready, 2, FAKE_TERMINAL_WAIT_MS) <= 0) {
			return false;
		}
		protocol_stream_flush(&fake->stream);
		if ((ready[1].revents & POLLIN) != 0) {
			fake_terminal_read(&fake->terminal);
		}
	}
	return fake_terminal_await(&fake->terminal, text);
}

int64_t fake_number(const struct fake_session *fake, const char *field)
{
	return json_integer_value(json_object_get(fake->message.body, field));
}

const char *fake_string(const struct fake_session *fake, const char *field)
{
	const char *string =
		json_string_value(json_object_get(fake->message.body, field));

	return string != NULL ? string : "";
}

const char *fake_rule(const struct fake_session *fake)
{
	const json_t *rules = json_object_get(fake->message.body, "rules");
	const char *rule = json_string_value(json_array_get(rules, 0));

	return rule != NULL ? rule : "";
}

void fake_reply(struct fake_session *fake, int64_t rule, const char *error)
{
	json_t *body = protocol_new("reply");

	(void)json_object_set_new(
		body, "request", json_integer(fake_number(fake, "request")));
	(void)json_object_set_new(body, "ok", json_boolean(error == NULL));
	if (error != NULL) {
		(void)json_object_set_new(body, "error", json_string(error));
	}
	if (rule != 0) {
		(void)json_object_set_new(
			body, "rules", json_pack("[I]", (json_int_t)rule));
	}
	send_message(fake, body);
}

void fake_state(struct fake_session *fake, const char *state)
{
	json_t *body = protocol_new("state");

	(void)json_object_set_new(body, "state", json_string(state));
	send_message(fake, body);
}

void fake_notice(struct fake_session *fake, const char *text)
{
	json_t *body = protocol_new("notice");

	(void)json_object_set_new(body, "text", json_string(text));
	send_message(fake, body);
}

void fake_end(struct fake_session *fake, int status)
{
	json_t *body = protocol_new("end");

	(void)json_object_set_new(body, "status", json_integer(status));
	send_message(fake, body);
}

void fake_expect_clean_end(struct fake_session *fake)
{
	fake_end(fake, END_STATUS);
	cr_expect(eq(int, fake_terminal_await_exit(&fake->terminal), END_STATUS));
	cr_expect(fake_terminal_is_restored(&fake->terminal),
		"the terminal is as it was");
}
