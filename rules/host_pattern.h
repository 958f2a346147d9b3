/* SPDX-License-Identifier: MIT */
/* Patterns of hosts and ports: "tcp/api.example.com:443", "10.0.0.0/8:1-1023". */
#ifndef RULES_HOST_PATTERN_H
#define RULES_HOST_PATTERN_H

#include "rules/action.h"
#include "rules/glob.h"

enum host_kind {
	HOST_ANY,     /* `*`: every address of the internet protocols */
	HOST_NETWORK, /* CIDR */
	HOST_SUFFIX,  /* `*.name`: proper subdomains */
	HOST_ADDRESS,
	HOST_NAME, /* localhost also stands for the loopback addresses */
};

struct host_pattern {
	enum host_kind kind;
	enum transport transport;    /* TRANSPORT_OTHER: any */
	enum endpoint_family family; /* address and network */
	uint8_t address[16];
	unsigned prefix_length; /* bits; of an address all of them */
	char name[256]; /* HOST_NAME and HOST_SUFFIX (without "*."), lower case */
	uint16_t first_port, last_port;
};

bool host_pattern_parse(
	struct text text, struct host_pattern *pattern, struct glob_error *error);

/* The canonical spelling, owned. */
char *host_pattern_print(const struct host_pattern *pattern);

/*
 * name is one of the names of the endpoint, or empty for the address alone: an address
 * pattern matches whatever the name is.
 */
bool host_pattern_matches(const struct host_pattern *pattern,
	const struct endpoint *endpoint, struct text name);

bool endpoint_is_loopback(const struct endpoint *endpoint);

/* True if everybody may register names below it (com, co.uk, github.io); fails closed. */
bool host_is_public_suffix(const char *name);
/* The part of name that somebody registered ("example.co.uk"), within name, or NULL. */
const char *host_registrable(const char *name);

#endif
