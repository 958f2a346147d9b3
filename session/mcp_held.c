/* SPDX-License-Identifier: MIT */
/*
 * Messages that are judged: each is a request without a system call, which goes the way
 * of any other through rules, questions and the record.
 */
#include "base/xalloc.h"
#include "session/mcp_server.h"
#include "session/mcp_tools.h"
#include "session/supervisor.h"

#include <errno.h>
#include <stdlib.h>

void mcp_say(struct mcp_server *server, enum mcp_direction direction, struct text line)
{
	mcp_relay_say(&server->relay, direction, line);
	/* The last one may lack its end where the sender has gone. */
	if (line.length > 0 && line.bytes[line.length - 1] != '\n') {
		mcp_relay_say(&server->relay, direction, text_of("\n"));
	}
}

void mcp_say_refused(struct mcp_server *server, json_t *id, const char *reason)
{
	char *line = mcp_error_line(id, reason);

	mcp_say(server, MCP_TO_CLIENT, text_of(line));
	free(line);
}

struct mcp_held *mcp_held_create(struct mcp_server *server,
	const struct mcp_message *message, enum mcp_held_kind kind, struct text line)
{
	struct mcp_held *held = xcalloc(1, sizeof(*held));

	held->kind = kind;
	held->server = server;
	held->id = message->id ? xstrdup(message->id) : NULL;
	held->json_id = json_incref(json_object_get(message->body, "id"));
	held->line = text_copy(line);
	held->length = line.length;
	return held;
}

void mcp_held_free(struct mcp_held *held)
{
	json_decref(held->json_id);
	mcp_arguments_finish(&held->arguments);
	mcp_pins_free(held->pins);
	free(held->object);
	free(held->tool);
	free(held->id);
	free(held->line);
	free(held);
}

struct mcp_held *mcp_held_find(
	const struct mcp_server *server, enum mcp_held_kind kind, const char *id)
{
	struct mcp_held *held = server->held;

	while (held && !(held->kind == kind && held->id && strcmp(held->id, id) == 0)) {
		held = held->next;
	}
	return held;
}

/*
 * Who is asking: the client, which started the server. Where that is not of the tree, or
 * gone, the server itself. NULL: nobody is left.
 */
static struct process *asking_process(const struct mcp_server *server)
{
	if (server->members == 0) {
		return NULL;
	}
	for (struct process *process = server->root->parent; process;
		process = process->parent) {
		if (process_state_of(process)) {
			return process;
		}
	}
	return process_state_of(server->root) ? server->root : NULL;
}

static void held_add(struct mcp_held *held)
{
	struct mcp_held **end = &held->server->held;

	while (*end) {
		end = &(*end)->next;
	}
	*end = held;
	held->server->held_count++;
	held->server->held_bytes += held->length;
}

static void held_remove(struct mcp_held *held)
{
	struct mcp_held **link = &held->server->held;

	while (*link != held) {
		link = &(*link)->next;
	}
	*link = held->next;
	held->server->held_count--;
	held->server->held_bytes -= held->length;
	mcp_held_free(held);
}

void mcp_judge(
	struct supervisor *supervisor, struct mcp_server *server, struct mcp_held *held)
{
	struct request *request = &held->request;
	struct process *process = asking_process(server);

	if (!process) {
		mcp_say_refused(server, held->json_id, "Duenna: the server has ended");
		mcp_held_free(held);
		return;
	}
	request->process = process;
	request->tid = process->pid;
	request->syscall = -1;
	request->syscall_name =
		held->kind == MCP_HELD_TOOLS ? "tools/list" : "tools/call";
	request->actions[0] = (struct action){
		.verb = VERB_MCP,
		.object = text_of(held->object),
		.argv = held->arguments.shown,
		.argc = held->arguments.count,
		.recorded_argv = held->arguments.recorded,
	};
	request->action_count = 1;
	held_add(held);
	supervisor_request(supervisor, request);
}

