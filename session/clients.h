/* SPDX-License-Identifier: MIT */
/*
 * Front ends and other clients of the session socket: who may connect, what each wants
 * to see, and what it asks for. Whatever a client sends can at worst lose it its
 * connection.
 */
#ifndef SESSION_CLIENTS_H
#define SESSION_CLIENTS_H

#include "db/event.h"
#include "session/protocol.h"

struct question;
struct supervisor;

struct client {
	struct client *next;
	int64_t id;   /* from 1; never used again */
	uint64_t bit; /* its own among those that are there */
	struct protocol_stream stream;
	char *name;	/* its word for itself; NULL before its hello */
	char *terminal; /* its controlling terminal; NULL: none */
	bool is_front_end, wants_output, wants_events;
	bool has_focus;	 /* its terminal; as far as it says */
	bool is_ready;	 /* it has heard of everything that there was */
	bool is_leaving; /* said that it detaches */
	bool is_waiting_to_write;
};

struct client_list {
	struct client *first;
	int64_t last_id;
	int listen_fd;	   /* -1: none */
	char *socket_path; /* NULL: none */
	size_t event_watchers;
	bool had_front_end; /* one was there, so that its going means something */
	bool is_detached;   /* questions wait for the next one */
};

bool clients_init(struct supervisor *supervisor, struct error *err);
void clients_finish(struct supervisor *supervisor);

/* Handlers of the loop. */
void clients_accept(struct supervisor *supervisor);
void clients_ready(struct supervisor *supervisor, int64_t id, uint32_t events);
/* Sends what is queued, and drops who has gone; once a turn. */
void clients_flush(struct supervisor *supervisor);

/* True if a question has somebody who may answer it, now or later. */
bool clients_can_ask(const struct supervisor *supervisor);

/* Each takes body. */
void clients_send_all(struct supervisor *supervisor, json_t *body);
/* The question's end, to whom it was told. */
void clients_send_question_end(
	struct supervisor *supervisor, const struct question *question, json_t *body);
void clients_send_event(
	struct supervisor *supervisor, const struct event *event, struct text program);
void clients_send_output(struct supervisor *supervisor, struct text bytes);
/* A client that is far behind with output, which waits for it; NULL: none. */
const struct client *clients_behind(const struct supervisor *supervisor);
/* A sentence for the person. */
void clients_send_notice(struct supervisor *supervisor, const char *text);
void clients_send_state(struct supervisor *supervisor);
/* The tree's terminal has that size now. */
void clients_send_size(struct supervisor *supervisor, uint16_t rows, uint16_t columns);
/* The end, and what is queued; waits a little for slow ones. */
void clients_send_end(struct supervisor *supervisor, int status, const char *text);

/*
 * Answers a request: err->code 0 means that it was done. stored names the rules that an
 * answer stored; NULL: none.
 */
void clients_reply(struct supervisor *supervisor, int64_t id, int64_t request,
	const struct rule_list *stored, const struct error *err);
/* A client's word for itself; "" if it has gone. */
const char *clients_name(const struct supervisor *supervisor, int64_t id);

/* ---- client_messages.c ---- */

/* Does what a message asks for; false: the client broke the protocol. */
bool client_message(struct supervisor *supervisor, struct client *client,
	const struct protocol_message *message);

#endif
