/* SPDX-License-Identifier: MIT */
/* The lines of both sides: what they say, and what becomes of them. */
#include "base/xalloc.h"
#include "session/mcp_server.h"
#include "session/mcp_tools.h"
#include "session/supervisor.h"

#include <errno.h>
#include <stdlib.h>

enum {
	EXPECTED_MAX = 64,
	HELD_MAX = 128,
	HELD_BYTES_MAX = 4 * MCP_LINE_MAX,
	FIRST_LINE_MAX = 64 << 10, /* of what may be no server at all */
	RESULT_MAX = 4 << 10,	   /* bytes of a result that are kept */
};

#define IS_ERROR "{\"isError\":true}"

/* Recorded as refused, and the client is told. */
static void refuse(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_message *message, const char *fault)
{
	struct mcp_held *held =
		mcp_held_create(server, message, MCP_HELD_UNREADABLE, text_of(""));

	held->object = xasprintf("%s/unreadable-message", server->name);
	held->request.refused = EBADMSG;
	held->request.reason = fault;
	mcp_judge(supervisor, server, held);
}

static const char *call_fault(const struct mcp_server *server,
	const struct mcp_message *message, const json_t *parameters)
{
	const json_t *arguments = json_object_get(parameters, "arguments");

	if (message->kind != MCP_REQUEST) {
		return "a tool is called without an id";
	}
	if (!json_is_string(json_object_get(parameters, "name"))) {
		return "a tool is called without its name";
	}
	if (arguments && !json_is_object(arguments) && !json_is_null(arguments)) {
		return "a tool is called with arguments that are no object";
	}
	if (mcp_calls_has(&server->calls, message->id) ||
		mcp_held_find(server, MCP_HELD_CALL, message->id)) {
		return "a tool is called with the id of a call that still runs";
	}
	if (server->held_count >= HELD_MAX || server->held_bytes > HELD_BYTES_MAX ||
		server->calls.count >= MCP_IN_FLIGHT_MAX) {
		return "too many tools are called at once";
	}
	return NULL;
}

static void take_call(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_message *message, struct text line)
{
	const json_t *parameters = json_object_get(message->body, "params");
	const char *fault = call_fault(server, message, parameters);

	if (fault) {
		refuse(supervisor, server, message, fault);
		return;
	}
	struct mcp_held *held = mcp_held_create(server, message, MCP_HELD_CALL, line);
	held->tool = mcp_name(json_string_value(json_object_get(parameters, "name")));
	held->object = xasprintf("%s/%s", server->name, held->tool);
	held->arguments = mcp_arguments_read(json_object_get(parameters, "arguments"));
	mcp_judge(supervisor, server, held);
}

static bool expect(struct mcp_server *server, const struct mcp_message *message,
	enum mcp_asked asked)
{
	const json_t *parameters = json_object_get(message->body, "params");

	if (server->expected_count >= EXPECTED_MAX) {
		return false;
	}
	/* With a cursor it is the next page of the same list. */
	if (asked == MCP_ASKED_LIST && !json_object_get(parameters, "cursor")) {
		server->is_first_use &= !server->has_listed;
		server->has_listed = true;
	}
	struct mcp_expected *expected = xcalloc(1, sizeof(*expected));
	expected->id = xstrdup(message->id);
	expected->asked = asked;
	expected->next = server->expected;
	server->expected = expected;
	server->expected_count++;
	return true;
}

/* A call that still waits to be judged is not made at all. */
static bool cancels_held(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_message *message)
{
	const json_t *parameters = json_object_get(message->body, "params");
	char *id = mcp_id(json_object_get(parameters, "requestId"));
	struct mcp_held *held = id ? mcp_held_find(server, MCP_HELD_CALL, id) : NULL;

	free(id);
	if (!held) {
		return false;
	}
	mcp_held_give_up(supervisor, held);
	return true;
}

static void take_from_client(
	struct supervisor *supervisor, struct mcp_server *server, struct text line)
{
	struct mcp_message message;

	mcp_message_parse(&message, line);
	bool is_first_ask = mcp_message_is(&message, "initialize");
	bool is_ask = message.kind == MCP_REQUEST &&
		      (is_first_ask || mcp_message_is(&message, "tools/list"));
	if (message.kind == MCP_MALFORMED) {
		refuse(supervisor, server, &message, message.fault);
	} else if (mcp_message_is(&message, "tools/call")) {
		take_call(supervisor, server, &message, line);
	} else if (is_ask &&
		   !expect(server, &message,
			   is_first_ask ? MCP_ASKED_INITIALIZE : MCP_ASKED_LIST)) {
		refuse(supervisor, server, &message, "too many lists are asked for");
	} else if (!mcp_message_is(&message, "notifications/cancelled") ||
		   !cancels_held(supervisor, server, &message)) {
		mcp_say(server, MCP_TO_SERVER, line);
	}
	mcp_message_finish(&message);
}

/* What the client asked with this id, if its answer says something of the server. */
static bool take_expected(
	struct mcp_server *server, const char *id, enum mcp_asked *asked)
{
	struct mcp_expected **link = &server->expected;

	while (*link && strcmp((*link)->id, id) != 0) {
		link = &(*link)->next;
	}
	struct mcp_expected *expected = *link;
	if (!expected) {
		return false;
	}
	*link = expected->next;
	server->expected_count--;
	*asked = expected->asked;
	free(expected->id);
	free(expected);
	return true;
}

static void record_text(
	struct supervisor *supervisor, const struct mcp_call *call, const char *text)
{
	recorder_mcp_result(supervisor->recorder, call->number,
		clock_wall(&supervisor->clock, clock_monotonic()), text_of(text));
}

