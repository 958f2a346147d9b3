/* SPDX-License-Identifier: MIT */
#include "session/clients.h"

#include "base/xalloc.h"
#include "session/peer.h"
#include "session/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 64, /* as many as a number has bits */
	LISTEN_BACKLOG = 16,
	OUTPUT_BEHIND_MAX = 1 << 20,
	QUESTIONS_BEHIND_MAX = 1 << 20,
};

/* ---- Coming and going ---- */

static bool client_watch(
	const struct supervisor *supervisor, const struct client *client, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | (client->is_waiting_to_write ? EPOLLOUT : 0u),
		.data.u64 = loop_client_data(client->id),
	};
	return epoll_ctl(supervisor->epoll_fd, operation, client->stream.fd, &event) ==
	       0;
}

static uint64_t bit_find(const struct client_list *list)
{
	uint64_t taken = 0;
	for (const struct client *client = list->first; client; client = client->next) {
		taken |= client->bit;
	}
	return ~taken & (taken + 1); /* the lowest that is free */
}

/* Nothing was told to whoever had that bit before. */
static void questions_forget_client(struct supervisor *supervisor, uint64_t bit)
{
	struct question *question = supervisor->questions.first;
	for (; question != NULL; question = question->next) {
		question->told &= ~bit;
		question->changed |= bit;
	}
}

/* Takes fd. */
static struct client *client_add(struct supervisor *supervisor, int fd)
{
	struct client_list *list = &supervisor->clients;
	struct client *client = xcalloc(1, sizeof(*client));
	client->id = ++list->last_id;
	client->bit = bit_find(list);
	questions_forget_client(supervisor, client->bit);
	protocol_stream_init(&client->stream, fd);
	client->next = list->first;
	list->first = client;
	if (!client_watch(supervisor, client, EPOLL_CTL_ADD)) {
		client->stream.is_closed = true;
	}
	return client;
}

static void client_free(struct supervisor *supervisor, struct client *client)
{
	struct client **link = &supervisor->clients.first;
	while (*link != client) {
		link = &(*link)->next;
	}
	*link = client->next;
	if (client->wants_events) {
		supervisor->clients.event_watchers--;
	}
	if (client->terminal != NULL) {
		judge_remove_terminal(&supervisor->judge, client->terminal);
		free(client->terminal);
	}
	protocol_stream_finish(&client->stream);
	free(client->name);
	free(client);
}

static struct client *client_find(const struct supervisor *supervisor, int64_t id)
{
	struct client *client = supervisor->clients.first;
	while (client != NULL && client->id != id) {
		client = client->next;
	}
	return client;
}

const char *clients_name(const struct supervisor *supervisor, int64_t id)
{
	const struct client *client = client_find(supervisor, id);
	return client != NULL && client->name != NULL ? client->name : "";
}

static bool has_front_end(const struct supervisor *supervisor)
{
	const struct client *client = supervisor->clients.first;
	while (client != NULL && !client->is_front_end) {
		client = client->next;
	}
	return client != NULL;
}

bool clients_can_ask(const struct supervisor *supervisor)
{
	return has_front_end(supervisor) || supervisor->clients.is_detached;
}

/* The last person has gone without saying that somebody comes back. */
static void front_end_gone(struct supervisor *supervisor)
{
	if (!supervisor->clients.had_front_end || clients_can_ask(supervisor)) {
		return;
	}
	supervisor->clients.had_front_end = false;
	question_deny_all(supervisor);
	pty_hang_up(supervisor);
}

static void client_drop(struct supervisor *supervisor, struct client *client)
{
	bool was_front_end = client->is_front_end;
	if (client->is_leaving && was_front_end) {
		supervisor->clients.is_detached = true;
	}
	client_free(supervisor, client);
	if (was_front_end) {
		front_end_gone(supervisor);
	}
}

/* ---- The listening socket ---- */

static bool socket_listen(struct supervisor *supervisor, struct error *err)
{
	struct client_list *list = &supervisor->clients;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!protocol_socket_path(supervisor->places.database, supervisor->session,
		    address.sun_path, sizeof(address.sun_path), err)) {
		return false;
	}
	list->listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (list->listen_fd < 0) {
		return error_set(err, errno, "create a socket: %s", strerror(errno));
	}
	/* A session of that number ended without removing it: numbers are not reused. */
	(void)unlink(address.sun_path);
	mode_t mask = umask(0177);
	int bound = bind(
		list->listen_fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bound < 0 || listen(list->listen_fd, LISTEN_BACKLOG) < 0) {
		return error_set(err, errno, "listen on %s: %s", address.sun_path,
			strerror(errno));
	}
	list->socket_path = xstrdup(address.sun_path);
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = LOOP_LISTEN};
	return epoll_ctl(supervisor->epoll_fd, EPOLL_CTL_ADD, list->listen_fd,
		       &event) == 0 ||
	       error_set(err, errno, "watch a socket: %s", strerror(errno));
}

