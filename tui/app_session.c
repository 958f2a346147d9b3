/* SPDX-License-Identifier: MIT */
/* What the front end says to the session, and what the session says to it. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_internal.h"

#include <inttypes.h>
#include <stdlib.h>

static void send_message(struct app *app, json_t *body)
{
	protocol_stream_send(&app->stream, body);
	protocol_stream_flush(&app->stream);
}

void app_say_hello(struct app *app)
{
	const struct protocol_client client = {
		.protocol = PROTOCOL_VERSION,
		.client = text_of(app->options.client),
		.is_front_end = true,
		.wants_output = true,
		.rows = (uint16_t)(app->screen.rows - 1),
		.columns = (uint16_t)app->screen.columns,
	};

	send_message(app, protocol_client_write(&client));
}

void app_send_window(struct app *app)
{
	json_t *body = protocol_new("window");

	(void)json_object_set_new(body, "rows", json_integer(app->screen.rows - 1));
	(void)json_object_set_new(body, "columns", json_integer(app->screen.columns));
	send_message(app, body);
}

void app_send_input(struct app *app, struct text bytes)
{
	if (bytes.length > 0) {
		protocol_stream_send_raw(
			&app->stream, protocol_new("input"), bytes.bytes, bytes.length);
		protocol_stream_flush(&app->stream);
	}
}

void app_send_reply(struct app *app, struct text bytes)
{
	json_t *body = protocol_new("input");

	(void)json_object_set_new(body, "reply", json_true());
	protocol_stream_send_raw(&app->stream, body, bytes.bytes, bytes.length);
	protocol_stream_flush(&app->stream);
}

void app_send_focus(struct app *app)
{
	json_t *body = protocol_new("focus");

	(void)json_object_set_new(body, "focus", json_boolean(app->has_focus));
	send_message(app, body);
}

void app_send_detach(struct app *app)
{
	send_message(app, protocol_new("detach"));
}

void app_send_events_wish(struct app *app)
{
	json_t *body = protocol_new("subscribe");

	app->has_events = true;
	(void)json_object_set_new(body, "output", json_true());
	(void)json_object_set_new(body, "events", json_true());
	send_message(app, body);
}

void app_send_answer(struct app *app, struct protocol_answer *answer)
{
	answer->request = ++app->last_request;
	app->request = answer->request;
	app->awaited = REQUEST_ANSWER;
	send_message(app, protocol_answer_write(answer));
}

void app_send_request(struct app *app, enum app_request request, int64_t pid)
{
	static const char *const types[] = {
		[REQUEST_NONE] = "",
		[REQUEST_ANSWER] = "answer",
		[REQUEST_KILL] = "kill",
		[REQUEST_PAUSE] = "pause",
		[REQUEST_RESUME] = "resume",
		[REQUEST_UNDO] = "undo",
		[REQUEST_STOP] = "stop",
		[REQUEST_PROCESSES] = "processes",
	};
	json_t *body = protocol_new(types[request]);

	(void)json_object_set_new(body, "request", json_integer(++app->last_request));
	if (request != REQUEST_PROCESSES) { /* that one is answered by its own type */
		app->awaited = request;
		app->request = app->last_request;
	}
	if (request == REQUEST_KILL) {
		(void)json_object_set_new(body, "pid", json_integer(pid));
	}
	send_message(app, body);
}

/* ---- From the session ---- */

static void take_hello(struct app *app, const struct protocol_message *message)
{
	struct protocol_hello hello = {0};

	if (app->mode != APP_STARTING || !protocol_hello_read(message->body, &hello)) {
		return;
	}
	app->session = hello.session;
	app->started = hello.started;
	app->project = text_copy(hello.project);
	app->command = hello.argc > 0 ? escape_copy(text_base_name(hello.argv[0]))
				      : xstrdup("");
	app->is_paused = hello.state == SESSION_PAUSED;
	app->mode = APP_PANE;
	app->is_dirty = true;
	protocol_hello_finish(&hello);
}

static void take_ready(struct app *app, const struct protocol_message *message)
{
	(void)message;
	/* What was asked of the terminal in all of this has its answer: none of ours. */
	pane_process(app->pane);
	app->is_ready = true;
	app_settle(app);
}

static void take_state(struct app *app, const struct protocol_message *message)
{
	enum session_state state;

	if (session_state_from_name(
		    json_string_value(json_object_get(message->body, "state")),
		    &state)) {
		app->is_paused = state == SESSION_PAUSED;
		app->is_dirty = true;
	}
}

static void take_question(struct app *app, const struct protocol_message *message)
{
	struct protocol_question question = {0};

	if (!protocol_question_read(message->body, &question)) {
		return;
	}
	const int64_t id = question.id;
	const enum questions_change change = questions_take(&app->questions, &question);
	protocol_question_finish(&question);
	app->is_dirty = true;
	switch (change) {
	case QUESTIONS_ADDED:
		app_question_added(app);
		break;
	case QUESTIONS_COUNTED:
		break;
	case QUESTIONS_ALTERED:
		app_question_altered(app, id);
		break;
	}
}

