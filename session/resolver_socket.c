/* SPDX-License-Identifier: MIT */
#include "session/resolver_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

void socket_address_make(
	struct socket_address *address, const struct endpoint *endpoint, int domain)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(endpoint->port)};
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(endpoint->port)};

	*address = (struct socket_address){.length = sizeof(in)};
	if (domain == AF_INET) {
		memcpy(&in.sin_addr, endpoint->address, sizeof(in.sin_addr));
		memcpy(&address->storage, &in, sizeof(in));
		return;
	}
	if (endpoint->family == ENDPOINT_IPV4) {
		memset(in6.sin6_addr.s6_addr + 10, 0xff, 2);
		memcpy(in6.sin6_addr.s6_addr + 12, endpoint->address, 4);
	} else {
		memcpy(&in6.sin6_addr, endpoint->address, sizeof(in6.sin6_addr));
	}
	memcpy(&address->storage, &in6, sizeof(in6));
	address->length = sizeof(in6);
}

void socket_address_read(
	const struct socket_address *address, struct endpoint *endpoint)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*endpoint = (struct endpoint){0};
	if (address->storage.ss_family == AF_INET && address->length >= sizeof(in)) {
		memcpy(&in, &address->storage, sizeof(in));
		endpoint->family = ENDPOINT_IPV4;
		endpoint->port = ntohs(in.sin_port);
		memcpy(endpoint->address, &in.sin_addr, sizeof(in.sin_addr));
	} else if (address->storage.ss_family == AF_INET6 &&
		   address->length >= sizeof(in6)) {
		memcpy(&in6, &address->storage, sizeof(in6));
		bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
		endpoint->family = is_ipv4 ? ENDPOINT_IPV4 : ENDPOINT_IPV6;
		endpoint->port = ntohs(in6.sin6_port);
		memcpy(endpoint->address, in6.sin6_addr.s6_addr + (is_ipv4 ? 12 : 0),
			is_ipv4 ? 4 : 16);
	}
}

bool socket_endpoints_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->address, b->address, a->family == ENDPOINT_IPV4 ? 4 : 16) == 0;
}

static int domain_of(const struct endpoint *endpoint)
{
	return endpoint->family == ENDPOINT_IPV4 ? AF_INET : AF_INET6;
}

int socket_open(const struct endpoint *endpoint, int type)
{
	return socket(domain_of(endpoint), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int socket_open_to(const struct endpoint *endpoint, int type)
{
	struct socket_address address;
	int fd = socket_open(endpoint, type);

	socket_address_make(&address, endpoint, domain_of(endpoint));
	if (fd >= 0 &&
		connect(fd, (struct sockaddr *)&address.storage, address.length) != 0 &&
		errno != EINPROGRESS) {
		socket_close(&fd);
	}
	return fd;
}

int socket_open_at(struct endpoint *endpoint, int type)
{
	struct socket_address address;
	int fd = socket_open(endpoint, type);

	endpoint->port = 0;
	socket_address_make(&address, endpoint, domain_of(endpoint));
	if (fd >= 0 &&
		(bind(fd, (struct sockaddr *)&address.storage, address.length) != 0 ||
			getsockname(fd, (struct sockaddr *)&address.storage,
				&address.length) != 0)) {
		socket_close(&fd);
	}
	socket_address_read(&address, endpoint);
	return fd;
}

void socket_close(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}
