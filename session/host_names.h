/* SPDX-License-Identifier: MIT */
/*
 * What names the resolver answered for an address in this session. Only answers of the
 * real resolver come in here. Bounded: what was answered longest ago makes room.
 */
#ifndef SESSION_HOST_NAMES_H
#define SESSION_HOST_NAMES_H

#include "session/dns_message.h"
#include "session/request_slots.h"

enum { HOST_ADDRESSES_MAX = 1024, HOST_BUCKETS = 512 };

struct host_name {
	char *name;
	int64_t until; /* monotonic, ns */
};

struct host_address {
	struct host_address *next; /* in the same bucket */
	enum endpoint_family family;
	uint8_t address[16];
	struct host_name names[ENDPOINT_NAMES_MAX]; /* in the order they were learned */
	size_t count;
	int64_t answered; /* last, monotonic, ns */
};

struct action_names;

/* Zero-initialise. */
struct host_names {
	struct host_address *buckets[HOST_BUCKETS];
	size_t count;
	struct action_names *lent, *free;
};

/*
 * Loopback, link-local and multicast addresses get no names: whoever owns a domain could
 * otherwise bring services of this machine under rules about that domain.
 */
void host_names_learn(
	struct host_names *names, const struct dns_answer *answer, int64_t now);
void host_names_finish(struct host_names *names);

/* The names of an endpoint; NULL: none that still holds. Valid until the next call. */
const struct host_address *host_names_find(
	struct host_names *names, const struct endpoint *endpoint, int64_t now);

/*
 * Gives the internet addresses that a request connects to the names that hold now:
 * asked as "a.example.com,b.example.com:443". The request borrows them until it is
 * returned, or for good.
 */
void host_names_lend(struct host_names *names, struct request *request, int64_t now);
void host_names_return(struct host_names *names, struct request *request);

#endif
