/* SPDX-License-Identifier: MIT */
/* Socket addresses of endpoints, for the forwarder. */
#ifndef SESSION_RESOLVER_SOCKET_H
#define SESSION_RESOLVER_SOCKET_H

#include "rules/action.h"

#include <sys/socket.h>

struct socket_address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/* The endpoint as a socket of that domain (AF_INET, AF_INET6) names it. */
void socket_address_make(
	struct socket_address *address, const struct endpoint *endpoint, int domain);

/* Family NONE if it is no internet address. IPv4-mapped addresses are IPv4. */
void socket_address_read(
	const struct socket_address *address, struct endpoint *endpoint);

/* Family, address and port; whatever the transport is. */
bool socket_endpoints_equal(const struct endpoint *a, const struct endpoint *b);

/* A socket that does not wait, of type SOCK_DGRAM or SOCK_STREAM; -1: none. */
int socket_open(const struct endpoint *endpoint, int type);
/* The same, connected or connecting. */
int socket_open_to(const struct endpoint *endpoint, int type);
/* The same, bound to a free port, which is put into endpoint. */
int socket_open_at(struct endpoint *endpoint, int type);

/* Closes and forgets it; accepts -1. */
void socket_close(int *fd);

#endif
