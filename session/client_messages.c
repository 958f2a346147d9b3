/* SPDX-License-Identifier: MIT */
/* What clients ask for, one function a type of message. */
#include "base/xalloc.h"
#include "session/answer.h"
#include "session/protocol_fields.h"
#include "session/supervisor.h"

#include <stdlib.h>

#ifndef DUENNA_VERSION
#define DUENNA_VERSION "0.1.0"
#endif

/* A request that is being handled. */
struct handling {
	struct supervisor *supervisor;
	struct client *client;
	const struct protocol_message *message;
	int64_t request;
};

static void reply(const struct handling *handling, const struct error *err)
{
	clients_reply(handling->supervisor, handling->client->id, handling->request,
		NULL, err);
}

static struct text *session_argv(char *const *argv, size_t *argc)
{
	enum { SHOWN_MAX = 256 };
	*argc = 0;
	while (argv[*argc] != NULL && *argc < SHOWN_MAX) {
		(*argc)++;
	}
	struct text *texts = xcalloc(*argc + 1, sizeof(*texts));
	for (size_t i = 0; i < *argc; i++) {
		texts[i] = text_of(argv[i]);
	}
	return texts;
}

static void send_hello(struct supervisor *supervisor, struct client *client)
{
	size_t argc;
	struct text *argv = session_argv(supervisor->options->argv, &argc);
	const struct protocol_hello hello = {
		.protocol = PROTOCOL_VERSION,
		.version = text_of(DUENNA_VERSION),
		.session = supervisor->session,
		.name = text_of(supervisor->options->name),
		.pid = tracer_command_pid(supervisor->tracer),
		.argv = argv,
		.argc = argc,
		.project = text_of(supervisor->places.project),
		.folder = text_of(supervisor->places.working_folder),
		.state = supervisor->is_paused ? SESSION_PAUSED : SESSION_RUNNING,
		.has_terminal = session_has_terminal(supervisor->options),
		.started = clock_wall(&supervisor->clock, supervisor->clock.started) /
			   NANOSECONDS_PER_MS,
	};
	protocol_stream_send(&client->stream, protocol_hello_write(&hello));
	free(argv);
}

static void send_recent_output(struct supervisor *supervisor, struct client *client)
{
	struct text parts[2];
	pty_recent(supervisor, parts);
	for (size_t i = 0; client->wants_output && i < 2; i++) {
		if (parts[i].length > 0) {
			protocol_stream_send_raw(&client->stream,
				protocol_new("output"), parts[i].bytes,
				parts[i].length);
		}
	}
}

static void set_events(struct supervisor *supervisor, struct client *client, bool wants)
{
	if (wants && !client->wants_events) {
		supervisor->clients.event_watchers++;
	} else if (!wants && client->wants_events) {
		supervisor->clients.event_watchers--;
	}
	client->wants_events = wants;
}

static bool handle_hello(const struct handling *handling)
{
	struct supervisor *supervisor = handling->supervisor;
	struct client *client = handling->client;
	struct protocol_client hello;
	if (client->name != NULL ||
		!protocol_client_read(handling->message->body, &hello)) {
		return false;
	}
	client->name = text_copy(hello.client);
	client->wants_output = hello.wants_output;
	set_events(supervisor, client, hello.wants_events);
	if (hello.is_front_end) {
		client->is_front_end = true;
		client->has_focus = true;
		supervisor->clients.had_front_end = true;
	}
	send_hello(supervisor, client);
	pty_resize(supervisor, hello.rows, hello.columns);
	protocol_client_finish(&hello);
	send_recent_output(supervisor, client);
	return true; /* the open questions follow, as it reads them */
}

static bool handle_subscribe(const struct handling *handling)
{
	bool output;
	bool events;
	if (!field_get_boolean(handling->message->body, "output", &output) ||
		!field_get_boolean(handling->message->body, "events", &events)) {
		return false;
	}
	handling->client->wants_output = output;
	set_events(handling->supervisor, handling->client, events);
	return true;
}

static bool handle_window(const struct handling *handling)
{
	uint16_t rows;
	uint16_t columns;
	if (!field_get_short(handling->message->body, "rows", &rows) ||
		!field_get_short(handling->message->body, "columns", &columns)) {
		return false;
	}
	pty_resize(handling->supervisor, rows, columns);
	return true;
}

static bool handle_focus(const struct handling *handling)
{
	return field_get_boolean(
		handling->message->body, "focus", &handling->client->has_focus);
}

/* Several front ends draw the tree's terminal, but it has to answer as one. */
static bool answers_for_terminal(const struct handling *handling)
{
	const struct client *other = handling->supervisor->clients.first;
	for (; other != NULL; other = other->next) {
		if (other->is_front_end && other->wants_output &&
			other->id < handling->client->id) {
			return false;
		}
	}
	return true;
}

static bool handle_input(const struct handling *handling)
{
	bool is_reply = json_is_true(json_object_get(handling->message->body, "reply"));
	if (is_reply && !answers_for_terminal(handling)) {
		return true;
	}
	pty_type(handling->supervisor, handling->message->raw);
	return true;
}

static bool handle_answer(const struct handling *handling)
{
	struct protocol_answer answer;
	struct error err = {0};
	const struct answer_sender sender = {handling->client->id, handling->request};
	if (!protocol_answer_read(handling->message->body, &answer)) {
		error_set(&err, ERROR_SYNTAX, "the answer is not understood");
		reply(handling, &err);
		return true;
	}
	if (!answer_submit(handling->supervisor, sender, &answer, &err)) {
		reply(handling, &err);
	}
	protocol_answer_finish(&answer);
	return true;
}