static const char *end_reason(const struct protocol_question_end *end)
{
	const bool is_allowed = end->verdict == VERDICT_ALLOW;

	switch (end->end) {
	case QUESTION_WITHDRAWN:
		return "The question was withdrawn: nobody waits for it any more.";
	case QUESTION_ANSWERED:
		return is_allowed ? "The question was allowed elsewhere."
				  : "The question was denied elsewhere.";
	case QUESTION_RULED:
		return is_allowed ? "A rule that was added allows it."
				  : "A rule that was added denies it.";
	case QUESTION_HEADLESS:
		break;
	}
	return "The question was denied, because nobody was there to answer.";
}

static void take_question_end(struct app *app, const struct protocol_message *message)
{
	struct protocol_question_end end = {0};

	if (protocol_question_end_read(message->body, &end)) {
		app_question_gone(app, end.question, end_reason(&end));
		protocol_question_end_finish(&end);
	}
}

static void free_text(struct text text)
{
	free((void *)(uintptr_t)text.bytes); /* owned, as protocol_text_read says */
}

static void take_reply(struct app *app, const struct protocol_message *message)
{
	const json_t *request = json_object_get(message->body, "request");
	const json_t *rules = json_object_get(message->body, "rules");
	const int64_t number = json_integer_value(request);
	const bool is_of_batch = app->batch_first != 0 && number >= app->batch_first &&
				 number <= app->batch_last;

	if (!is_of_batch && (app->awaited == REQUEST_NONE || number != app->request)) {
		return;
	}
	struct text error = protocol_text_read(json_object_get(message->body, "error"));
	const bool ok = json_is_true(json_object_get(message->body, "ok"));
	if (is_of_batch) {
		app_batch_replied(app, ok, error);
	} else {
		app_replied(
			app, ok, error, json_integer_value(json_array_get(rules, 0)));
	}
	free_text(error);
}

static char *message_text(const struct protocol_message *message)
{
	struct text text = protocol_text_read(json_object_get(message->body, "text"));
	char *safe = text.length > 0 ? escape_copy(text) : NULL;

	free_text(text);
	return safe;
}

static void take_notice(struct app *app, const struct protocol_message *message)
{
	char *safe = message_text(message);

	if (safe != NULL) {
		app_say(app, safe);
	}
}

static void take_processes(struct app *app, const struct protocol_message *message)
{
	struct protocol_processes processes = {0};

	if (protocol_processes_read(message->body, &processes)) {
		protocol_processes_finish(&app->processes);
		app->processes = processes;
		if (app->mode == APP_VIEW && app->view_kind == VIEW_PROCESSES) {
			app_fill_view(app);
		}
	}
}

static void take_event(struct app *app, const struct protocol_message *message)
{
	struct protocol_event event = {0};

	if (protocol_event_read(message->body, &event)) {
		app_take_event(app, &event);
		protocol_event_finish(&event);
	}
}

static void take_end(struct app *app, const struct protocol_message *message)
{
	app->end->status =
		(int)json_integer_value(json_object_get(message->body, "status"));
	free(app->end->text);
	app->end->text = message_text(message);
	app->mode = APP_OVER;
}

static void take_output(struct app *app, const struct protocol_message *message)
{
	pane_write(app->pane, message->raw);
}

/* Another front end may have set another size; what is drawn is drawn for that one. */
static void take_size(struct app *app, const struct protocol_message *message)
{
	const json_int_t rows =
		json_integer_value(json_object_get(message->body, "rows"));
	const json_int_t columns =
		json_integer_value(json_object_get(message->body, "columns"));

	if (rows > 0 && rows <= UINT16_MAX && columns > 0 && columns <= UINT16_MAX) {
		(void)werase(app->screen.pane);
		pane_resize(app->pane, (int)rows, (int)columns);
		app->is_dirty = true;
	}
}

typedef void take_fn(struct app *app, const struct protocol_message *message);

static const struct {
	const char *type;
	take_fn *take;
} takers[] = {
	{"output", take_output},
	{"event", take_event},
	{"size", take_size},
	{"question_opened", take_question},
	{"question_changed", take_question},
	{"question_withdrawn", take_question_end},
	{"question_answered", take_question_end},
	{"reply", take_reply},
	{"processes", take_processes},
	{"state", take_state},
	{"notice", take_notice},
	{"hello", take_hello},
	{"ready", take_ready},
	{"end", take_end},
};

static void take_message(struct app *app, const struct protocol_message *message)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (strcmp(message->type, takers[i].type) == 0) {
			takers[i].take(app, message);
			return;
		}
	}
	/* Types that are not known are of a newer session. */
}

bool app_receive(struct app *app, struct error *err)
{
	while (app->mode != APP_OVER) {
		struct protocol_message message = {0};
		switch (protocol_stream_next(&app->stream, &message, err)) {
		case PROTOCOL_NONE:
			return true;
		case PROTOCOL_INVALID:
			return false;
		case PROTOCOL_MESSAGE:
			take_message(app, &message);
			protocol_message_finish(&message);
			break;
		}
	}
	return true;
}
