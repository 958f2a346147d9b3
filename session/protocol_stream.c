/* SPDX-License-Identifier: MIT */
/* Messages in and out of a stream socket. What comes in may be hostile. */
#include "base/xalloc.h"
#include "session/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_STEP = 64 << 10, IN_MAX = PROTOCOL_LINE_MAX + PROTOCOL_RAW_MAX };

static size_t buffer_used(const struct protocol_buffer *buffer)
{
	return buffer->end - buffer->start;
}

/* Room for length more bytes after the end. */
static char *buffer_reserve(struct protocol_buffer *buffer, size_t length)
{
	enum { FIRST_CAPACITY = 4096 };
	if (buffer->start > 0 && buffer->capacity - buffer->end < length) {
		size_t used = buffer_used(buffer);
		memmove(buffer->bytes, buffer->bytes + buffer->start, used);
		buffer->start = 0;
		buffer->end = used;
	}
	if (buffer->capacity - buffer->end < length) {
		size_t capacity =
			buffer->capacity == 0 ? FIRST_CAPACITY : buffer->capacity * 2;
		while (capacity - buffer->end < length) {
			capacity *= 2;
		}
		buffer->bytes = xrealloc(buffer->bytes, capacity);
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->end;
}

static void buffer_add(struct protocol_buffer *buffer, const void *bytes, size_t length)
{
	if (length > 0) {
		memcpy(buffer_reserve(buffer, length), bytes, length);
		buffer->end += length;
	}
}

void protocol_stream_init(struct protocol_stream *stream, int fd)
{
	*stream = (struct protocol_stream){.fd = fd};
	int flags = fcntl(fd, F_GETFL);
	(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void protocol_stream_finish(struct protocol_stream *stream)
{
	if (stream->fd >= 0) {
		(void)close(stream->fd);
	}
	json_decref(stream->pending);
	free(stream->in.bytes);
	free(stream->out.bytes);
	*stream = (struct protocol_stream){.fd = -1, .is_closed = true};
}

void protocol_stream_feed(
	struct protocol_stream *stream, const void *bytes, size_t length)
{
	buffer_add(&stream->in, bytes, length);
}

void protocol_stream_receive(struct protocol_stream *stream)
{
	while (!stream->is_closed && buffer_used(&stream->in) < IN_MAX) {
		char *room = buffer_reserve(&stream->in, RECEIVE_STEP);
		ssize_t got = read(stream->fd, room, RECEIVE_STEP);
		if (got > 0) {
			stream->in.end += (size_t)got;
			continue;
		}
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got == 0 || errno != EAGAIN) {
			stream->is_closed = true;
		}
		return;
	}
}

static enum protocol_result invalid(struct error *err, const char *what)
{
	error_set(err, ERROR_SYNTAX, "the peer broke the protocol: %s", what);
	return PROTOCOL_INVALID;
}

/* A message that is followed by raw bytes says how many. */
static bool raw_length(const json_t *body, size_t *length)
{
	const char *type = json_string_value(json_object_get(body, "type"));
	*length = 0;
	if (strcmp(type, "output") != 0 && strcmp(type, "input") != 0) {
		return true;
	}
	const json_t *value = json_object_get(body, "length");
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || number > PROTOCOL_RAW_MAX) {
		return false;
	}
	*length = (size_t)number;
	return true;
}

/* Takes the next line off the buffer into pending. */
static enum protocol_result line_take(struct protocol_stream *stream, struct error *err)
{
	struct protocol_buffer *in = &stream->in;
	size_t used = buffer_used(in);
	const char *line = used > 0 ? in->bytes + in->start : "";
	const char *end = used > 0 ? memchr(line, '\n', used) : NULL;
	size_t length = end != NULL ? (size_t)(end - line) + 1 : used;
	if (length > PROTOCOL_LINE_MAX || (end == NULL && used == PROTOCOL_LINE_MAX)) {
		return invalid(err, "a line is too long");
	}
	if (end == NULL) {
		return PROTOCOL_NONE;
	}
	in->start += length;
	json_t *body = json_loadb(line, length - 1, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_string(json_object_get(body, "type"))) {
		json_decref(body);
		return invalid(err, "a line is no JSON object with a type");
	}
	if (!raw_length(body, &stream->raw_awaited)) {
		json_decref(body);
		return invalid(err, "a length is missing or too large");
	}
	stream->pending = body;
	return PROTOCOL_MESSAGE;
}

enum protocol_result protocol_stream_next(struct protocol_stream *stream,
	struct protocol_message *message, struct error *err)
{
	if (stream->pending == NULL) {
		enum protocol_result result = line_take(stream, err);
		if (result != PROTOCOL_MESSAGE) {
			return result;
		}
	}
	if (buffer_used(&stream->in) < stream->raw_awaited) {
		return PROTOCOL_NONE;
	}
	*message = (struct protocol_message){
		.type = json_string_value(json_object_get(stream->pending, "type")),
		.body = stream->pending,
		.raw = {stream->in.bytes + stream->in.start, stream->raw_awaited},
	};
	/* The bytes stay where they are until more come in. */
	stream->in.start += stream->raw_awaited;
	stream->raw_awaited = 0;
	stream->pending = NULL;
	return PROTOCOL_MESSAGE;
}

void protocol_message_finish(struct protocol_message *message)
{
	json_decref(message->body);
	*message = (struct protocol_message){0};
}

void protocol_stream_send(struct protocol_stream *stream, json_t *body)
{
	char *line = stream->is_closed ? NULL : json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (line == NULL) {
		return;
	}
	size_t length = strlen(line);
	/* No message of ours is that long; writers shorten what comes from the tree. */
	if (length + 1 <= PROTOCOL_LINE_MAX) {
		line[length] = '\n';
		buffer_add(&stream->out, line, length + 1);
	}
	free(line);
	if (buffer_used(&stream->out) > PROTOCOL_BEHIND_MAX) {
		stream->is_closed = true;
	}
}

void protocol_stream_send_raw(
	struct protocol_stream *stream, json_t *body, const void *raw, size_t length)
{
	invariant(length <= PROTOCOL_RAW_MAX);
	json_object_set_new(body, "length", json_integer((json_int_t)length));
	protocol_stream_send(stream, body);
	if (!stream->is_closed) {
		buffer_add(&stream->out, raw, length);
	}
}

void protocol_stream_flush(struct protocol_stream *stream)
{
	struct protocol_buffer *out = &stream->out;
	while (!stream->is_closed && buffer_used(out) > 0) {
		ssize_t sent = send(stream->fd, out->bytes + out->start,
			buffer_used(out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			out->start += (size_t)sent;
			continue;
		}
		if (sent < 0 && errno == EINTR) {
			continue;
		}
		if (errno != EAGAIN) {
			/* Whoever closed may have sent something before; that counts. */
			stream->is_closed = true;
		}
		return;
	}
}

size_t protocol_stream_unsent(const struct protocol_stream *stream)
{
	return buffer_used(&stream->out);
}
