/* SPDX-License-Identifier: MIT */
/* A client of a running session for one-shot commands: asks once and waits for it. */
#ifndef CLI_SESSION_CLIENT_H
#define CLI_SESSION_CLIENT_H

#include "base/error.h"
#include "session/protocol.h"

/* Zero-initialise. */
struct session_client {
	int64_t session;
	struct protocol_stream stream;
	json_t *questions; /* the open ones: an array of message bodies */
};

/*
 * Connects to a running session and learns which questions are open. who is a word for
 * the command. ERROR_NOT_FOUND if the session does not run.
 */
bool session_client_open(struct session_client *client, const char *database,
	int64_t session, const char *who, struct error *err);
void session_client_close(struct session_client *client);

/*
 * Sends a request, which it takes, and waits for the reply. False with the session's
 * own sentence (ERROR_REFUSED) if it was not done.
 */
bool session_client_request(
	struct session_client *client, json_t *request, struct error *err);

/* Ids of all running sessions of a database, oldest first; *ids is owned. */
bool session_client_running(
	const char *database, int64_t **ids, size_t *count, struct error *err);

/* The running session that a person names: an id, a name, or `last` (also NULL). */
bool session_client_find(
	const char *database, const char *name, int64_t *session, struct error *err);

#endif
