/* SPDX-License-Identifier: MIT */
#include "cli/session_client.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "db/db.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

enum { REPLY_WAIT_MS = 10000 };

/* The next message; false with a sentence if the session says nothing more. */
static bool next_message(struct session_client *client,
	struct protocol_message *message, struct error *err)
{
	for (;;) {
		switch (protocol_stream_next(&client->stream, message, err)) {
		case PROTOCOL_MESSAGE:
			return true;
		case PROTOCOL_INVALID:
			return false;
		case PROTOCOL_NONE:
			break;
		}
		struct pollfd ready = {.fd = client->stream.fd, .events = POLLIN};
		if (client->stream.is_closed) {
			return error_set(err, ERROR_NOT_FOUND,
				"session %" PRId64 " has ended", client->session);
		}
		if (protocol_stream_unsent(&client->stream) > 0) {
			ready.events |= POLLOUT;
		}
		const int count = poll(&ready, 1, REPLY_WAIT_MS);
		if (count == 0 || (count < 0 && errno != EINTR)) {
			return error_set(err, ETIMEDOUT,
				"session %" PRId64 " does not answer", client->session);
		}
		protocol_stream_flush(&client->stream);
		protocol_stream_receive(&client->stream);
	}
}

static bool await_ready(struct session_client *client, struct error *err)
{
	bool is_ready = false;

	while (!is_ready) {
		struct protocol_message message = {0};
		if (!next_message(client, &message, err)) {
			return false;
		}
		if (strcmp(message.type, "question_opened") == 0) {
			(void)json_array_append(client->questions, message.body);
		}
		is_ready = strcmp(message.type, "ready") == 0;
		protocol_message_finish(&message);
	}
	return true;
}

bool session_client_open(struct session_client *client, const char *database,
	int64_t session, const char *who, struct error *err)
{
	const struct protocol_client hello = {
		.protocol = PROTOCOL_VERSION,
		.client = text_of(who),
	};
	const int fd = protocol_socket_connect(database, session, err);

	*client = (struct session_client){.session = session, .stream.fd = -1};
	if (fd < 0) {
		return false;
	}
	protocol_stream_init(&client->stream, fd);
	client->questions = json_array();
	protocol_stream_send(&client->stream, protocol_client_write(&hello));
	protocol_stream_flush(&client->stream);
	return await_ready(client, err);
}

void session_client_close(struct session_client *client)
{
	json_decref(client->questions);
	protocol_stream_finish(&client->stream);
	*client = (struct session_client){.stream.fd = -1};
}

static bool read_reply(const struct protocol_message *message, struct error *err)
{
	const struct text reason =
		protocol_text_read(json_object_get(message->body, "error"));
	const bool is_done = json_is_true(json_object_get(message->body, "ok"));

	if (!is_done) {
		char *safe = reason.length > 0 ? escape_copy(reason)
					       : xstrdup("the session refused it");
		(void)error_set(err, ERROR_REFUSED, "%s", safe);
		free(safe);
	}
	free((void *)(uintptr_t)reason.bytes);
	return is_done;
}

bool session_client_request(
	struct session_client *client, json_t *request, struct error *err)
{
	bool is_done = false;
	bool has_reply = false;

	(void)json_object_set_new(request, "request", json_integer(1));
	protocol_stream_send(&client->stream, request);
	protocol_stream_flush(&client->stream);
	while (!has_reply) {
		struct protocol_message message = {0};
		if (!next_message(client, &message, err)) {
			return false;
		}
		has_reply = strcmp(message.type, "reply") == 0;
		is_done = has_reply && read_reply(&message, err);
		protocol_message_finish(&message);
	}
	return is_done;
}

bool session_client_running(
	const char *database, int64_t **ids, size_t *count, struct error *err)
{
	struct session_record session;
	struct db *db = db_open(database, DB_READ, err);

	*ids = NULL;
	*count = 0;
	if (db == NULL) {
		/* Where nothing was recorded yet, nothing runs. */
		const bool is_absent = err->code == ERROR_NOT_FOUND;
		if (is_absent) {
			*err = (struct error){0};
		}
		return is_absent;
	}
	if (db_unended_begin(db, err)) {
		while (db_unended_next(db, &session, err)) {
			if (session_is_running(&session)) {
				*ids = xreallocarray(*ids, *count + 1, sizeof(**ids));
				(*ids)[(*count)++] = session.id;
			}
		}
	}
	db_close(db);
	return err->code == 0;
}

bool session_client_find(
	const char *database, const char *name, int64_t *session, struct error *err)
{
	struct session_record record;
	struct db *db = db_open(database, DB_READ, err);

	if (db == NULL) {
		return false;
	}
	bool found = db_session_find(db, name, &record, err);
	if (found && !session_is_running(&record)) {
		found = error_set(err, ERROR_NOT_FOUND,
			"session %" PRId64 " is not running", record.id);
	}
	if (found) {
		*session = record.id;
	}
	db_close(db);
	return found;
}