/* As they are recorded, without secrets. */
static char *arguments_dump(const struct mcp_arguments *arguments)
{
	const struct text *texts = mcp_arguments_masked(arguments);
	json_t *array = json_array();

	for (size_t i = 0; i < arguments->count; i++) {
		json_array_append_new(
			array, json_stringn(texts[i].bytes, texts[i].length));
	}
	char *json = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return json;
}

static void call_pass(struct supervisor *supervisor, struct mcp_held *held)
{
	struct mcp_server *server = held->server;
	char *json = arguments_dump(&held->arguments);
	const struct mcp_record record = {
		.time = clock_wall(&supervisor->clock, clock_monotonic()),
		.process = (int64_t)held->request.user[REQUEST_IMAGE],
		.server = text_of(server->name),
		.tool = text_of(held->tool),
		.arguments = text_of(json),
	};
	struct mcp_call call = {
		.id = xstrdup(held->id),
		.json_id = json_incref(held->json_id),
		.tool = xstrdup(held->tool),
		.arguments = mcp_arguments_copy(&held->arguments),
		.number = recorder_mcp_call(supervisor->recorder, &record),
	};
	bool has_begun = mcp_calls_begin(&server->calls, call);
	invariant(has_begun); /* looked at before it was judged, and when it was held */
	mcp_server_changed(server);
	mcp_say(server, MCP_TO_SERVER, (struct text){held->line, held->length});
	free(json);
}

static void held_refuse(struct supervisor *supervisor, struct mcp_held *held)
{
	const struct request *request = &held->request;
	char *line = denial_line_format(
		&supervisor->places, request, request_judged(request));

	line[strcspn(line, "\n")] = '\0';
	mcp_say_refused(held->server, held->json_id, line);
	free(line);
}

static bool is_full(const struct mcp_server *server)
{
	return server->calls.count >= MCP_IN_FLIGHT_MAX;
}

void mcp_answer(struct supervisor *supervisor, struct request *request, bool is_allowed)
{
	struct mcp_held *held = (struct mcp_held *)request;
	struct mcp_server *server = held->server;
	int error = 0;

	if (!is_allowed) {
		held_refuse(supervisor, held);
		error = request_judged(request)->error;
	} else if (held->kind == MCP_HELD_TOOLS) {
		mcp_tools_pin(supervisor, server, held->pins);
		mcp_say(server, MCP_TO_CLIENT, (struct text){held->line, held->length});
	} else if (is_full(server)) {
		mcp_say_refused(server, held->json_id,
			"Duenna: too many tools are called at once");
		error = EAGAIN;
	} else {
		call_pass(supervisor, held);
	}
	supervisor_request_gone(supervisor, request, error, 0);
	held_remove(held);
	if (!server->is_taking) {
		mcp_server_settle(supervisor, server);
	}
}

void mcp_held_give_up(struct supervisor *supervisor, struct mcp_held *held)
{
	if (request_waiter(&held->request)) {
		question_interrupt(supervisor, &held->request);
	}
	held_remove(held);
}

void mcp_held_withdraw(struct supervisor *supervisor, struct mcp_server *server,
	const struct process *process)
{
	struct mcp_held *next;

	for (struct mcp_held *held = server->held; held; held = next) {
		next = held->next;
		if (!process || held->request.process == process) {
			mcp_say_refused(server, held->json_id,
				"Duenna: whoever asked for it has ended");
			mcp_held_give_up(supervisor, held);
		}
	}
}

bool mcp_must_ask(const struct request *request, struct text rule)
{
	static const char list[] = "/tools/list";
	const struct mcp_held *held = (const struct mcp_held *)request;

	return mcp_is_message(request) && held->kind == MCP_HELD_TOOLS &&
	       rule.length > 0 &&
	       !memmem(rule.bytes, rule.length, list, sizeof(list) - 1);
}
