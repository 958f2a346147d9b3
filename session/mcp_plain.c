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
static const char *const words[] = {
	"jsonrpc", "\\u004", "\\u005", "\\u006", "\\u007", "method", "tools", "call"};
enum { WORDS = sizeof(words) / sizeof(words[0]) };
enum { VERSION = 0x01, ESCAPES = 0x1e, TOGETHER = 0xe0 };
enum { WORD_MAX = sizeof("j\xc5\xbfonrpc") - 1 }; /* the longest, and a long s in it */

static bool may_be_said(unsigned found)
{
	return (found & (VERSION | ESCAPES)) != 0 || (found & TOGETHER) == TOGETHER;
}

static unsigned add_words(unsigned found, struct text text)
{
	for (size_t i = 0; i < WORDS; i++) {
		if ((found & 1u << i) == 0 && has(text, words[i])) {
			found |= 1u << i;
		}
	}
	return found;
}

/* Looks for words in what begun was given after that many bytes. */
static void find_words(struct mcp_plain *plain, size_t before)
{
	const struct text all = mcp_lines_all(&plain->begun);
	/* What was there may end with half of one. */
	const size_t from = before >= WORD_MAX ? before - WORD_MAX + 1 : 0;

	plain->words = add_words(
		plain->words, (struct text){all.bytes + from, all.length - from});
}

static bool has_more_than_blanks(struct text text)
{
	while (text.length > 0 && is_blank(text.bytes[text.length - 1])) {
		text.length--;
	}
	return text.length > 0;
}

static void forget(struct mcp_plain *plain)
{
	mcp_lines_finish(&plain->begun);
	plain->words = 0;
	plain->is_new = false;
}

/*
 * Whether some server may take the line for a message, however carelessly it reads: what
 * is no JSON to us may be to it. What frames of another protocol leave in one line does not
 * end with a bracket.
 */
static bool is_said_to_server(const struct mcp_plain *plain)
{
	struct text line = mcp_lines_all(&plain->begun);

	while (line.length > 0 && is_blank(line.bytes[line.length - 1])) {
		line.length--;
	}
	const char last = line.length > 0 ? line.bytes[line.length - 1] : ' ';
	if ((last != '}' && last != ']') || !may_be_said(plain->words)) {
		return false;
	}
	while (line.length > 0 && is_blank(line.bytes[0])) {
		line.bytes++;
		line.length--;
	}
	json_t *body = json_loadb(line.bytes, line.length, 0, NULL);
	const bool is_said = !body || has_call(body);
	json_decref(body);
	return is_said;
}

static bool ends_line(char byte)
{
	return byte == '\n' || byte == '\r';
}

/* Behind the first end of a line, which is a carriage return for some; 0: there is none. */
static size_t line_length(struct text text)
{
	size_t at = 0;

	while (at < text.length && !ends_line(text.bytes[at])) {
		at++;
	}
	return at < text.length ? at + 1 : 0;
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
static void take_back(struct mcp_lines *begun, struct mcp_stream *stream)
{
	static const struct text spoilt = {"\"\n", 2};

	mcp_lines_add(begun, mcp_lines_all(&stream->in));
	mcp_lines_finish(&stream->in);
	stream->in = *begun;
	*begun = (struct mcp_lines){0};
	if (stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, spoilt);
	}
}

static bool is_at_end(struct text part)
{
	return ends_line(part.bytes[part.length - 1]);
}

/*
 * One more part of a line that may be a message; true if it is one, and then put back.
 * Blanks change nothing: a line may end many times with carriage returns.
 */
static bool take_part(
	struct mcp_plain *plain, struct mcp_stream *stream, struct text part)
{
	const size_t before = mcp_lines_length(&plain->begun);
	const bool is_line = is_at_end(part);

	mcp_lines_add(&plain->begun, part);
	find_words(plain, before);
	plain->is_new |= has_more_than_blanks(part);
	const bool is_said = is_line && plain->is_new && is_said_to_server(plain);
	plain->is_new &= !is_line;
	if (!is_said) {
		pass(stream, part.length);
		return false;
	}
	if (before > 0) {
		plain->begun.end -= part.length;
		take_back(&plain->begun, stream);
	}
	forget(plain);
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
	const size_t end = is_at_end(part) ? 1 : 0;
	const size_t before = mcp_lines_length(&plain->begun);

