/* SPDX-License-Identifier: MIT */
#include "session/resolver_addresses.h"

#include "base/error.h"
#include "session/resolver_socket.h"

#include <arpa/inet.h>
#include <stdio.h>

static const char configuration[] = "/etc/resolv.conf";

/* Of a scoped address ("fe80::1%eth0") no socket address is known here: left out. */
static void address_add(struct resolver_addresses *addresses, const char *text)
{
	struct endpoint endpoint = {.port = RESOLVER_PORT};

	if (inet_pton(AF_INET, text, endpoint.address) == 1) {
		endpoint.family = ENDPOINT_IPV4;
	} else if (inet_pton(AF_INET6, text, endpoint.address) == 1) {
		endpoint.family = ENDPOINT_IPV6;
	}
	if (endpoint.family != ENDPOINT_NONE && addresses->count < RESOLVERS_MAX &&
		resolver_addresses_index(addresses, &endpoint) < 0) {
		addresses->list[addresses->count++] = endpoint;
	}
}

void resolver_addresses_read(struct resolver_addresses *addresses, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];
	char address[64];

	*addresses = (struct resolver_addresses){0};
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "nameserver%*[ \t]%63s", address) == 1) {
			address_add(addresses, address);
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	if (addresses->count == 0) {
		address_add(addresses, "127.0.0.1"); /* what libraries ask then */
	}
}

void resolver_addresses_find(struct resolver_addresses *addresses)
{
	resolver_addresses_read(addresses, configuration);
}

int resolver_addresses_index(
	const struct resolver_addresses *addresses, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (socket_endpoints_equal(&addresses->list[i], endpoint)) {
			return (int)i;
		}
	}
	return -1;
}

bool resolver_is_service(const struct action *action)
{
	static const char *const sockets[] = {
		"unix:/run/nscd/socket",
		"unix:/var/run/nscd/socket",
		"unix:/run/.nscd_socket",
		"unix:/run/systemd/resolve/io.systemd.Resolve",
		"unix:/run/systemd/resolve/io.systemd.Resolve.Monitor",
	};
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		if (text_equal_string(action->object, sockets[i])) {
			return action->verb == VERB_CONNECT;
		}
	}
	return false;
}

static char *rules_write(const char *head, const char *tail)
{
	struct resolver_addresses addresses;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	invariant(out != NULL);
	resolver_addresses_find(&addresses);
	for (size_t i = 0; i < addresses.count; i++) {
		char object[INET6_ADDRSTRLEN + 16];
		(void)endpoint_format(&addresses.list[i], object, sizeof(object));
		(void)fprintf(out, "%s %s\n", head, object);
	}
	(void)fputs(tail, out);
	invariant(fclose(out) == 0);
	return text;
}

char *resolver_rules(void)
{
	return rules_write("allow connect", "");
}

char *resolver_protection(void)
{
	return rules_write(
		"forbid listen", "forbid listen 0.0.0.0:53\nforbid listen [::]:53\n");
}
