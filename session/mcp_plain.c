/* SPDX-License-Identifier: MIT */
#include "session/mcp_plain.h"

#include "session/mcp_message.h"

#include <string.h>

static void pass(struct mcp_stream *stream, size_t length)
{
	struct text all = mcp_lines_all(&stream->in);

	if (stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, (struct text){all.bytes, length});
	}
	mcp_lines_drop(&stream->in, length);
}

static bool has(struct text line, const char *word)
{
	while (line.length > 0 && mcp_word_length(line, word) == 0) {
		line.bytes++;
		line.length--;
	}
	return line.length > 0;
}

/* What careless readers take off both ends of a line. */
static bool is_blank(char byte)
{
	const unsigned char code = (unsigned char)byte;

	return code <= ' ' || code > '~';
}

static bool opens(char byte)
{
	return byte == '{' || byte == '[';
}

/* Some servers do not ask for the version. */
static bool is_call(const json_t *body)
{
	const json_t *method = mcp_member(body, "method");
	const char *name = json_string_value(method);

	return method && (mcp_member(body, "jsonrpc") ||
				 (name && strcmp(name, "tools/call") == 0));
}

static bool has_call(const json_t *body)
{
	bool has_call = is_call(body);

	for (size_t i = 0; !has_call && i < json_array_size(body); i++) {
		has_call = is_call(json_array_get(body, i));
	}
	return has_call;
}

/* Nobody writes letters as escapes but to hide them. */
static bool may_be_said(struct text line)
{
	return has(line, "jsonrpc") || has(line, "\\u006") || has(line, "\\u007") ||
	       (has(line, "method") && has(line, "tools") && has(line, "call"));
}

/*
 * Whether some server may take the line for a message, however carelessly it reads: what
 * is no JSON to us may be to it. What frames of another protocol leave in one line does not
 * end with a bracket.
 */
static bool is_said_to_server(struct text line)
{
	while (line.length > 0 && is_blank(line.bytes[line.length - 1])) {
		line.length--;
	}
	while (line.length > 0 && is_blank(line.bytes[0])) {
		line.bytes++;
		line.length--;
	}
	const char last = line.length > 0 ? line.bytes[line.length - 1] : ' ';
	if ((last != '}' && last != ']') || !may_be_said(line)) {
		return false;
	}
	json_t *body = json_loadb(line.bytes, line.length, 0, NULL);
	const bool is_said = !body || has_call(body);
	json_decref(body);
	return is_said;
}

/* Behind the first end of a line, which is a carriage return for some; 0: there is none. */
static size_t line_length(struct text text)
{
	const char *newline =
		text.length > 0 ? memchr(text.bytes, '\n', text.length) : NULL;
	const size_t length =
		newline ? (size_t)(newline - text.bytes) + 1 : text.length;
	const char *end = length > 0 ? memchr(text.bytes, '\r', length) : NULL;

	end = end ? end : newline;
	return end ? (size_t)(end - text.bytes) + 1 : 0;
}

/* Where a line begins that may be a message, or the end of the text. */
static size_t find_object(struct mcp_plain *plain, struct text text)
{
	size_t at = 0;

	while (at < text.length) {
		struct text rest = {text.bytes + at, text.length - at};
		const size_t length = line_length(rest);
		size_t blanks = 0;

		rest.length = length > 0 ? length : rest.length;
		while (!plain->is_other && blanks < rest.length &&
			is_blank(rest.bytes[blanks])) {
			blanks++;
		}
		if (!plain->is_other && blanks < rest.length &&
			opens(rest.bytes[blanks])) {
			return at;
		}
		plain->is_other |= blanks < rest.length;
		plain->is_other &= length == 0;
		at += rest.length;
	}
	return at;
}

/*
 * The rest of a message that has begun to pass: after a quotation mark it is no JSON for
 * whoever reads it, and it is put back whole, to be judged.
 */
static void take_back(struct mcp_plain *plain, struct mcp_stream *stream)
{
	static const struct text spoilt = {"\"\n", 2};

	mcp_lines_add(&plain->begun, mcp_lines_all(&stream->in));
	mcp_lines_finish(&stream->in);
	stream->in = plain->begun;
	plain->begun = (struct mcp_lines){0};
	if (stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, spoilt);
	}
}

static bool is_at_end(struct text part)
{
	const char last = part.bytes[part.length - 1];

	return last == '\n' || last == '\r';
}

/* One more part of a line that may be a message; true if it is one, and then put back. */
static bool take_part(
	struct mcp_plain *plain, struct mcp_stream *stream, struct text part)
{
	const size_t before = mcp_lines_length(&plain->begun);
	const bool is_line = is_at_end(part) || stream->has_ended;

	mcp_lines_add(&plain->begun, part);
	if (!is_line || !is_said_to_server(mcp_lines_all(&plain->begun))) {
		pass(stream, part.length);
		return false;
	}
	if (before > 0) {
		plain->begun.end -= part.length;
		take_back(plain, stream);
	}
	mcp_lines_finish(&plain->begun);
	return true;
}

/*
 * The same of a line that is too long to be judged: a quotation mark before its end leaves
 * no JSON to who reads it, if it may be a message.
 */
static void pass_long(
	struct mcp_plain *plain, struct mcp_stream *stream, struct text part)
{
	static const struct text spoils = {"\"", 1};
	const size_t word = sizeof("jsonrpc") - 1;
	const size_t end = is_at_end(part) ? 1 : 0;

	mcp_lines_add(&plain->begun, part);
	plain->is_suspect |= may_be_said(mcp_lines_all(&plain->begun));
	/* Kept is what may be half of the word. */
	const size_t seen = mcp_lines_length(&plain->begun);
	mcp_lines_drop(&plain->begun, seen > word ? seen - word : 0);
	pass(stream, part.length - end);
	if (plain->is_suspect && stream->to.fd >= 0 && (end > 0 || stream->has_ended)) {
		mcp_lines_add(&stream->out, spoils);
	}
	pass(stream, end);
}

/*
 * A line that may be a message, as far as it has come; true if it is one. For some readers
 * it ends with each carriage return, for others that is but a blank.
 */
static bool take_object(struct mcp_plain *plain, struct mcp_stream *stream)
{
	struct text part = mcp_lines_all(&stream->in);
	const size_t whole = line_length(part);
	part.length = whole > 0 ? whole : part.length;
	const bool is_over = part.bytes[part.length - 1] == '\n';

	plain->is_long |= mcp_lines_length(&plain->begun) + part.length > MCP_LINE_MAX;
	if (plain->is_long) {
		pass_long(plain, stream, part);
	} else if (take_part(plain, stream, part)) {
		return true;
	}
	if (is_over) {
		mcp_lines_finish(&plain->begun);
		plain->is_long = plain->is_suspect = false;
	}
	return false;
}

bool mcp_plain_pass(struct mcp_plain *plain, struct mcp_stream *stream)
{
	while (mcp_lines_length(&stream->in) > 0) {
		if (mcp_lines_length(&plain->begun) == 0) {
			pass(stream, find_object(plain, mcp_lines_all(&stream->in)));
		}
		if (mcp_lines_length(&stream->in) > 0 && take_object(plain, stream)) {
			return true;
		}
	}
	return false;
}

void mcp_plain_finish(struct mcp_plain *plain)
{
	mcp_lines_finish(&plain->begun);
}
