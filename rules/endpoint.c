/* SPDX-License-Identifier: MIT */
/* Endpoints to and from their canonical text. */
#include "rules/action.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { ADDRESS_TEXT_MAX = 64, PORT_DIGITS_MAX = 5 };

static bool text_skip(struct text *text, const char *prefix)
{
	if (!text_starts_with(*text, prefix)) {
		return false;
	}
	size_t length = strlen(prefix);
	text->bytes += length;
	text->length -= length;
	return true;
}

static bool parse_port(struct text text, uint16_t *port)
{
	unsigned value = 0;

	if (text.length == 0 || text.length > PORT_DIGITS_MAX) {
		return false;
	}
	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9') {
			return false;
		}
		value = value * 10 + (unsigned)(text.bytes[i] - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

static bool parse_address(int family, struct text text, uint8_t address[16])
{
	char buffer[ADDRESS_TEXT_MAX];

	if (text.length >= sizeof(buffer) || memchr(text.bytes, '\0', text.length)) {
		return false;
	}
	memcpy(buffer, text.bytes, text.length);
	buffer[text.length] = '\0';
	return inet_pton(family, buffer, address) == 1;
}

static bool is_mapped_ipv4(const uint8_t address[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

/* "[address]" was cut into address already. */
static bool parse_ipv6(struct text address, struct endpoint *endpoint)
{
	if (!parse_address(AF_INET6, address, endpoint->address)) {
		return false;
	}
	endpoint->family = ENDPOINT_IPV6;
	if (is_mapped_ipv4(endpoint->address)) {
		endpoint->family = ENDPOINT_IPV4;
		memmove(endpoint->address, endpoint->address + 12, 4);
		memset(endpoint->address + 4, 0, 12);
	}
	return true;
}

static bool is_host_name(struct text name)
{
	if (name.length == 0 || name.length > 253) {
		return false;
	}
	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.bytes[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9') || c == '-' || c == '_';
		bool is_dot = c == '.' && i > 0 && name.bytes[i - 1] != '.';
		if (!is_word && !is_dot) {
			return false;
		}
	}
	return true;
}

static bool parse_host_and_port(struct text text, struct endpoint *endpoint)
{
	const char *colon = memrchr(text.bytes, ':', text.length);

	if (!colon) {
		return false;
	}
	struct text host = {text.bytes, (size_t)(colon - text.bytes)};
	struct text port = {colon + 1, text.length - host.length - 1};
	if (!parse_port(port, &endpoint->port) || host.length == 0) {
		return false;
	}
	if (host.bytes[0] == '[' && host.bytes[host.length - 1] == ']' &&
		host.length > 2) {
		struct text inner = {host.bytes + 1, host.length - 2};
		return parse_ipv6(inner, endpoint);
	}
	if (parse_address(AF_INET, host, endpoint->address)) {
		endpoint->family = ENDPOINT_IPV4;
		return true;
	}
	return is_host_name(host);
}

bool endpoint_parse(struct text text, struct endpoint *endpoint)
{
	memset(endpoint, 0, sizeof(*endpoint));
	if (text_skip(&text, "unix:")) {
		bool is_abstract = text_starts_with(text, "@");
		endpoint->family = is_abstract ? ENDPOINT_ABSTRACT : ENDPOINT_UNIX;
		return text.length > (is_abstract ? 1 : 0) &&
		       (is_abstract || text.bytes[0] == '/');
	}
	if (text_skip(&text, "netlink:")) {
		endpoint->family = ENDPOINT_NETLINK;
		return text.length > 0;
	}
	if (text_skip(&text, "vsock:")) {
		endpoint->family = ENDPOINT_VSOCK;
		return text.length > 0;
	}
	if (text_skip(&text, "tcp/")) {
		endpoint->transport = TRANSPORT_TCP;
	} else if (text_skip(&text, "udp/")) {
		endpoint->transport = TRANSPORT_UDP;
	}
	return text.length > 0 && parse_host_and_port(text, endpoint);
}

size_t endpoint_names(struct text asked_as, struct text names[ENDPOINT_NAMES_MAX])
{
	const char *at = asked_as.bytes;
	const char *end =
		asked_as.length > 0 ? memrchr(at, ':', asked_as.length) : NULL;
	size_t count = 0;
	uint16_t port;

	if (!end || !parse_port((struct text){end + 1,
					asked_as.length - (size_t)(end + 1 - at)},
			    &port)) {
		return 0;
	}
	while (at < end && count < ENDPOINT_NAMES_MAX) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct text name = {at, (size_t)((comma ? comma : end) - at)};
		uint8_t address[16];
		if (is_host_name(name) && !parse_address(AF_INET, name, address)) {
			names[count++] = name;
		}
		at += name.length + 1;
	}
	return count;
}

size_t endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size)
{
	char address[ADDRESS_TEXT_MAX] = "";
	int length = 0;

	switch (endpoint->family) {
	case ENDPOINT_IPV4:
		(void)inet_ntop(AF_INET, endpoint->address, address, sizeof(address));
		length = snprintf(buffer, size, "%s:%u", address, endpoint->port);
		break;
	case ENDPOINT_IPV6:
		(void)inet_ntop(AF_INET6, endpoint->address, address, sizeof(address));
		length = snprintf(buffer, size, "[%s]:%u", address, endpoint->port);
		break;
	case ENDPOINT_NONE:
		if (endpoint->name_count > 0) {
			length = snprintf(buffer, size, "%.*s:%u",
				(int)endpoint->names[0].length,
				endpoint->names[0].bytes, endpoint->port);
			break;
		}
		length = snprintf(buffer, size, "?:%u", endpoint->port);
		break;
	/* The others carry their whole text in the action's object, not here. */
	case ENDPOINT_UNIX:
		length = snprintf(buffer, size, "unix:");
		break;
	case ENDPOINT_ABSTRACT:
		length = snprintf(buffer, size, "unix:@");
		break;
	case ENDPOINT_NETLINK:
		length = snprintf(buffer, size, "netlink:");
		break;
	case ENDPOINT_VSOCK:
		length = snprintf(buffer, size, "vsock:");
		break;
	case ENDPOINT_OTHER:
		length = snprintf(buffer, size, "other:");
		break;
	}
	return (size_t)length;
}

void action_set_endpoint(struct action *action, struct text names[ENDPOINT_NAMES_MAX])
{
	if (verb_object_kind(action->verb) != OBJECT_HOST ||
		!endpoint_parse(action->object, &action->endpoint)) {
		return;
	}
	if (action->endpoint.family == ENDPOINT_IPV4 ||
		action->endpoint.family == ENDPOINT_IPV6) {
		action->endpoint.names = names;
		action->endpoint.name_count = endpoint_names(action->asked_as, names);
	}
}
