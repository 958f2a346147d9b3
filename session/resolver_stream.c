/* SPDX-License-Identifier: MIT */
/*
 * DNS by TCP: messages are passed on in both directions, whole ones only, and only
 * questions towards the resolver. Its answers come on a connection of ours.
 */
#include "base/xalloc.h"
#include "session/resolver_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { PREFIX_SIZE = 2 };

/* One direction: a message is read whole, looked at, and then written whole. */
struct relay {
	int from, to; /* borrowed */
	uint8_t bytes[PREFIX_SIZE + DNS_MESSAGE_MAX];
	size_t have, written;
	bool has_ended;
};

struct resolver_stream {
	int client_fd, server_fd;
	struct relay questions, answers;
};

static size_t wanted_size(const struct relay *relay)
{
	return relay->have < PREFIX_SIZE
		       ? PREFIX_SIZE
		       : PREFIX_SIZE + ((size_t)relay->bytes[0] << 8 | relay->bytes[1]);
}

static bool is_whole(const struct relay *relay)
{
	return relay->have >= PREFIX_SIZE && relay->have == wanted_size(relay);
}

enum progress { PROGRESS_MADE, PROGRESS_WAITS, PROGRESS_FAILED };

static enum progress of_result(ssize_t result)
{
	if (result > 0) {
		return PROGRESS_MADE;
	}
	return result < 0 && (errno == EAGAIN || errno == EINTR) ? PROGRESS_WAITS
								 : PROGRESS_FAILED;
}

static enum progress message_read(struct relay *relay)
{
	ssize_t got = recv(relay->from, relay->bytes + relay->have,
		wanted_size(relay) - relay->have, 0);

	if (got == 0) {
		relay->has_ended = true;
		(void)shutdown(relay->to, SHUT_WR);
		return relay->have == 0 ? PROGRESS_WAITS : PROGRESS_FAILED;
	}
	relay->have += got > 0 ? (size_t)got : 0;
	return of_result(got);
}

static enum progress message_write(struct relay *relay)
{
	ssize_t sent = send(relay->to, relay->bytes + relay->written,
		relay->have - relay->written, MSG_NOSIGNAL);

	relay->written += sent > 0 ? (size_t)sent : 0;
	if (relay->written == relay->have) {
		relay->have = 0;
		relay->written = 0;
	}
	return of_result(sent);
}

static enum progress relay_work(
	struct resolver *resolver, struct relay *relay, bool are_questions)
{
	if (relay->has_ended) {
		return PROGRESS_WAITS;
	}
	if (is_whole(relay)) {
		return message_write(relay);
	}
	enum progress progress = message_read(relay);
	if (progress != PROGRESS_MADE || !is_whole(relay)) {
		return progress;
	}
	const uint8_t *message = relay->bytes + PREFIX_SIZE;
	size_t length = relay->have - PREFIX_SIZE;
	if (are_questions && !dns_is_query(message, length)) {
		return PROGRESS_FAILED;
	}
	if (!are_questions) {
		resolver_learn(resolver, message, length);
	}
	return PROGRESS_MADE;
}

void resolver_stream_close(struct resolver *resolver, size_t number)
{
	struct resolver_stream *stream = resolver->streams[number];

	if (stream != NULL) {
		socket_close(&stream->client_fd);
		socket_close(&stream->server_fd);
		free(stream);
		resolver->streams[number] = NULL;
	}
}

static const uint32_t stream_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

void resolver_stream_work(struct resolver *resolver, size_t number)
{
	enum { STEPS_MAX = 64 };
	struct resolver_stream *stream = resolver->streams[number];

	if (stream == NULL) {
		return; /* closed in this very turn */
	}
	for (int i = 0; i < STEPS_MAX; i++) {
		enum progress asked = relay_work(resolver, &stream->questions, true);
		enum progress answered = relay_work(resolver, &stream->answers, false);
		if (asked == PROGRESS_FAILED || answered == PROGRESS_FAILED ||
			stream->answers.has_ended) {
			resolver_stream_close(resolver, number);
			return;
		}
		if (asked == PROGRESS_WAITS && answered == PROGRESS_WAITS) {
			return;
		}
	}
	/* Others have their turn first. */
	if (!resolver_watch_again(resolver, stream->client_fd, SOURCE_STREAM, number,
		    stream_events)) {
		resolver_stream_close(resolver, number);
	}
}

static struct resolver_stream *stream_create(
	struct resolver *resolver, int client_fd, size_t server, size_t number)
{
	struct resolver_stream *stream = xcalloc(1, sizeof(*stream));

	stream->client_fd = client_fd;
	stream->server_fd =
		socket_open_to(&resolver->addresses.list[server], SOCK_STREAM);
	stream->questions.from = stream->answers.to = client_fd;
	stream->questions.to = stream->answers.from = stream->server_fd;
	if (stream->server_fd < 0 ||
		!resolver_watch(
			resolver, client_fd, SOURCE_STREAM, number, stream_events) ||
		!resolver_watch(resolver, stream->server_fd, SOURCE_STREAM, number,
			stream_events)) {
		socket_close(&stream->client_fd);
		socket_close(&stream->server_fd);
		free(stream);
		return NULL;
	}
	return stream;
}

void resolver_stream_accept(struct resolver *resolver, size_t server)
{
	struct socket_address from = {.length = sizeof(from.storage)};
	int fd = accept4(resolver->servers[server].fds[1],
		(struct sockaddr *)&from.storage, &from.length,
		SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		return;
	}
	struct resolver_client *client =
		resolver_client_find(resolver, server, TRANSPORT_TCP, &from);
	if (client == NULL) {
		socket_close(&fd);
		return;
	}
	resolver_client_remove(resolver, client);
	size_t number = resolver->next_stream;
	resolver->next_stream = (number + 1) % STREAMS_MAX;
	resolver_stream_close(resolver, number);
	resolver->streams[number] = stream_create(resolver, fd, server, number);
}
