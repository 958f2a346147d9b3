/* SPDX-License-Identifier: MIT */
#include "session/mcp_message.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	ERROR_REFUSED_CODE = -32001, /* JSON-RPC: -32099 to -32000 are the server's */
};

/* The deepest nesting of brackets outside of strings; more than the limit is enough. */
static bool is_too_deep(struct text line)
{
	size_t depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < line.length; i++) {
		char byte = line.bytes[i];
		if (is_string) {
			i += byte == '\\';
			is_string = byte != '"';
		} else if (byte == '"') {
			is_string = true;
		} else if (byte == '{' || byte == '[') {
			if (++depth > MCP_DEPTH_MAX) {
				return true;
			}
		} else if ((byte == '}' || byte == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

/* A whole number that doubles hold exactly, as text. */
static char *number_id(double number)
{
	enum { EXACT = 53 }; /* bits of a double's fraction */

	if (!isfinite(number) || number != trunc(number) ||
		fabs(number) > ldexp(1, EXACT)) {
		return NULL;
	}
	return xasprintf("%.0f", number + 0.0);
}

static char *string_id(const char *text)
{
	char *end = NULL;
	double number = strtod(text, &end);

	end += strspn(end, " \t");
	char *id = *end == '\0' ? number_id(number) : NULL;
	return id || strlen(text) > MCP_ID_MAX ? id : xstrdup(text);
}

char *mcp_id(const json_t *value)
{
	if (json_is_real(value)) {
		return number_id(json_real_value(value));
	}
	if (json_is_integer(value)) {
		return xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	}
	return json_is_string(value) ? string_id(json_string_value(value)) : NULL;
}

/*
 * The letter without its case that text begins with, and its length; also of what is not
 * ASCII but becomes a plain letter in the other case.
 */
static char plain_letter(struct text text, size_t *length)
{
	static const struct {
		const char *bytes;
		char letter;
	} letters[] = {{"\xc5\xbf", 's'}, {"\xe2\x84\xaa", 'k'}, {"\xc4\xb0", 'i'},
		{"\xc4\xb1", 'i'}};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (text_starts_with(text, letters[i].bytes)) {
			*length = strlen(letters[i].bytes);
			return letters[i].letter;
		}
	}
	*length = 1;
	return text.bytes[0] >= 'A' && text.bytes[0] <= 'Z'
		       ? (char)(text.bytes[0] - 'A' + 'a')
		       : text.bytes[0];
}

size_t mcp_word_length(struct text text, const char *word)
{
	size_t at = 0;

	for (; *word != '\0'; word++) {
		size_t length = 0;
		const struct text rest = {text.bytes + at, text.length - at};
		if (rest.length == 0 || plain_letter(rest, &length) != *word) {
			return 0;
		}
		at += length;
	}
	return at;
}

static bool reads_as(const char *key, const char *name)
{
	return key[0] != '\0' && mcp_word_length(text_of(key), name) == strlen(key);
}

const json_t *mcp_member(const json_t *object, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		if (reads_as(key, name)) {
			return value;
		}
	}
	return NULL;
}

/* A name that is looked at, as only some readers take it for that. */
static bool has_other_case(const json_t *object)
{
	static const struct {
		const char *name, *lower;
	} names[] = {{"jsonrpc", "jsonrpc"}, {"id", "id"}, {"method", "method"},
		{"params", "params"}, {"result", "result"}, {"error", "error"},
		{"name", "name"}, {"arguments", "arguments"}, {"cursor", "cursor"},
		{"requestId", "requestid"}, {"tools", "tools"},
		{"instructions", "instructions"}, {"serverInfo", "serverinfo"}};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (reads_as(key, names[i].lower) &&
				strcmp(key, names[i].name) != 0) {
				return true;
			}
		}
	}
	return false;
}

static void malformed(struct mcp_message *message, const char *fault)
{
	message->kind = MCP_MALFORMED;
	message->fault = fault;
}

static void classify(struct mcp_message *message)
{
	const json_t *method = json_object_get(message->body, "method");
	const json_t *id = json_object_get(message->body, "id");
	bool has_outcome = json_object_get(message->body, "result") ||
			   json_object_get(message->body, "error");
	const char *version =
		json_string_value(json_object_get(message->body, "jsonrpc"));

	const bool is_call = json_is_string(method) && !has_outcome;
	message->id = mcp_id(id);
	if (!version || strcmp(version, "2.0") != 0) {
		malformed(message, "it is no JSON-RPC 2.0");
	} else if (id && !message->id && !(json_is_null(id) && has_outcome)) {
		malformed(message, "its id is neither a number nor a short string");
	} else if (is_call) {
		message->method = json_string_value(method);
		message->kind = id ? MCP_REQUEST : MCP_NOTIFICATION;
	} else if (has_outcome && !method) {
		message->kind = MCP_RESPONSE;
	} else {
		malformed(message, "it is neither a request nor a response");
	}
}

static struct text trimmed(struct text line)
{
	if (line.length > 0 && line.bytes[line.length - 1] == '\n') {
		line.length--;
	}
	if (line.length > 0 && line.bytes[line.length - 1] == '\r') {
		line.length--;
	}
	return line;
}

void mcp_message_parse(struct mcp_message *message, struct text line)
{
	*message = (struct mcp_message){.kind = MCP_MALFORMED};
	line = trimmed(line);
	if (line.length == 0) {
		malformed(message, "it is empty");
		return;
	}
	/* Some readers end a line there. */
	if (memchr(line.bytes, '\r', line.length) ||
		memchr(line.bytes, '\0', line.length)) {
		malformed(message, "it has a control character");
		return;
	}
	if (is_too_deep(line)) {
		malformed(message, "it is nested too deeply");
		return;
	}
	message->body =
		json_loadb(line.bytes, line.length, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(message->body)) {
		malformed(message, message->body ? "it is no object"
						 : "it is no unambiguous JSON");
		return;
	}
	if (has_other_case(message->body) ||
		has_other_case(json_object_get(message->body, "params")) ||
		has_other_case(json_object_get(message->body, "result"))) {
		malformed(message, "it has a name in another case");
		return;
	}
	classify(message);
}

void mcp_message_finish(struct mcp_message *message)
{
	json_decref(message->body);
	free(message->id);
	*message = (struct mcp_message){0};
}

bool mcp_message_is(const struct mcp_message *message, const char *method)
{
	return message->method && strcmp(message->method, method) == 0;
}

char *mcp_name(const char *name)
{
	size_t length = name ? strnlen(name, MCP_NAME_MAX) : 0;

	if (length == 0) {
		return xstrdup("_");
	}
	char *clean = xmemdup0(name, length);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)clean[i];
		if (byte >= 0x80 || (!isalnum(byte) && !strchr("._-@:", byte))) {
			clean[i] = '_';
		}
	}
	if (strspn(clean, ".") == length) {
		clean[0] = '_';
	}
	return clean;
}

char *mcp_error_line(json_t *id, const char *reason)
{
	json_t *answer = json_object();
	json_t *error = json_object();
	json_t *text = json_string(reason);

	(void)json_object_set_new(error, "code", json_integer(ERROR_REFUSED_CODE));
	(void)json_object_set_new(
		error, "message", text ? text : json_string("refused"));
	(void)json_object_set_new(answer, "jsonrpc", json_string("2.0"));
	(void)json_object_set_new(answer, "id", id ? json_incref(id) : json_null());
	(void)json_object_set_new(answer, "error", error);
	char *shown = json_dumps(answer, JSON_COMPACT);
	char *line = xasprintf("%s\n", shown);
	free(shown);
	json_decref(answer);
	return line;
}