static void record_result(
	struct supervisor *supervisor, const struct mcp_call *call, const json_t *body)
{
	const json_t *result = json_object_get(body, "result");
	const json_t *error = json_object_get(body, "error");
	char *text = json_dumps(error ? error : result, JSON_COMPACT | JSON_ENCODE_ANY);
	bool is_short = text && strlen(text) <= RESULT_MAX;
	const char *kept = error ? IS_ERROR : "{}";

	record_text(supervisor, call, is_short ? text : kept);
	free(text);
}

/* True if the response was taken care of. */
static bool take_response(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_message *message, struct text line)
{
	const json_t *result = json_object_get(message->body, "result");
	enum mcp_asked asked = MCP_ASKED_LIST;
	bool is_expected = message->id && take_expected(server, message->id, &asked);

	if (message->id && mcp_held_find(server, MCP_HELD_CALL, message->id)) {
		return true; /* it was never asked: forged */
	}
	struct mcp_call *call =
		message->id ? mcp_calls_end(&server->calls, message->id) : NULL;
	if (call) {
		record_result(supervisor, call, message->body);
		mcp_call_free(call);
		mcp_server_changed(server);
	}
	if (is_expected && asked == MCP_ASKED_INITIALIZE) {
		const json_t *about = json_object_get(result, "serverInfo");
		mcp_server_rename(supervisor, server,
			json_string_value(json_object_get(about, "name")));
	}
	if (!result || (!is_expected && !json_object_get(result, "tools"))) {
		return false;
	}
	struct mcp_held *held = mcp_held_create(server, message, MCP_HELD_TOOLS, line);
	mcp_tools_compare(supervisor, server, result, held);
	if (!held->pins) {
		mcp_held_free(held);
		return false;
	}
	held->object = xasprintf("%s/tools/list", server->name);
	mcp_judge(supervisor, server, held);
	return true;
}

static void take_from_server(
	struct supervisor *supervisor, struct mcp_server *server, struct text line)
{
	struct mcp_message message;

	mcp_message_parse(&message, line);
	bool is_taken = false;
	if (message.kind == MCP_RESPONSE) {
		is_taken = take_response(supervisor, server, &message, line);
	} else if (message.kind == MCP_MALFORMED) {
		/* A client may read it as the answer that is to be looked at. */
		is_taken = server->expected != NULL;
	}
	if (!is_taken) {
		mcp_say(server, MCP_TO_CLIENT, line);
	}
	mcp_message_finish(&message);
}

static void take_too_long(struct supervisor *supervisor, struct mcp_server *server,
	enum mcp_direction direction)
{
	const struct mcp_message nothing = {.kind = MCP_MALFORMED};

	if (direction == MCP_TO_SERVER) {
		refuse(supervisor, server, &nothing, "it is longer than 8 MiB");
		return;
	}
	/* With several calls it is not known whose answer it was. */
	const struct mcp_call *first = server->calls.first;
	struct mcp_call *call = server->calls.count == 1
					? mcp_calls_end(&server->calls, first->id)
					: NULL;
	mcp_say_refused(server, call ? call->json_id : NULL,
		"Duenna: the server's message is longer than 8 MiB");
	if (call) {
		record_text(supervisor, call, IS_ERROR);
		mcp_call_free(call);
		mcp_server_changed(server);
	}
}

static void pass_all(struct mcp_stream *stream)
{
	struct text all = mcp_lines_all(&stream->in);

	if (stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, all);
	}
	mcp_lines_drop(&stream->in, all.length);
}

/* By its first line a client says whether it speaks to a server. */
static void find_mode(struct mcp_server *server)
{
	struct mcp_stream *stream = &server->relay.streams[MCP_TO_SERVER];
	struct text all = mcp_lines_all(&stream->in);
	const char *newline =
		all.length > 0 ? memchr(all.bytes, '\n', all.length) : NULL;
	struct mcp_message message;

	if (all.length == 0 ||
		(!newline && all.bytes[0] == '{' && all.length < FIRST_LINE_MAX &&
			!stream->has_ended)) {
		return;
	}
	size_t length = newline ? (size_t)(newline - all.bytes) : all.length;
	if (length > FIRST_LINE_MAX) {
		server->mode = MCP_PLAIN;
		return;
	}
	mcp_message_parse(&message, (struct text){all.bytes, length});
	server->mode = message.kind == MCP_REQUEST || message.kind == MCP_NOTIFICATION
			       ? MCP_SPOKEN
			       : MCP_PLAIN;
	mcp_message_finish(&message);
}

void mcp_take_lines(struct supervisor *supervisor, struct mcp_server *server,
	enum mcp_direction direction)
{
	struct mcp_stream *stream = &server->relay.streams[direction];
	struct text line;
	enum mcp_line kind;

	server->is_taking = true;
	if (server->mode == MCP_UNKNOWN && direction == MCP_TO_SERVER) {
		find_mode(server);
	}
	if (direction == MCP_TO_CLIENT && server->mode != MCP_SPOKEN) {
		pass_all(stream);
	} else if (server->mode == MCP_PLAIN &&
		   mcp_plain_pass(&server->plain, stream)) {
		server->mode = MCP_SPOKEN;
	}
	while (server->mode == MCP_SPOKEN &&
		(kind = mcp_lines_next(&stream->in, stream->has_ended, &line)) !=
			MCP_LINE_NONE) {
		if (kind == MCP_LINE_TOO_LONG) {
			take_too_long(supervisor, server, direction);
		} else if (direction == MCP_TO_CLIENT) {
			take_from_server(supervisor, server, line);
			mcp_lines_drop(&stream->in, line.length);
		} else {
			take_from_client(supervisor, server, line);
			mcp_lines_drop(&stream->in, line.length);
		}
	}
	server->is_taking = false;
}
