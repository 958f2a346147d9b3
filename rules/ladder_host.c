/* SPDX-License-Identifier: MIT */
/* Ladders of endpoints: ports, then names up to what somebody registered. */
#include "base/xalloc.h"
#include "rules/host_pattern.h"
#include "rules/ladder_internal.h"
#include "rules/printer.h"

#include <stdlib.h>

static struct host_pattern exact_host(const struct endpoint *endpoint)
{
	struct host_pattern host = {.kind = HOST_ADDRESS,
		.family = endpoint->family,
		.prefix_length = endpoint->family == ENDPOINT_IPV4 ? 32 : 128,
		.first_port = endpoint->port,
		.last_port = endpoint->port};

	memcpy(host.address, endpoint->address, sizeof(host.address));
	/* Of several names the strictest verdict holds: only the address covers them all. */
	if (endpoint->name_count == 1 &&
		endpoint->names[0].length < sizeof(host.name)) {
		host.kind = HOST_NAME;
		for (size_t i = 0; i < endpoint->names[0].length; i++) {
			char c = endpoint->names[0].bytes[i];
			host.name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		}
	}
	return host;
}

static void add_any_port(
	struct ladder_builder *builder, struct host_pattern host, const char *label)
{
	host.first_port = 0;
	host.last_port = UINT16_MAX;
	ladder_add(builder, host_pattern_print(&host), label);
}

static void add_loopback(struct ladder_builder *builder, struct host_pattern host)
{
	memset(host.name, 0, sizeof(host.name));
	memcpy(host.name, "localhost", sizeof("localhost"));
	host.kind = HOST_NAME;
	ladder_add(builder, host_pattern_print(&host), "this port of this machine");
	add_any_port(builder, host, "any port of this machine");
}

/* "*.b.example.com", "*.example.com": up to the part that somebody registered. */
static void add_suffixes(struct ladder_builder *builder, struct host_pattern host)
{
	const char *registrable = host_registrable(host.name);
	const char *dot = strchr(host.name, '.');

	if (!registrable) {
		return;
	}
	host.kind = HOST_SUFFIX;
	while (dot && strlen(dot + 1) >= strlen(registrable)) {
		memmove(host.name, dot + 1, strlen(dot + 1) + 1);
		ladder_add(builder, host_pattern_print(&host),
			"this port of all hosts of this domain");
		dot = strchr(host.name, '.');
	}
	if (host_registrable(host.name) && builder->ladder->count > 2) {
		add_any_port(builder, host, "any port of all hosts of this domain");
	}
}

static void add_internet(struct ladder_builder *builder)
{
	const struct endpoint *endpoint = &builder->action->endpoint;
	struct host_pattern host = exact_host(endpoint);

	ladder_add(builder, host_pattern_print(&host), "this port of this host");
	if (endpoint_is_loopback(endpoint)) {
		add_loopback(builder, host);
		return;
	}
	add_any_port(builder, host, "any port of this host");
	if (host.kind == HOST_NAME) {
		add_suffixes(builder, host);
	}
}

/* "vsock:2:1024" to "vsock:2:*". */
static void add_vsock_ports(struct ladder_builder *builder)
{
	struct text object = builder->action->object;
	const char *colon = memrchr(object.bytes, ':', object.length);

	if (colon && (size_t)(colon - object.bytes) >= sizeof("vsock:")) {
		struct text machine = {object.bytes, (size_t)(colon - object.bytes)};
		char *quoted = pattern_quote_literal(machine);
		ladder_add(
			builder, xasprintf("%s:*", quoted), "any port of this machine");
		free(quoted);
	}
}

void ladder_add_host(struct ladder_builder *builder)
{
	struct text object = builder->action->object;

	switch (builder->action->endpoint.family) {
	case ENDPOINT_IPV4:
	case ENDPOINT_IPV6:
	case ENDPOINT_NONE:
		add_internet(builder);
		return;
	case ENDPOINT_UNIX:
		if (text_starts_with(object, "unix:/")) {
			struct text path = {object.bytes + 5, object.length - 5};
			ladder_add_path(builder, "unix:", path);
			return;
		}
		break;
	case ENDPOINT_VSOCK:
		ladder_add(builder, pattern_quote_literal(object), "exactly this");
		add_vsock_ports(builder);
		return;
	case ENDPOINT_ABSTRACT:
	case ENDPOINT_NETLINK:
	case ENDPOINT_OTHER:
		break;
	}
	ladder_add(builder, pattern_quote_literal(object), "exactly this");
}
