/* SPDX-License-Identifier: MIT */
/* What the line prompt says to the session, and what the session says to it. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/line_front_end.h"

#include <inttypes.h>
#include <stdlib.h>

static void send_message(struct line_front_end *front, json_t *body)
{
	protocol_stream_send(&front->stream, body);
	protocol_stream_flush(&front->stream);
}

void line_say_hello(struct line_front_end *front)
{
	struct protocol_client client = {
		.protocol = PROTOCOL_VERSION,
		.client = text_of(front->options.client),
		.is_front_end = true,
		.wants_output = true,
	};

	tty_size(&front->tty, &client.rows, &client.columns);
	send_message(front, protocol_client_write(&client));
}

void line_send_window(struct line_front_end *front, uint16_t rows, uint16_t columns)
{
	json_t *body = protocol_new("window");

	(void)json_object_set_new(body, "rows", json_integer(rows));
	(void)json_object_set_new(body, "columns", json_integer(columns));
	send_message(front, body);
}

void line_send_input(struct line_front_end *front, const void *bytes, size_t length)
{
	protocol_stream_send_raw(&front->stream, protocol_new("input"), bytes, length);
	protocol_stream_flush(&front->stream);
}

void line_send_answer(struct line_front_end *front)
{
	const size_t count = front->dialogue.rule_count;
	struct text *texts = xcalloc(count + 1, sizeof(*texts));
	struct protocol_answer answer = dialogue_answer(&front->dialogue, texts);

	answer.request = ++front->request;
	front->awaited = REQUEST_ANSWER;
	send_message(front, protocol_answer_write(&answer));
	free(texts);
}

void line_send_request(
	struct line_front_end *front, enum line_request request, int64_t pid)
{
	static const char *const types[] = {
		[REQUEST_NONE] = "",
		[REQUEST_ANSWER] = "answer",
		[REQUEST_KILL] = "kill",
		[REQUEST_PAUSE] = "pause",
		[REQUEST_RESUME] = "resume",
		[REQUEST_UNDO] = "undo",
	};
	json_t *body = protocol_new(types[request]);

	front->awaited = request;
	(void)json_object_set_new(body, "request", json_integer(++front->request));
	if (request == REQUEST_KILL) {
		(void)json_object_set_new(body, "pid", json_integer(pid));
	}
	send_message(front, body);
}

/* ---- From the session ---- */

static void take_hello(
	struct line_front_end *front, const struct protocol_message *message)
{
	struct protocol_hello hello = {0};

	if (front->state != LINE_STARTING ||
		!protocol_hello_read(message->body, &hello)) {
		return;
	}
	front->project = text_copy(hello.project);
	front->dialogue.project = text_of(front->project);
	front->is_paused = hello.state == SESSION_PAUSED;
	lines_add(&front->lines,
		"duenna: session %" PRId64
		". Its questions begin with the word %s, which "
		"no program in it can know.",
		hello.session, front->word);
	protocol_hello_finish(&hello);
	line_write(front);
	line_settle(front);
}

static void take_state(
	struct line_front_end *front, const struct protocol_message *message)
{
	const char *state = json_string_value(json_object_get(message->body, "state"));

	if (state == NULL) {
		return;
	}
	front->is_paused = strcmp(state, "paused") == 0;
	front->dialogue.is_paused = front->is_paused;
	const bool only_paused =
		front->current == 0 &&
		(front->state == LINE_ASKING || front->state == LINE_ARMING);
	if ((front->is_paused && front->state == LINE_RELAYING) ||
		(!front->is_paused && only_paused)) {
		line_settle(front);
	}
}

static void take_question(
	struct line_front_end *front, const struct protocol_message *message)
{
	struct protocol_question question = {0};

	if (!protocol_question_read(message->body, &question)) {
		return;
	}
	const int64_t id = question.id;
	const struct protocol_question *known = questions_find(&front->questions, id);
	const bool is_offer =
		known != NULL && known->offer.length == 0 && question.offer.length > 0;
	const enum questions_change change =
		questions_take(&front->questions, &question);
	protocol_question_finish(&question);
	if (change == QUESTIONS_COUNTED && is_offer && id == front->current) {
		line_question_offered(front);
	} else if (change == QUESTIONS_ALTERED && id == front->current) {
		line_question_altered(front);
	} else if (front->state == LINE_RELAYING || front->state == LINE_DISARMING) {
		line_settle(front);
	}
}

