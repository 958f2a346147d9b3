/* SPDX-License-Identifier: MIT */
/* Host patterns: reading, spelling, matching; public suffixes by libpsl. */
#include "rules/host_pattern.h"

#include "base/xalloc.h"

#include <libpsl.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static bool fail(
	struct glob_error *error, size_t offset, const char *message, const char *hint)
{
	*error = (struct glob_error){offset, message, hint};
	return false;
}

static bool parse_number(struct text text, unsigned max, unsigned *value)
{
	*value = 0;
	if (text.length == 0 || text.length > 5) {
		return false;
	}
	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9') {
			return false;
		}
		*value = *value * 10 + (unsigned)(text.bytes[i] - '0');
	}
	return *value <= max;
}

static bool parse_ports(struct text text, size_t offset, struct host_pattern *pattern,
	struct glob_error *error)
{
	unsigned first = 0;
	unsigned last = UINT16_MAX;

	if (!text_equal_string(text, "*")) {
		const char *dash = memchr(text.bytes, '-', text.length);
		struct text low = text;
		struct text high = text;
		if (dash) {
			low.length = (size_t)(dash - text.bytes);
			high = (struct text){dash + 1, text.length - low.length - 1};
		}
		if (!parse_number(low, UINT16_MAX, &first) ||
			!parse_number(high, UINT16_MAX, &last)) {
			return fail(error, offset, "this is no port",
				"write a number, a range such as 8000-8999, or *");
		}
		if (last < first) {
			return fail(error, offset, "this range runs backwards",
				"write the smaller port first");
		}
	}
	pattern->first_port = (uint16_t)first;
	pattern->last_port = (uint16_t)last;
	return true;
}

static bool read_address(int family, struct text text, uint8_t address[16])
{
	char buffer[64];

	if (text.length >= sizeof(buffer) || memchr(text.bytes, '\0', text.length)) {
		return false;
	}
	memcpy(buffer, text.bytes, text.length);
	buffer[text.length] = '\0';
	return inet_pton(family, buffer, address) == 1;
}

static bool has_host_bits(const struct host_pattern *pattern)
{
	unsigned bits = pattern->family == ENDPOINT_IPV4 ? 32 : 128;

	for (unsigned i = pattern->prefix_length; i < bits; i++) {
		if (pattern->address[i / 8] >> (7 - i % 8) & 1) {
			return true;
		}
	}
	return false;
}

/* After the address: "" or "/LENGTH". */
static bool parse_prefix_length(struct text text, size_t offset,
	struct host_pattern *pattern, struct glob_error *error)
{
	unsigned bits = pattern->family == ENDPOINT_IPV4 ? 32 : 128;

	pattern->kind = HOST_ADDRESS;
	pattern->prefix_length = bits;
	if (text.length == 0) {
		return true;
	}
	struct text digits = {text.bytes + 1, text.length - 1};
	if (text.bytes[0] != '/' ||
		!parse_number(digits, bits, &pattern->prefix_length)) {
		return fail(error, offset, "this is no length of a network prefix",
			"write for example 10.0.0.0/8:443 or [2001:db8::]/32:443");
	}
	if (pattern->prefix_length < bits) {
		pattern->kind = HOST_NETWORK;
	}
	if (has_host_bits(pattern)) {
		return fail(error, offset, "the address has bits beyond its prefix",
			"write the first address of the network");
	}
	return true;
}

static bool parse_ipv6(struct text host, size_t offset, struct host_pattern *pattern,
	struct glob_error *error)
{
	const char *bracket = memchr(host.bytes, ']', host.length);

	if (!bracket) {
		return fail(error, offset, "an address without its closing ]",
			"write for example [::1]:80");
	}
	struct text inner = {host.bytes + 1, (size_t)(bracket - host.bytes) - 1};
	if (!read_address(AF_INET6, inner, pattern->address)) {
		return fail(error, offset + 1, "this is no IPv6 address",
			"write for example [::1]:80 or [2001:db8::]/32:443");
	}
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (memcmp(pattern->address, mapped, sizeof(mapped)) == 0) {
		return fail(error, offset + 1, "this is an IPv4 address in IPv6 form",
			"write the IPv4 address: that is how it is judged");
	}
	pattern->family = ENDPOINT_IPV6;
	struct text rest = {bracket + 1, host.length - inner.length - 2};
	return parse_prefix_length(rest, offset + inner.length + 2, pattern, error);
}

/* Digits, dots and perhaps a prefix: meant as an IPv4 address even if it is none. */
static bool looks_like_ipv4(struct text host)
{
	for (size_t i = 0; i < host.length; i++) {
		if (!strchr("0123456789./", host.bytes[i]) || host.bytes[i] == '\0') {
			return false;
		}
	}
	return true;
}