	mcp_lines_add(&plain->begun, part);
	find_words(plain, before);
	/* Kept is what may be half of a word. */
	const size_t seen = mcp_lines_length(&plain->begun);
	mcp_lines_drop(&plain->begun, seen > WORD_MAX ? seen - WORD_MAX : 0);
	pass(stream, part.length - end);
	if (may_be_said(plain->words) && stream->to.fd >= 0 && end > 0) {
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
		forget(plain);
		plain->is_long = false;
	}
	return false;
}

/* ---- Values, wherever their lines end ---- */

/* What is no JSON to us, but as far as brackets tell, may be it for careless readers. */
static bool is_value_said(struct text text)
{
	const unsigned found = add_words(0, text);

	if (!may_be_said(found)) {
		return false;
	}
	json_t *body = json_loadb(text.bytes, text.length, 0, NULL);
	const bool is_said =
		body ? has_call(body) : may_be_said(found & ~(unsigned)VERSION);
	json_decref(body);
	return is_said;
}

/* True if the byte ends a value. */
static bool value_take(struct mcp_value *value, char byte)
{
	if (value->is_in_text) {
		value->is_in_text = value->is_escaped || byte != '"';
		value->is_escaped = !value->is_escaped && byte == '\\';
		return false;
	}
	value->is_in_text = byte == '"';
	value->depth += opens(byte);
	value->depth -= byte == '}' || byte == ']';
	return value->depth == 0;
}

/*
 * The value that begins at that place, or goes on there; gives where it ends, or how much
 * there is. is_said: it is a message, and then put back.
 */
static size_t take_value(
	struct mcp_plain *plain, struct mcp_stream *stream, size_t at, bool *is_said)
{
	struct mcp_value *value = &plain->value;
	const struct text all = mcp_lines_all(&stream->in);
	const bool has_begun = mcp_lines_length(&value->begun) > 0;
	size_t end = at;
	bool is_whole = false;

	while (end < all.length && !is_whole) {
		is_whole = value_take(value, all.bytes[end++]);
	}
	mcp_lines_add(&value->begun, (struct text){all.bytes + at, end - at});
	*is_said = is_whole && is_value_said(mcp_lines_all(&value->begun));
	if (*is_said && has_begun) {
		value->begun.end -= end;
		take_back(&value->begun, stream);
	} else if (*is_said) {
		pass(stream, at);
	}
	value->is_over = mcp_lines_length(&value->begun) > MCP_LINE_MAX;
	if (is_whole || value->is_over) {
		mcp_lines_finish(&value->begun);
	}
	return end;
}

/* Looks at what came; true if it has a message, which is the first of it then. */
static bool take_values(struct mcp_plain *plain, struct mcp_stream *stream)
{
	struct mcp_value *value = &plain->value;
	const struct text all = mcp_lines_all(&stream->in);
	bool is_said = false;
	size_t at = 0;

	while (at < all.length && !value->is_over && !is_said) {
		if (value->depth > 0 || opens(all.bytes[at])) {
			at = take_value(plain, stream, at, &is_said);
		} else if (strchr(" \t\r\n", all.bytes[at]) && all.bytes[at] != '\0') {
			at++;
		} else {
			value->is_over = true;
		}
	}
	return is_said;
}

/* What has no end of a line, but nothing follows any more; true if it is a message. */
static bool take_last(struct mcp_plain *plain, struct mcp_stream *stream)
{
	static const struct text spoils = {"\"", 1};

	if (plain->is_long && may_be_said(plain->words) && stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, spoils);
	} else if (!plain->is_long && plain->is_new && is_said_to_server(plain)) {
		take_back(&plain->begun, stream);
		forget(plain);
		return true;
	}
	plain->is_long = false;
	forget(plain);
	return false;
}

bool mcp_plain_pass(struct mcp_plain *plain, struct mcp_stream *stream)
{
	if (take_values(plain, stream)) {
		mcp_plain_finish(plain);
		return true;
	}
	while (mcp_lines_length(&stream->in) > 0) {
		if (mcp_lines_length(&plain->begun) == 0) {
			pass(stream, find_object(plain, mcp_lines_all(&stream->in)));
		}
		if (mcp_lines_length(&stream->in) > 0 && take_object(plain, stream)) {
			return true;
		}
	}
	return stream->has_ended && take_last(plain, stream);
}

void mcp_plain_finish(struct mcp_plain *plain)
{
	mcp_lines_finish(&plain->value.begun);
	forget(plain);
}