static const char *end_reason(const struct protocol_question_end *end)
{
	const bool is_allowed = end->verdict == VERDICT_ALLOW;

	switch (end->end) {
	case QUESTION_WITHDRAWN:
		return "withdrawn: nobody waits for it any more";
	case QUESTION_ANSWERED:
		return is_allowed ? "allowed elsewhere" : "denied elsewhere";
	case QUESTION_RULED:
		return is_allowed ? "allowed by a rule that was added"
				  : "denied by a rule that was added";
	case QUESTION_HEADLESS:
		break;
	}
	return "denied, because nobody was there to answer";
}

static void take_question_end(
	struct line_front_end *front, const struct protocol_message *message)
{
	struct protocol_question_end end = {0};

	if (!protocol_question_end_read(message->body, &end)) {
		return;
	}
	if (end.question == front->current && front->current != 0) {
		line_question_gone(front, end_reason(&end));
	}
	questions_remove(&front->questions, end.question);
	protocol_question_end_finish(&end);
}

static void take_reply(
	struct line_front_end *front, const struct protocol_message *message)
{
	const json_t *request = json_object_get(message->body, "request");
	const json_t *rules = json_object_get(message->body, "rules");

	if (front->awaited == REQUEST_NONE ||
		json_integer_value(request) != front->request) {
		return;
	}
	struct text error = protocol_text_read(json_object_get(message->body, "error"));
	line_replied(front, json_is_true(json_object_get(message->body, "ok")), error,
		json_integer_value(json_array_get(rules, 0)));
	free((void *)(uintptr_t)error.bytes); /* owned, as protocol_text_read says */
}

static void take_notice(
	struct line_front_end *front, const struct protocol_message *message)
{
	struct text text = protocol_text_read(json_object_get(message->body, "text"));

	if (text.length == 0) {
		free((void *)(uintptr_t)text.bytes);
		return;
	}
	char *safe = escape_copy(text);
	char *all = xasprintf("%s%s: %s\n",
		front->notices != NULL ? front->notices : "", front->word, safe);
	free(front->notices);
	front->notices = all;
	free(safe);
	free((void *)(uintptr_t)text.bytes);
	line_notice(front);
}

static void take_end(
	struct line_front_end *front, const struct protocol_message *message)
{
	front->status =
		(int)json_integer_value(json_object_get(message->body, "status"));
	front->state = LINE_OVER;
	take_notice(front, message);
}

static void take_output(
	struct line_front_end *front, const struct protocol_message *message)
{
	line_output(front, message->raw);
}

typedef void take_fn(
	struct line_front_end *front, const struct protocol_message *message);

static const struct {
	const char *type;
	take_fn *take;
} takers[] = {
	{"output", take_output},
	{"question_opened", take_question},
	{"question_changed", take_question},
	{"question_withdrawn", take_question_end},
	{"question_answered", take_question_end},
	{"reply", take_reply},
	{"state", take_state},
	{"notice", take_notice},
	{"hello", take_hello},
	{"end", take_end},
};

static void take_message(
	struct line_front_end *front, const struct protocol_message *message)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (strcmp(message->type, takers[i].type) == 0) {
			takers[i].take(front, message);
			return;
		}
	}
	/* Types that are not known are of a newer session. */
}

bool line_receive(struct line_front_end *front, struct error *err)
{
	while (front->state != LINE_OVER) {
		struct protocol_message message = {0};
		switch (protocol_stream_next(&front->stream, &message, err)) {
		case PROTOCOL_NONE:
			return true;
		case PROTOCOL_INVALID:
			return false;
		case PROTOCOL_MESSAGE:
			take_message(front, &message);
			protocol_message_finish(&message);
			break;
		}
	}
	return true;
}
