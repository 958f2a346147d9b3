/* SPDX-License-Identifier: MIT */
/*
 * Questions to the real resolvers. Each has a socket of its own, which takes datagrams
 * from nobody else, and a number that the tree does not know: an answer that somebody
 * else forges has to guess both, and gets one guess.
 */
#include "base/error.h"
#include "session/clock.h"
#include "session/resolver_parts.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#define QUERY_TIME_MAX (10 * NANOSECONDS_PER_SECOND)
#define HELD_TIME_MAX NANOSECONDS_PER_SECOND
/* What was asked a moment ago need not be asked again before a call goes on. */
#define KNOWN_TIME (5 * NANOSECONDS_PER_SECOND)

static void request_go_on(struct resolver *resolver, struct resolver_query *query)
{
	struct request *request = query->request;

	query->request = NULL;
	for (size_t i = 0; i < QUERIES_MAX && request != NULL; i++) {
		if (resolver->queries[i].request == request) {
			return; /* it asks more than that */
		}
	}
	if (request != NULL) {
		invariant(resolver->known_count < QUERIES_MAX);
		resolver->known[resolver->known_count++] = request;
	}
}

void resolver_query_end(struct resolver *resolver, struct resolver_query *query)
{
	socket_close(&query->fd);
	query->client = NULL;
	query->ended = clock_monotonic();
	request_go_on(resolver, query);
}

bool resolver_query_begin(struct resolver *resolver, const struct resolver_query *what)
{
	size_t number = resolver->next_query;
	struct resolver_query *query = &resolver->queries[number];
	uint8_t bytes[QUERY_SIZE_MAX];

	/* One that is held must come out before its place is taken. */
	if (query->request != NULL && what->request != NULL) {
		return false;
	}
	resolver->next_query = (number + 1) % QUERIES_MAX;
	resolver_query_end(resolver, query);
	*query = *what;
	query->began = clock_monotonic();
	query->fd = socket_open_to(&resolver->addresses.list[what->server], SOCK_DGRAM);
	memcpy(bytes, query->bytes, query->length);
	if (query->fd < 0 || getrandom(query->number, sizeof(query->number),
				     GRND_NONBLOCK) != sizeof(query->number)) {
		goto failed;
	}
	memcpy(bytes, query->number, sizeof(query->number));
	if (resolver_watch(resolver, query->fd, SOURCE_QUERY, number, EPOLLIN) &&
		send(query->fd, bytes, query->length, MSG_NOSIGNAL) >= 0) {
		return true;
	}
failed:
	query->request = NULL;
	resolver_query_end(resolver, query);
	return false;
}

/* The caller hears from the resolver itself what is wrong. */
static void query_fail(struct resolver *resolver, struct resolver_query *query)
{
	if (query->client != NULL) {
		resolver_client_give_back(
			resolver, query->client, query->bytes, query->length);
	}
	resolver_query_end(resolver, query);
}

static void reply_pass_on(struct resolver *resolver, struct resolver_query *query,
	uint8_t *reply, size_t length)
{
	struct resolver_client *client = query->client;
	struct socket_address address;

	if (client == NULL) {
		return;
	}
	if (client->looks_at_senders || client->is_given_back) {
		resolver_client_give_back(
			resolver, client, query->bytes, query->length);
		return;
	}
	const struct resolver_server *server = &resolver->servers[query->server];
	socket_address_make(&address, &client->address,
		server->ports[0].family == ENDPOINT_IPV4 ? AF_INET : AF_INET6);
	memcpy(reply, query->bytes, sizeof(query->number));
	(void)sendto(server->fds[0], reply, length, MSG_NOSIGNAL,
		(struct sockaddr *)&address.storage, address.length);
}

void resolver_query_read(struct resolver *resolver, struct resolver_query *query)
{
	enum { FORGED_MAX = 1 };
	static uint8_t reply[DNS_MESSAGE_MAX];
	ssize_t got = recv(query->fd, reply, sizeof(reply), 0);

	if (got < 0) {
		query_fail(resolver, query);
		return;
	}
	size_t length = (size_t)got;
	if (length < DNS_HEADER_SIZE ||
		memcmp(reply, query->number, sizeof(query->number)) != 0 ||
		!dns_is_reply(query->bytes, query->length, reply, length)) {
		if (++query->forged >= FORGED_MAX) {
			query_fail(resolver, query);
		}
		return;
	}
	resolver_learn(resolver, reply, length);
	reply_pass_on(resolver, query, reply, length);
	resolver_query_end(resolver, query);
}

bool resolver_query_was_held(const struct resolver_query *query, int64_t now)
{
	return query->fd < 0 ? now - query->ended < KNOWN_TIME
			     : now - query->began > HELD_TIME_MAX;
}

void resolver_queries_tick(struct resolver *resolver, int64_t now)
{
	for (size_t i = 0; i < QUERIES_MAX; i++) {
		struct resolver_query *query = &resolver->queries[i];
		if (query->fd < 0) {
			continue;
		}
		if (now - query->began > QUERY_TIME_MAX) {
			resolver_query_end(resolver, query);
		} else if (resolver_query_was_held(query, now)) {
			request_go_on(resolver, query);
		}
	}
}
