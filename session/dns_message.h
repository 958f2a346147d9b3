/* SPDX-License-Identifier: MIT */
/*
 * DNS messages as far as names of hosts need them. Both kinds come from strangers: the
 * tree writes queries, and whoever owns a domain has a say in its answers.
 */
#ifndef SESSION_DNS_MESSAGE_H
#define SESSION_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_HEADER_SIZE = 12,
	DNS_MESSAGE_MAX = 65535,
	DNS_NAME_SIZE = 254, /* with the final zero byte */
	DNS_ADDRESSES_MAX = 64
};

struct dns_address {
	bool is_ipv6;
	uint8_t bytes[16]; /* IPv4 uses the first four */
	uint32_t seconds;  /* the shortest lifetime on the way to it */
};

struct dns_answer {
	char name[DNS_NAME_SIZE]; /* that was asked for; lower case, no final dot */
	struct dns_address addresses[DNS_ADDRESSES_MAX];
	size_t count;
};

/* True for a query with one readable question: all that is passed on. */
bool dns_is_query(const uint8_t *message, size_t length);

/* True if reply is one to the question of query, whatever their numbers are. */
bool dns_is_reply(const uint8_t *query, size_t query_length, const uint8_t *reply,
	size_t reply_length);

/*
 * The addresses of the name that was asked for, aliases followed in their order. False
 * if there are none, or if the reply is malformed or its name is none of a host.
 */
bool dns_read_answer(const uint8_t *reply, size_t length, struct dns_answer *answer);

#endif