static bool parse_ipv4(struct text host, size_t offset, struct host_pattern *pattern,
	struct glob_error *error)
{
	const char *slash = memchr(host.bytes, '/', host.length);
	struct text address = host;

	if (slash) {
		address.length = (size_t)(slash - host.bytes);
	}
	if (!read_address(AF_INET, address, pattern->address)) {
		return fail(error, offset, "this is no IPv4 address",
			"write four numbers up to 255, for example 192.0.2.7:80");
	}
	pattern->family = ENDPOINT_IPV4;
	struct text rest = {host.bytes + address.length, host.length - address.length};
	return parse_prefix_length(rest, offset + address.length, pattern, error);
}

static bool copy_name(struct text name, size_t offset, struct host_pattern *pattern,
	struct glob_error *error)
{
	if (name.length == 0 || name.length > 253) {
		return fail(error, offset, "a host name has 1 to 253 characters", NULL);
	}
	for (size_t i = 0; i < name.length; i++) {
		char c = name.bytes[i];
		if (c >= 'A' && c <= 'Z') {
			c = (char)(c - 'A' + 'a');
		}
		bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			       c == '-' || c == '_';
		bool is_dot = c == '.' && i > 0 && i + 1 < name.length &&
			      name.bytes[i - 1] != '.';
		if (c == '*') {
			return fail(error, offset + i,
				"a * may stand only before a suffix",
				"write *.example.com:443, or *:443 for any host");
		}
		if ((unsigned char)c >= 0x80) {
			return fail(error, offset + i,
				"a host name is written in ASCII",
				"write the xn-- form of the name");
		}
		if (!is_word && !is_dot) {
			return fail(error, offset + i,
				"this cannot stand in a host name",
				"write for example api.example.com:443");
		}
		pattern->name[i] = c;
	}
	return true;
}

static bool parse_host(struct text host, size_t offset, struct host_pattern *pattern,
	struct glob_error *error)
{
	if (text_equal_string(host, "*")) {
		pattern->kind = HOST_ANY;
		return true;
	}
	if (text_starts_with(host, "[")) {
		return parse_ipv6(host, offset, pattern, error);
	}
	if (memchr(host.bytes, ':', host.length)) {
		return fail(error, offset, "an IPv6 address stands in brackets",
			"write for example [::1]:80");
	}
	if (looks_like_ipv4(host)) {
		return parse_ipv4(host, offset, pattern, error);
	}
	pattern->kind = HOST_NAME;
	if (text_starts_with(host, "*.")) {
		pattern->kind = HOST_SUFFIX;
		host = (struct text){host.bytes + 2, host.length - 2};
		offset += 2;
	}
	if (!copy_name(host, offset, pattern, error)) {
		return false;
	}
	if (pattern->kind == HOST_SUFFIX && host_is_public_suffix(pattern->name)) {
		return fail(error, offset,
			"anybody can register names below this suffix",
			"write the name that you mean, for example *.example.com:443");
	}
	return true;
}

bool host_pattern_parse(
	struct text text, struct host_pattern *pattern, struct glob_error *error)
{
	size_t offset = 0;

	memset(pattern, 0, sizeof(*pattern));
	if (text_starts_with(text, "tcp/")) {
		pattern->transport = TRANSPORT_TCP;
		offset = 4;
	} else if (text_starts_with(text, "udp/")) {
		pattern->transport = TRANSPORT_UDP;
		offset = 4;
	}
	struct text rest = {text.bytes + offset, text.length - offset};
	const char *colon =
		rest.length > 0 ? memrchr(rest.bytes, ':', rest.length) : NULL;
	const char *bracket =
		rest.length > 0 ? memrchr(rest.bytes, ']', rest.length) : NULL;
	if (!colon || (bracket && colon < bracket)) {
		return fail(error, text.length, "the port is missing",
			"write :443 for one port, :* for any");
	}
	struct text host = {rest.bytes, (size_t)(colon - rest.bytes)};
	struct text ports = {colon + 1, rest.length - host.length - 1};
	if (host.length == 0) {
		return fail(
			error, offset, "the host is missing", "write * for any host");
	}
	return parse_host(host, offset, pattern, error) &&
	       parse_ports(ports, offset + host.length + 1, pattern, error);
}

