/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/xalloc.h"
#include "rules/host_pattern.h"
#include "session/clock.h"
#include "session/resolver_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { SOURCE_BITS = 8, LISTEN_BACKLOG = 16, EVENTS_MAX = 16, DATAGRAMS_A_TURN = 32 };

static struct epoll_event event_of(
	enum resolver_source source, size_t number, uint32_t events)
{
	return (struct epoll_event){
		.events = events, .data.u64 = (uint64_t)number << SOURCE_BITS | source};
}

bool resolver_watch(const struct resolver *resolver, int fd,
	enum resolver_source source, size_t number, uint32_t events)
{
	struct epoll_event event = event_of(source, number, events);

	return epoll_ctl(resolver->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool resolver_watch_again(const struct resolver *resolver, int fd,
	enum resolver_source source, size_t number, uint32_t events)
{
	struct epoll_event event = event_of(source, number, events);

	return epoll_ctl(resolver->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0;
}

void resolver_learn(struct resolver *resolver, const uint8_t *reply, size_t length)
{
	static struct dns_answer answer;

	if (dns_read_answer(reply, length, &answer)) {
		host_names_learn(&resolver->names, &answer, clock_monotonic());
	}
}

/* A port on the resolver's own address if that is this machine's, else on its loopback. */
static void port_open(struct resolver *resolver, size_t at, bool is_stream)
{
	struct resolver_server *server = &resolver->servers[at];
	struct endpoint port = resolver->addresses.list[at];

	if (!endpoint_is_loopback(&port)) {
		bool is_ipv4 = port.family == ENDPOINT_IPV4;
		memset(port.address, 0, sizeof(port.address));
		port.address[0] = is_ipv4 ? 127 : 0;
		port.address[is_ipv4 ? 3 : 15] = 1;
	}
	int fd = socket_open_at(&port, is_stream ? SOCK_STREAM : SOCK_DGRAM);
	if (fd < 0 || (is_stream && listen(fd, LISTEN_BACKLOG) != 0) ||
		!resolver_watch(resolver, fd,
			is_stream ? SOURCE_LISTENER : SOURCE_DATAGRAMS, at, EPOLLIN)) {
		socket_close(&fd);
		return;
	}
	server->fds[is_stream] = fd;
	server->ports[is_stream] = port;
}

/* Looks for what is over after that time, again and again; 0: no more. */
static bool timer_set(struct resolver *resolver, int64_t nanoseconds)
{
	const struct timespec tick = {.tv_sec = nanoseconds / NANOSECONDS_PER_SECOND,
		.tv_nsec = nanoseconds % NANOSECONDS_PER_SECOND};
	const struct itimerspec time = {.it_interval = tick, .it_value = tick};

	return timerfd_settime(resolver->timer_fd, 0, &time, NULL) == 0;
}

static bool timer_start(struct resolver *resolver)
{
	enum { TICK_MS = 250 };
	return timer_set(resolver, TICK_MS * (int64_t)NANOSECONDS_PER_MS);
}

static void timer_slow_down(struct resolver *resolver)
{
	enum { SLOW_SECONDS = 10 };
	bool has_clients = false;

	for (size_t i = 0; i < QUERIES_MAX; i++) {
		if (resolver->queries[i].fd >= 0) {
			return;
		}
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		has_clients = has_clients || resolver->clients[i].fd >= 0;
	}
	(void)timer_set(
		resolver, has_clients ? SLOW_SECONDS * NANOSECONDS_PER_SECOND : 0);
}

struct resolver *resolver_create(struct tracer *tracer)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));

	resolver->tracer = tracer;
	for (size_t i = 0; i < QUERIES_MAX; i++) {
		resolver->queries[i].fd = -1;
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		resolver->clients[i].fd = -1;
	}
	for (size_t i = 0; i < RESOLVERS_MAX; i++) {
		resolver->servers[i].fds[0] = -1;
		resolver->servers[i].fds[1] = -1;
	}
	resolver->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	resolver->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (resolver->epoll_fd < 0 || resolver->timer_fd < 0 ||
		!resolver_watch(
			resolver, resolver->timer_fd, SOURCE_TIMER, 0, EPOLLIN)) {
		resolver_destroy(resolver);
		return NULL;
	}
	resolver_addresses_find(&resolver->addresses);
	for (size_t i = 0; i < resolver->addresses.count; i++) {
		port_open(resolver, i, false);
		port_open(resolver, i, true);
	}
	return resolver;
}

void resolver_destroy(struct resolver *resolver)
{
	if (resolver == NULL) {
		return;
	}
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		resolver_stream_close(resolver, i);
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		socket_close(&resolver->clients[i].fd);
	}
	for (size_t i = 0; i < QUERIES_MAX; i++) {
		socket_close(&resolver->queries[i].fd);
	}
	for (size_t i = 0; i < RESOLVERS_MAX; i++) {
		socket_close(&resolver->servers[i].fds[0]);
		socket_close(&resolver->servers[i].fds[1]);
	}
	socket_close(&resolver->timer_fd);
	socket_close(&resolver->epoll_fd);
	host_names_finish(&resolver->names);
	free(resolver);
}

int resolver_fd(const struct resolver *resolver)
{
	return resolver->epoll_fd;
}

struct host_names *resolver_names(struct resolver *resolver)
{
	return &resolver->names;
}

