/* SPDX-License-Identifier: MIT */
/* What the files of the forwarder share; see resolver.h. */
#ifndef SESSION_RESOLVER_PARTS_H
#define SESSION_RESOLVER_PARTS_H

#include "session/resolver.h"
#include "session/resolver_socket.h"

enum { QUERY_SIZE_MAX = 1500, QUERIES_MAX = 64, CLIENTS_MAX = 128, STREAMS_MAX = 16 };

/* A socket of the tree that was connected to us. */
struct resolver_client {
	int fd;	       /* our copy of it; -1: this entry is free */
	size_t server; /* the resolver that it asked for */
	enum transport transport;
	struct endpoint address; /* its own; family NONE until it is known */
	bool looks_at_senders;
	bool is_given_back;
	int64_t used; /* last, monotonic */
};

/* One question to a real resolver; kept after its answer, to know it when it comes again. */
struct resolver_query {
	int fd; /* connected to the resolver; -1: done, or never begun */
	size_t server;
	struct resolver_client *client; /* who gets the answer; or NULL */
	struct request *request;	/* what is held until it is known; or NULL */
	uint8_t bytes[QUERY_SIZE_MAX];	/* as they came */
	size_t length;
	uint8_t number[2]; /* ours, in place of the first two bytes */
	unsigned forged;   /* answers that were none to this question */
	int64_t began, ended;
};

struct resolver_stream;

struct resolver_server {
	struct endpoint ports[2]; /* ours, by is_stream; port 0: none */
	int fds[2];
};

struct resolver {
	struct tracer *tracer;
	struct resolver_addresses addresses;
	struct resolver_server servers[RESOLVERS_MAX];
	struct resolver_client clients[CLIENTS_MAX];
	struct resolver_query queries[QUERIES_MAX];
	size_t next_query;
	struct resolver_stream *streams[STREAMS_MAX];
	size_t next_stream;
	struct request *known[QUERIES_MAX]; /* held ones to go on with */
	size_t known_count;
	struct host_names names;
	int epoll_fd, timer_fd;
};

enum resolver_source {
	SOURCE_TIMER,
	SOURCE_DATAGRAMS,
	SOURCE_LISTENER,
	SOURCE_QUERY,
	SOURCE_STREAM
};

/* ---- resolver.c ---- */

/* Watches it for events, or fails. */
bool resolver_watch(const struct resolver *resolver, int fd,
	enum resolver_source source, size_t number, uint32_t events);
/* Has what is ready reported once more though it was. */
bool resolver_watch_again(const struct resolver *resolver, int fd,
	enum resolver_source source, size_t number, uint32_t events);
/* Remembers what a resolver said, if it says anything. */
void resolver_learn(struct resolver *resolver, const uint8_t *reply, size_t length);

/* ---- resolver_client.c ---- */

/* Takes fd. The one that was used longest ago makes room. */
void resolver_client_add(
	struct resolver *resolver, int fd, size_t server, enum transport transport);
/* Whose socket to that server has the address of its own; NULL: nobody that we know. */
struct resolver_client *resolver_client_find(struct resolver *resolver, size_t server,
	enum transport transport, const struct socket_address *address);
/* Connects its UDP socket to the resolver itself, and sends there what it asked. */
void resolver_client_give_back(struct resolver *resolver,
	struct resolver_client *client, const uint8_t *query, size_t length);
void resolver_client_remove(struct resolver *resolver, struct resolver_client *client);
/* Lets go of those that have been quiet for long. */
void resolver_clients_tidy(struct resolver *resolver, int64_t now);

/* ---- resolver_query.c ---- */

/* For a client, or for a held request; false: it cannot be asked. */
bool resolver_query_begin(struct resolver *resolver, const struct resolver_query *what);
void resolver_query_read(struct resolver *resolver, struct resolver_query *query);
/* Nothing is held for what it asks: that was answered, or was not for long enough. */
bool resolver_query_was_held(const struct resolver_query *query, int64_t now);
/* What is due: requests that waited long enough, questions without an answer. */
void resolver_queries_tick(struct resolver *resolver, int64_t now);
void resolver_query_end(struct resolver *resolver, struct resolver_query *query);

/* ---- resolver_stream.c ---- */

void resolver_stream_accept(struct resolver *resolver, size_t server);
void resolver_stream_work(struct resolver *resolver, size_t number);
void resolver_stream_close(struct resolver *resolver, size_t number);

#endif