static bool handle_undo(const struct handling *handling)
{
	struct error err = {0};
	const struct answer_sender sender = {handling->client->id, handling->request};
	if (!answer_undo(handling->supervisor, sender, &err)) {
		reply(handling, &err);
	}
	return true;
}

static bool set_paused(const struct handling *handling, bool paused)
{
	const struct error done = {0};
	tracer_pause_tree(handling->supervisor->tracer, paused);
	handling->supervisor->is_paused = paused;
	clients_send_state(handling->supervisor);
	reply(handling, &done);
	return true;
}

static bool handle_pause(const struct handling *handling)
{
	return set_paused(handling, true);
}

static bool handle_resume(const struct handling *handling)
{
	return set_paused(handling, false);
}

static bool handle_kill(const struct handling *handling)
{
	int64_t pid;
	struct error err = {0};
	if (!field_get_integer(handling->message->body, "pid", 0, &pid)) {
		return false;
	}
	if (pid <= 0 || pid > INT32_MAX ||
		!tracer_kill_process(handling->supervisor->tracer, (pid_t)pid)) {
		error_set(
			&err, ERROR_NOT_FOUND, "there is no such process in the tree");
	}
	reply(handling, &err);
	return true;
}

static bool handle_stop(const struct handling *handling)
{
	const struct error done = {0};
	tracer_kill_tree(handling->supervisor->tracer);
	reply(handling, &done);
	return true;
}

static bool handle_processes(const struct handling *handling)
{
	/* A message has its limits; who needs more reads the recording. */
	enum { LISTED_MAX = 1000, ARGUMENTS_BYTES_MAX = 512 };
	const struct supervisor *supervisor = handling->supervisor;
	struct protocol_processes list = {0};
	const struct process_state *state = supervisor->processes;
	list.processes = xcalloc(LISTED_MAX, sizeof(*list.processes));
	for (; state != NULL && list.count < LISTED_MAX; state = state->next) {
		const struct process *process = state->process;
		size_t room = ARGUMENTS_BYTES_MAX;
		list.processes[list.count++] = (struct protocol_process){
			.pid = process->pid,
			.parent = process->parent != NULL ? process->parent->pid : 0,
			.program = text_of(process->program),
			.argv = process->argv,
			.argc = protocol_arguments_fit(
				process->argv, process->argc, &room),
			.judged = state->judged,
			.denied = state->denied,
		};
	}
	json_t *body = protocol_processes_write(&list);
	field_set_integer(body, "request", handling->request);
	protocol_stream_send(&handling->client->stream, body);
	free(list.processes);
	return true;
}

/* The first call that waits for a question: all of them look alike. */
static struct request *question_request(struct supervisor *supervisor, int64_t number)
{
	const struct question *question = question_find(supervisor, number);
	const struct waiter *waiter = question != NULL ? question->waiters : NULL;

	while (waiter != NULL && waiter->request == NULL) {
		waiter = waiter->next;
	}
	return waiter != NULL ? waiter->request : NULL;
}

/* Taken anew: while it waits, more can be read of a thread than when it stopped. */
static bool handle_stack(const struct handling *handling)
{
	struct supervisor *supervisor = handling->supervisor;
	int64_t number;
	size_t count;

	if (!field_get_integer(handling->message->body, "question", 0, &number)) {
		return false;
	}
	struct request *request = question_request(supervisor, number);
	if (request == NULL) {
		struct error err = {0};
		error_set(&err, ERROR_NOT_FOUND, "no call waits for such a question");
		reply(handling, &err);
		return true;
	}
	struct call_stack *stack = call_stack_take(supervisor->tracer, request);
	call_stack_take_native(stack, supervisor->tracer, request);
	struct text *lines = call_stack_merged_lines(stack, &count);
	json_t *body = protocol_new("stack");
	field_set_integer(body, "request", handling->request);
	field_set_integer(body, "question", number);
	field_set_integer(body, "tid", request->tid);
	json_object_set_new(body, "stack", field_texts(lines, count));
	protocol_stream_send(&handling->client->stream, body);
	field_texts_free(lines, count);
	call_stack_release(stack);
	return true;
}

static bool handle_detach(const struct handling *handling)
{
	handling->client->is_leaving = true;
	handling->client->stream.is_closed = true;
	return true;
}

static const struct {
	const char *type;
	bool (*handle)(const struct handling *handling);
} handlers[] = {
	{"hello", handle_hello},
	{"subscribe", handle_subscribe},
	{"window", handle_window},
	{"focus", handle_focus},
	{"input", handle_input},
	{"answer", handle_answer},
	{"undo", handle_undo},
	{"pause", handle_pause},
	{"resume", handle_resume},
	{"kill", handle_kill},
	{"stop", handle_stop},
	{"processes", handle_processes},
	{"stack", handle_stack},
	{"detach", handle_detach},
};

bool client_message(struct supervisor *supervisor, struct client *client,
	const struct protocol_message *message)
{
	struct handling handling = {
		.supervisor = supervisor,
		.client = client,
		.message = message,
	};
	bool is_hello = strcmp(message->type, "hello") == 0;
	if ((client->name == NULL && !is_hello) ||
		!field_get_integer(message->body, "request", 0, &handling.request)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (strcmp(message->type, handlers[i].type) == 0) {
			return handlers[i].handle(&handling);
		}
	}
	return true; /* of a newer client */
}