static void datagrams_read(struct resolver *resolver, size_t server)
{
	struct resolver_query query = {.server = server};
	uint8_t bytes[QUERY_SIZE_MAX + 1];

	for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
		struct socket_address from = {.length = sizeof(from.storage)};
		ssize_t length =
			recvfrom(resolver->servers[server].fds[0], bytes, sizeof(bytes),
				0, (struct sockaddr *)&from.storage, &from.length);
		if (length < 0) {
			return;
		}
		query.length = (size_t)length;
		query.client =
			resolver_client_find(resolver, server, TRANSPORT_UDP, &from);
		if (length > QUERY_SIZE_MAX || query.client == NULL ||
			!dns_is_query(bytes, query.length)) {
			continue;
		}
		memcpy(query.bytes, bytes, query.length);
		(void)timer_start(resolver);
		if (!resolver_query_begin(resolver, &query)) {
			resolver_client_give_back(
				resolver, query.client, bytes, query.length);
		}
	}
}

static void tick(struct resolver *resolver)
{
	uint64_t times;
	int64_t now = clock_monotonic();

	(void)!read(resolver->timer_fd, &times, sizeof(times));
	resolver_queries_tick(resolver, now);
	resolver_clients_tidy(resolver, now);
	timer_slow_down(resolver);
}

void resolver_work(struct resolver *resolver)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(resolver->epoll_fd, events, EVENTS_MAX, 0);

	for (int i = 0; i < count; i++) {
		uint64_t data = events[i].data.u64;
		size_t number = (size_t)(data >> SOURCE_BITS);
		switch ((enum resolver_source)(data & ((1u << SOURCE_BITS) - 1))) {
		case SOURCE_TIMER:
			tick(resolver);
			break;
		case SOURCE_DATAGRAMS:
			datagrams_read(resolver, number);
			break;
		case SOURCE_LISTENER:
			resolver_stream_accept(resolver, number);
			break;
		case SOURCE_QUERY:
			if (resolver->queries[number].fd >= 0) {
				resolver_query_read(
					resolver, &resolver->queries[number]);
			}
			break;
		case SOURCE_STREAM:
			resolver_stream_work(resolver, number);
			break;
		}
	}
}

const struct endpoint *resolver_redirect(
	struct resolver *resolver, const struct request *request)
{
	if (request->action_count != 1 || request->actions[0].verb != VERB_CONNECT) {
		return NULL;
	}
	const struct endpoint *wanted = &request->actions[0].endpoint;
	bool is_stream = wanted->transport == TRANSPORT_TCP;
	int at = resolver_addresses_index(&resolver->addresses, wanted);
	if (at < 0 || resolver->servers[at].fds[is_stream] < 0 ||
		(!is_stream && (wanted->transport != TRANSPORT_UDP ||
				       request->syscall != SYS_connect))) {
		return NULL;
	}
	int fd = tracer_take_socket(resolver->tracer, request);
	if (fd < 0 || !timer_start(resolver)) {
		socket_close(&fd);
		return NULL;
	}
	resolver_client_add(resolver, fd, (size_t)at, wanted->transport);
	return &resolver->servers[at].ports[is_stream];
}

static bool is_known(const struct resolver *resolver, const struct resolver_query *what)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < QUERIES_MAX; i++) {
		const struct resolver_query *query = &resolver->queries[i];
		if (query->length == what->length && query->server == what->server &&
			resolver_query_was_held(query, now) &&
			memcmp(query->bytes + 2, what->bytes + 2, what->length - 2) ==
				0) {
			return true;
		}
	}
	return false;
}

/* The resolver among those that the datagrams of a call are sent to; -1: none. */
static int server_of(const struct resolver *resolver, const struct request *request)
{
	int server = -1;

	for (size_t i = 0; i < request->action_count && server < 0; i++) {
		const struct action *action = &request->actions[i];
		if (action->verb == VERB_CONNECT &&
			action->endpoint.transport == TRANSPORT_UDP) {
			server = resolver_addresses_index(
				&resolver->addresses, &action->endpoint);
		}
	}
	return server;
}

bool resolver_delays(struct resolver *resolver, struct request *request)
{
	struct resolver_query query = {.fd = -1, .request = request};
	int server =
		request->syscall == SYS_connect ? -1 : server_of(resolver, request);
	bool is_asked = false;

	if (server < 0 || !timer_start(resolver)) {
		return false;
	}
	query.server = (size_t)server;
	for (size_t i = 0; i < REQUEST_ACTIONS_MAX; i++) {
		query.length = tracer_read_message(
			resolver->tracer, request, i, query.bytes, QUERY_SIZE_MAX);
		if (dns_is_query(query.bytes, query.length) &&
			!is_known(resolver, &query) &&
			resolver_query_begin(resolver, &query)) {
			is_asked = true;
		}
	}
	return is_asked;
}

struct request *resolver_next_known(struct resolver *resolver)
{
	return resolver->known_count > 0 ? resolver->known[--resolver->known_count]
					 : NULL;
}

void resolver_forget(struct resolver *resolver, const struct request *request)
{
	for (size_t i = 0; i < QUERIES_MAX; i++) {
		if (resolver->queries[i].request == request) {
			resolver->queries[i].request = NULL;
		}
	}
	for (size_t i = 0; i < resolver->known_count; i++) {
		if (resolver->known[i] == request) {
			resolver->known[i] = resolver->known[--resolver->known_count];
			return;
		}
	}
}
