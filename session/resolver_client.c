/* SPDX-License-Identifier: MIT */
/*
 * The sockets that were connected to the forwarder. It answers nobody else: a program
 * that was not allowed to ask the resolver cannot ask through us.
 */
#include "session/clock.h"
#include "session/resolver_parts.h"

#include <netinet/in.h>

#define QUIET_MAX (60 * NANOSECONDS_PER_SECOND)

static int option_of(int fd, int level, int name)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, name, &value, &size) == 0 ? value : 0;
}

/*
 * glibc asks for errors on its sockets and takes an answer from wherever a connected
 * socket got it. Others may compare addresses, though hardly ports as well: that is what
 * connecting is for.
 */
static bool looks_at_senders(const struct resolver *resolver, int fd, size_t server)
{
	const struct endpoint *ours = &resolver->servers[server].ports[0];
	struct endpoint real = resolver->addresses.list[server];

	real.port = ours->port;
	if (socket_endpoints_equal(&real, ours)) {
		return false;
	}
	return option_of(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6
		       ? option_of(fd, IPPROTO_IPV6, IPV6_RECVERR) == 0
		       : option_of(fd, IPPROTO_IP, IP_RECVERR) == 0;
}

static struct resolver_client *client_take(struct resolver *resolver)
{
	struct resolver_client *oldest = &resolver->clients[0];

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct resolver_client *client = &resolver->clients[i];
		if (client->fd < 0) {
			return client;
		}
		if (client->used < oldest->used) {
			oldest = client;
		}
	}
	resolver_client_remove(resolver, oldest);
	return oldest;
}

void resolver_client_add(
	struct resolver *resolver, int fd, size_t server, enum transport transport)
{
	struct resolver_client *client = client_take(resolver);

	*client = (struct resolver_client){
		.fd = fd,
		.server = server,
		.transport = transport,
		.looks_at_senders = looks_at_senders(resolver, fd, server),
		.used = clock_monotonic(),
	};
}

/* Known once it is connected: not before the caller's own call was made. */
static void address_find(struct resolver_client *client)
{
	struct socket_address own = {.length = sizeof(own.storage)};

	if (getsockname(client->fd, (struct sockaddr *)&own.storage, &own.length) ==
		0) {
		socket_address_read(&own, &client->address);
	}
	if (client->address.port == 0) {
		client->address.family = ENDPOINT_NONE;
	}
}

struct resolver_client *resolver_client_find(struct resolver *resolver, size_t server,
	enum transport transport, const struct socket_address *address)
{
	struct resolver_client *found = NULL;
	struct endpoint wanted;

	socket_address_read(address, &wanted);
	for (size_t i = 0; i < CLIENTS_MAX && wanted.family != ENDPOINT_NONE; i++) {
		struct resolver_client *client = &resolver->clients[i];
		if (client->fd < 0 || client->transport != transport ||
			client->server != server) {
			continue;
		}
		if (!client->is_given_back) {
			address_find(client);
		}
		/* Of one that was given back, somebody else may have the address now. */
		if (socket_endpoints_equal(&client->address, &wanted) &&
			(found == NULL || found->is_given_back)) {
			found = client;
		}
	}
	if (found != NULL) {
		found->used = clock_monotonic();
	}
	return found;
}

/* Its owner may have connected it to something else meanwhile. */
static bool is_connected_to_us(
	const struct resolver *resolver, const struct resolver_client *client)
{
	struct socket_address peer = {.length = sizeof(peer.storage)};
	struct endpoint endpoint;

	if (getpeername(client->fd, (struct sockaddr *)&peer.storage, &peer.length) !=
		0) {
		return false;
	}
	socket_address_read(&peer, &endpoint);
	return socket_endpoints_equal(
		&endpoint, &resolver->servers[client->server].ports[0]);
}

void resolver_client_give_back(struct resolver *resolver,
	struct resolver_client *client, const uint8_t *query, size_t length)
{
	static const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	struct socket_address real;

	if (client->transport != TRANSPORT_UDP ||
		(!client->is_given_back && !is_connected_to_us(resolver, client))) {
		return;
	}
	if (!client->is_given_back) {
		client->is_given_back = true;
		socket_address_make(&real, &resolver->addresses.list[client->server],
			option_of(client->fd, SOL_SOCKET, SO_DOMAIN));
		/* Only so does it forget the loopback address that it had as its own. */
		(void)connect(client->fd, &nowhere, sizeof(nowhere));
		if (connect(client->fd, (struct sockaddr *)&real.storage,
			    real.length) != 0) {
			return; /* no way there: its owner hears nothing, and gives up */
		}
	}
	if (length > 0) {
		(void)send(client->fd, query, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

void resolver_client_remove(struct resolver *resolver, struct resolver_client *client)
{
	for (size_t i = 0; i < QUERIES_MAX; i++) {
		if (resolver->queries[i].client == client) {
			resolver->queries[i].client = NULL;
		}
	}
	/* Its owner may have it open still, and goes on without us. */
	resolver_client_give_back(resolver, client, NULL, 0);
	socket_close(&client->fd);
}

void resolver_clients_tidy(struct resolver *resolver, int64_t now)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct resolver_client *client = &resolver->clients[i];
		if (client->fd >= 0 && now - client->used > QUIET_MAX) {
			resolver_client_remove(resolver, client);
		}
	}
}
