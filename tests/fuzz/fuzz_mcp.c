/* SPDX-License-Identifier: MIT */
/*
 * What hostile clients and servers say, in pieces: lines, messages, arguments, what tools
 * say of themselves, and configuration files. The first byte is the size of the pieces.
 */
#include "base/error.h"
#include "session/mcp_config.h"
#include "session/mcp_plain.h"
#include "session/mcp_tools.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_arguments(const struct mcp_message *message)
{
	const json_t *parameters = json_object_get(message->body, "params");
	struct mcp_arguments arguments =
		mcp_arguments_read(json_object_get(parameters, "arguments"));
	char *name = mcp_name(json_string_value(json_object_get(parameters, "name")));

	invariant(name[0] != '\0' && strlen(name) <= MCP_NAME_MAX &&
		  strchr(name, '/') == NULL);
	free(name);
	mcp_arguments_finish(&arguments);
}

static void read_line(struct text line)
{
	struct mcp_message message;
	struct mcp_arguments lines = {0};

	mcp_message_parse(&message, line);
	invariant((message.kind == MCP_MALFORMED) == (message.fault != NULL));
	invariant((message.method != NULL) ==
		  (message.kind == MCP_REQUEST || message.kind == MCP_NOTIFICATION));
	invariant(message.kind != MCP_REQUEST || message.id != NULL);
	read_arguments(&message);
	char *text = json_dumps(message.body, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text) {
		mcp_tool_difference("tool", "{\"description\":\"x\"}", text, &lines);
		mcp_tool_difference("tool", text, "{\"a\":[]}", &lines);
	}
	char *answer = mcp_error_line(json_object_get(message.body, "id"), "no");
	struct mcp_message again;
	mcp_message_parse(&again, text_of(answer));
	invariant(message.id == NULL ||
		  (again.id != NULL && strcmp(again.id, message.id) == 0));
	mcp_message_finish(&again);
	free(answer);
	free(text);
	mcp_arguments_finish(&lines);
	mcp_message_finish(&message);
}

/* Carriage returns are blanks to some servers. */
static void expect_no_message(struct mcp_lines *lines)
{
	struct text line;

	while (mcp_lines_next(lines, false, &line) == MCP_LINE_WHOLE) {
		struct mcp_message message;
		char *blank = text_copy(line);
		for (char *at = blank;
			(at = memchr(at, '\r', line.length - (size_t)(at - blank)));) {
			*at = ' ';
		}
		mcp_message_parse(&message, (struct text){blank, line.length});
		free(blank);
		invariant(message.kind != MCP_REQUEST &&
			  message.kind != MCP_NOTIFICATION);
		mcp_message_finish(&message);
		mcp_lines_drop(lines, line.length);
	}
}

/* What passes unread is what came, and no whole message for a server. */
static void pass_plain(struct text all, size_t piece)
{
	struct mcp_plain plain = {0};
	struct mcp_stream stream = {0};
	size_t at = 0;
	bool is_said = false;

	while (at < all.length && !is_said) {
		size_t length = all.length - at < piece ? all.length - at : piece;
		mcp_lines_add(&stream.in, (struct text){all.bytes + at, length});
		at += length;
		stream.has_ended = at == all.length;
		is_said = mcp_plain_pass(&plain, &stream);
	}
	struct text out = mcp_lines_all(&stream.out);
	size_t kept = mcp_lines_length(&stream.in);
	size_t same = out.length < at ? out.length : at;
	if (is_said && out.length + kept > at) {
		same = out.length - 2; /* what has passed of it was spoilt */
	}
	invariant(is_said || (kept == 0 && out.length == all.length));
	invariant(memcmp(out.bytes, all.bytes, same) == 0);
	expect_no_message(&stream.out);
	mcp_plain_finish(&plain);
	mcp_lines_finish(&stream.in);
	mcp_lines_finish(&stream.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mcp_lines lines = {0};
	struct mcp_watch watch = {0};
	struct text line;
	enum mcp_line kind;

	if (size < 1) {
		return 0;
	}
	size_t piece = (size_t)data[0] + 1;
	data++;
	size--;
	mcp_config_read(&watch, (struct text){(const char *)data, size}, "/p");
	mcp_config_free(&watch);
	pass_plain((struct text){(const char *)data, size}, piece);
	for (size_t at = 0; at < size || size == 0; at += piece) {
		size_t length = size - at < piece ? size - at : piece;
		bool is_last = at + length >= size;
		mcp_lines_add(&lines, (struct text){(const char *)data + at, length});
		while ((kind = mcp_lines_next(&lines, is_last, &line)) ==
			MCP_LINE_WHOLE) {
			invariant(line.length > 0);
			read_line(line);
			mcp_lines_drop(&lines, line.length);
		}
		if (is_last) {
			break;
		}
	}
	invariant(mcp_lines_length(&lines) == 0);
	mcp_lines_finish(&lines);
	return 0;
}
