/* SPDX-License-Identifier: MIT */
/*
 * The sockets of this network namespace at one moment, as /proc/net/tcp and its kin and
 * sock_diag(7) list them: which belong together, and which wait for others.
 */
#ifndef SESSION_SOCKETS_H
#define SESSION_SOCKETS_H

#include "rules/action.h"

struct sockets;

/* What cannot be listed is missing in it. Given back by sockets_destroy. */
struct sockets *sockets_take(void);
void sockets_destroy(struct sockets *sockets); /* accepts NULL */

/* True if a socket of this machine may be what the endpoint names. */
bool sockets_may_be_ours(const struct endpoint *endpoint);

/* A number that both ends of a connection have in common; no other socket has it. */
uint64_t sockets_connection(const struct sockets *sockets, uint64_t inode);

/* At the other end of a Unix socket, whatever its name is by now. */
struct socket_other {
	uint64_t inode;
	bool waits; /* to be accepted; else it is connected to that, which need not be to it */
};
const struct socket_other *sockets_others(
	const struct sockets *sockets, uint64_t inode, size_t *count);

/*
 * True if the socket is bound to what the text of an endpoint names: an absolute path
 * ("unix:/run/x"), an abstract name ("unix:@x"), or a port of this machine, whichever its
 * address ("127.0.0.1:80").
 */
bool sockets_is_bound(
	const struct sockets *sockets, uint64_t inode, struct text endpoint);

#endif