static void print_host(const struct host_pattern *pattern, char *buffer, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "";
	bool is_ipv4 = pattern->family == ENDPOINT_IPV4;

	switch (pattern->kind) {
	case HOST_ANY:
		(void)snprintf(buffer, size, "*");
		break;
	case HOST_NAME:
		(void)snprintf(buffer, size, "%s", pattern->name);
		break;
	case HOST_SUFFIX:
		(void)snprintf(buffer, size, "*.%s", pattern->name);
		break;
	case HOST_ADDRESS:
	case HOST_NETWORK:
		(void)inet_ntop(is_ipv4 ? AF_INET : AF_INET6, pattern->address, address,
			sizeof(address));
		int used = snprintf(buffer, size, is_ipv4 ? "%s" : "[%s]", address);
		if (pattern->kind == HOST_NETWORK) {
			(void)snprintf(buffer + used, size - (size_t)used, "/%u",
				pattern->prefix_length);
		}
		break;
	}
}

char *host_pattern_print(const struct host_pattern *pattern)
{
	char host[300];
	char ports[16] = "*";
	const char *transport = pattern->transport == TRANSPORT_TCP   ? "tcp/"
				: pattern->transport == TRANSPORT_UDP ? "udp/"
								      : "";

	print_host(pattern, host, sizeof(host));
	if (pattern->first_port == pattern->last_port) {
		(void)snprintf(ports, sizeof(ports), "%u", pattern->first_port);
	} else if (pattern->first_port != 0 || pattern->last_port != UINT16_MAX) {
		(void)snprintf(ports, sizeof(ports), "%u-%u", pattern->first_port,
			pattern->last_port);
	}
	return xasprintf("%s%s:%s", transport, host, ports);
}

bool endpoint_is_loopback(const struct endpoint *endpoint)
{
	static const uint8_t ipv6_loopback[16] = {[15] = 1};

	if (endpoint->family == ENDPOINT_IPV4) {
		return endpoint->address[0] == 127;
	}
	return endpoint->family == ENDPOINT_IPV6 &&
	       memcmp(endpoint->address, ipv6_loopback, sizeof(ipv6_loopback)) == 0;
}

static bool name_equal(struct text name, const char *lower)
{
	return name.length == strlen(lower) &&
	       strncasecmp(name.bytes, lower, name.length) == 0;
}

static bool address_matches(
	const struct host_pattern *pattern, const struct endpoint *endpoint)
{
	unsigned whole = pattern->prefix_length / 8;
	unsigned rest = pattern->prefix_length % 8;

	if (pattern->family != endpoint->family ||
		memcmp(pattern->address, endpoint->address, whole) != 0) {
		return false;
	}
	return rest == 0 || ((pattern->address[whole] ^ endpoint->address[whole]) >>
				    (8 - rest)) == 0;
}

static bool host_matches(const struct host_pattern *pattern,
	const struct endpoint *endpoint, struct text name)
{
	size_t length;

	switch (pattern->kind) {
	case HOST_ANY:
		return true;
	case HOST_ADDRESS:
	case HOST_NETWORK:
		return address_matches(pattern, endpoint);
	case HOST_NAME:
		return name_equal(name, pattern->name) ||
		       (strcmp(pattern->name, "localhost") == 0 &&
			       endpoint_is_loopback(endpoint));
	case HOST_SUFFIX:
		length = strlen(pattern->name);
		if (name.length < length + 2 ||
			name.bytes[name.length - length - 1] != '.') {
			return false;
		}
		name.bytes += name.length - length;
		name.length = length;
		return name_equal(name, pattern->name);
	}
	return false;
}

bool host_pattern_matches(const struct host_pattern *pattern,
	const struct endpoint *endpoint, struct text name)
{
	bool is_internet = endpoint->family == ENDPOINT_IPV4 ||
			   endpoint->family == ENDPOINT_IPV6 ||
			   endpoint->family == ENDPOINT_NONE;

	return is_internet && endpoint->port >= pattern->first_port &&
	       endpoint->port <= pattern->last_port &&
	       (pattern->transport == TRANSPORT_OTHER ||
		       pattern->transport == endpoint->transport) &&
	       host_matches(pattern, endpoint, name);
}

/* Names that no registry gives out: RFC 6761, RFC 6762, RFC 8375 and ICANN's "internal". */
static bool is_private_top_level(const char *name)
{
	static const char *const names[] = {
		"localhost", "local", "internal", "test", "example", "invalid"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

bool host_is_public_suffix(const char *name)
{
	const psl_ctx_t *suffixes = psl_builtin();

	if (is_private_top_level(name)) {
		return false;
	}
	return !suffixes || !strchr(name, '.') || psl_is_public_suffix(suffixes, name);
}

const char *host_registrable(const char *name)
{
	const psl_ctx_t *suffixes = psl_builtin();

	return suffixes ? psl_registrable_domain(suffixes, name) : NULL;
}