bool clients_init(struct supervisor *supervisor, struct error *err)
{
	const struct session_options *options = supervisor->options;
	supervisor->clients.is_detached =
		options->ask == ASK_ATTACH || options->detached;
	if (options->front_end >= 0) {
		struct client *client = client_add(supervisor, options->front_end);
		/* A person is there from the start; its hello only says the rest. */
		client->is_front_end = !options->detached;
		client->has_focus = client->is_front_end;
		supervisor->clients.had_front_end = client->is_front_end;
	}
	return socket_listen(supervisor, err);
}

void clients_accept(struct supervisor *supervisor)
{
	int fd = accept4(supervisor->clients.listen_fd, NULL, NULL,
		SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		return;
	}
	size_t count = 0;
	for (const struct client *c = supervisor->clients.first; c != NULL;
		c = c->next) {
		count++;
	}
	pid_t peer = peer_admit(supervisor, fd);
	if (count >= CLIENTS_MAX || peer == 0) {
		close(fd);
		return;
	}
	struct client *client = client_add(supervisor, fd);
	client->terminal = peer_terminal(peer);
	if (client->terminal != NULL) {
		judge_add_terminal(&supervisor->judge, client->terminal);
	}
}

/* ---- Receiving and sending ---- */

void clients_ready(struct supervisor *supervisor, int64_t id, uint32_t events)
{
	struct client *client = client_find(supervisor, id);
	if (client == NULL || (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) {
		return; /* what can be written is written once a turn */
	}
	protocol_stream_receive(&client->stream);
	for (;;) {
		struct protocol_message message;
		enum protocol_result result =
			protocol_stream_next(&client->stream, &message, NULL);
		if (result == PROTOCOL_NONE) {
			return;
		}
		bool valid = result == PROTOCOL_MESSAGE &&
			     client_message(supervisor, client, &message);
		if (result == PROTOCOL_MESSAGE) {
			protocol_message_finish(&message);
		}
		if (!valid) {
			client->stream.is_closed = true;
			return;
		}
	}
}

static struct question *question_changed(
	const struct supervisor *supervisor, const struct client *client)
{
	struct question *question = supervisor->questions.first;
	while (question != NULL && (question->changed & client->bit) == 0) {
		question = question->next;
	}
	return question;
}

/*
 * A tree can make many questions, and change them often: a client gets them as it reads,
 * and what changed meanwhile once.
 */
static void send_questions(struct supervisor *supervisor, struct client *client)
{
	struct question *question = NULL;
	while (protocol_stream_unsent(&client->stream) < QUESTIONS_BEHIND_MAX &&
		!client->stream.is_closed &&
		(question = question_changed(supervisor, client)) != NULL) {
		const bool is_known = (question->told & client->bit) != 0;
		question_describe_counts(
			question, is_known ? "question_changed" : "question_opened");
		protocol_stream_send(&client->stream, json_incref(question->shown));
		question->told |= client->bit;
		question->changed &= ~client->bit;
	}
	if (question == NULL && !client->is_ready && !client->stream.is_closed) {
		client->is_ready = true;
		protocol_stream_send(&client->stream, protocol_new("ready"));
	}
}

void clients_flush(struct supervisor *supervisor)
{
	struct client *next;
	for (struct client *client = supervisor->clients.first; client != NULL;
		client = next) {
		next = client->next;
		protocol_stream_flush(&client->stream);
		if (client->name != NULL) {
			send_questions(supervisor, client);
			protocol_stream_flush(&client->stream);
		}
		bool waits = protocol_stream_unsent(&client->stream) > 0;
		if (!client->stream.is_closed && waits != client->is_waiting_to_write) {
			client->is_waiting_to_write = waits;
			(void)client_watch(supervisor, client, EPOLL_CTL_MOD);
		}
		if (client->stream.is_closed) {
			client_drop(supervisor, client);
			/* Denying questions sends to the others; start over. */
			next = supervisor->clients.first;
		}
	}
}

void clients_send_all(struct supervisor *supervisor, json_t *body)
{
	struct client *client = supervisor->clients.first;
	for (; client != NULL; client = client->next) {
		if (client->name != NULL) {
			protocol_stream_send(&client->stream, json_incref(body));
		}
	}
	json_decref(body);
}

void clients_send_question_end(
	struct supervisor *supervisor, const struct question *question, json_t *body)
{
	struct client *client = supervisor->clients.first;
	for (; client != NULL; client = client->next) {
		if ((question->told & client->bit) != 0) {
			protocol_stream_send(&client->stream, json_incref(body));
		}
	}
	json_decref(body);
}

void clients_send_event(
	struct supervisor *supervisor, const struct event *event, struct text program)
{
	if (supervisor->clients.event_watchers == 0) {
		return;
	}
	char by[32];
	if (event->by == BY_RULE) {
		(void)snprintf(by, sizeof(by), "rule:%" PRId64, event->rule);
	} else {
		(void)snprintf(by, sizeof(by), "%s", decider_name(event->by));
	}
	const struct protocol_event sent = {
		.seq = event->seq,
		.time = event->time / NANOSECONDS_PER_MS,
		.pid = event->pid,
		.tid = event->tid,
		.program = program,
		.verb = event->verb,
		.object = event->object,
		.asked_as = event->asked_as,
		.syscall = event->syscall,
		.verdict = event->verdict,
		.by = text_of(by),
		.rule = event->rule,
		.question = event->question,
		.mcp = event->mcp,
		.is_generated = event->code == CODE_GENERATED,
		.waited = event->waited_ms,
		.error = event->error,
	};
	json_t *body = protocol_event_write(&sent);
	struct client *client = supervisor->clients.first;
	for (; client != NULL; client = client->next) {
		if (client->wants_events) {
			protocol_stream_send(&client->stream, json_incref(body));
		}
	}
	json_decref(body);
}

void clients_send_output(struct supervisor *supervisor, struct text bytes)
{
	struct client *client = supervisor->clients.first;
	for (; client != NULL; client = client->next) {
		if (client->wants_output) {
			protocol_stream_send_raw(&client->stream,
				protocol_new("output"), bytes.bytes, bytes.length);
		}
	}
}

const struct client *clients_behind(const struct supervisor *supervisor)
{
	const struct client *client = supervisor->clients.first;
	while (client != NULL &&
		(!client->wants_output ||
			protocol_stream_unsent(&client->stream) < OUTPUT_BEHIND_MAX)) {
		client = client->next;
	}
	return client;
}

void clients_send_notice(struct supervisor *supervisor, const char *text)
{
	json_t *body = protocol_new("notice");
	json_object_set_new(body, "text", protocol_text(text_of(text)));
	clients_send_all(supervisor, body);
}

void clients_send_state(struct supervisor *supervisor)
{
	json_t *body = protocol_new("state");
	enum session_state state =
		supervisor->is_paused ? SESSION_PAUSED : SESSION_RUNNING;
	json_object_set_new(body, "state", json_string(session_state_name(state)));
	clients_send_all(supervisor, body);
}

void clients_send_size(struct supervisor *supervisor, uint16_t rows, uint16_t columns)
{
	json_t *body = protocol_new("size");
	json_object_set_new(body, "rows", json_integer(rows));
	json_object_set_new(body, "columns", json_integer(columns));
	clients_send_all(supervisor, body);
}

static json_t *rule_ids(const struct rule_list *rules)
{
	json_t *ids = json_array();
	for (size_t i = 0; i < rules->count; i++) {
		json_array_append_new(ids, json_integer(rules->rules[i].id));
	}
	return ids;
}

void clients_reply(struct supervisor *supervisor, int64_t id, int64_t request,
	const struct rule_list *stored, const struct error *err)
{
	struct client *client = client_find(supervisor, id);
	if (client == NULL) {
		return;
	}
	json_t *body = protocol_new("reply");
	json_object_set_new(body, "request", json_integer(request));
	json_object_set_new(body, "ok", json_boolean(err->code == 0));
	if (err->code != 0) {
		json_object_set_new(body, "error", protocol_text(text_of(err->text)));
	}
	if (stored != NULL && stored->count > 0) {
		json_object_set_new(body, "rules", rule_ids(stored));
	}
	protocol_stream_send(&client->stream, body);
}

/* ---- The end ---- */

/* Waits until everything is sent, but not for whoever does not read. */
static void clients_drain(struct supervisor *supervisor)
{
	const int64_t end = clock_monotonic() + 2 * NANOSECONDS_PER_SECOND;
	struct client *client = supervisor->clients.first;
	while (client != NULL) {
		protocol_stream_flush(&client->stream);
		int64_t left = (end - clock_monotonic()) / NANOSECONDS_PER_MS;
		if (client->stream.is_closed || left <= 0 ||
			protocol_stream_unsent(&client->stream) == 0) {
			client = client->next;
			continue;
		}
		struct pollfd wait = {.fd = client->stream.fd, .events = POLLOUT};
		(void)poll(&wait, 1, (int)left);
	}
}

void clients_send_end(struct supervisor *supervisor, int status, const char *text)
{
	json_t *state = protocol_new("state");
	json_object_set_new(
		state, "state", json_string(session_state_name(SESSION_ENDED)));
	clients_send_all(supervisor, state);
	json_t *body = protocol_new("end");
	json_object_set_new(body, "status", json_integer(status));
	json_object_set_new(body, "text", protocol_text(text_of(text)));
	clients_send_all(supervisor, body);
	clients_drain(supervisor);
}

void clients_finish(struct supervisor *supervisor)
{
	struct client_list *list = &supervisor->clients;
	while (list->first != NULL) {
		client_free(supervisor, list->first);
	}
	if (list->socket_path != NULL) {
		(void)unlink(list->socket_path);
		free(list->socket_path);
	}
	if (list->listen_fd >= 0) {
		close(list->listen_fd);
	}
}
