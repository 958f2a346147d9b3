/* SPDX-License-Identifier: MIT */
/* The resolvers that this machine is configured to ask: resolv.conf(5). */
#ifndef SESSION_RESOLVER_ADDRESSES_H
#define SESSION_RESOLVER_ADDRESSES_H

#include "rules/action.h"

enum { RESOLVER_PORT = 53, RESOLVERS_MAX = 4 };

struct resolver_addresses {
	struct endpoint list[RESOLVERS_MAX]; /* port 53, no transport */
	size_t count;
};

/*
 * The first nameserver lines; without any, this machine itself, as libraries take it. A
 * file that cannot be read has none.
 */
void resolver_addresses_read(struct resolver_addresses *addresses, const char *path);

/* Reads the machine's own file. */
void resolver_addresses_find(struct resolver_addresses *addresses);

/* The position of an endpoint in the list, or -1. */
int resolver_addresses_index(
	const struct resolver_addresses *addresses, const struct endpoint *endpoint);

/*
 * Services that look names of hosts up for the tree, where nobody could see what they
 * answered: the C library goes on to ask the resolver itself when they are not there.
 */
bool resolver_is_service(const struct action *action);

/* Rule text: these may be asked without a question. Owned. */
char *resolver_rules(void);
/* Rule text: the tree cannot become a resolver that names are learned from. Owned. */
char *resolver_protection(void);

#endif
