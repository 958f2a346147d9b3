/* SPDX-License-Identifier: MIT */
/*
 * How names of hosts are learned: the forwarder between the tree and the resolvers of this
 * machine. Nothing that the tree sends or receives itself is believed, only what the real
 * resolver answers to a socket of ours.
 *
 * - A socket of the tree that connects to a resolver is connected to a port of ours
 *   instead. What it asks there is asked of the real resolver, under a number of ours;
 *   the answer is remembered and passed on as it is.
 * - Who may look at the sender of an answer (any UDP socket that glibc did not make, where
 *   ours has another address) gets its socket back once we know the answer: it is
 *   connected to the resolver that it asked for, and its question sent there, whose own
 *   answer then comes from the right address. What it asks later on that socket we miss.
 * - A datagram that is sent to a resolver by address (musl) waits until what it asks was
 *   answered to us, and is then sent as it is.
 */
#ifndef SESSION_RESOLVER_H
#define SESSION_RESOLVER_H

#include "session/host_names.h"
#include "session/resolver_addresses.h"

struct resolver;

/* NULL without descriptors to spare: names are not learned then. */
struct resolver *resolver_create(struct tracer *tracer);
void resolver_destroy(struct resolver *resolver); /* accepts NULL */

/* Readable when there is work. */
int resolver_fd(const struct resolver *resolver);
void resolver_work(struct resolver *resolver);

struct host_names *resolver_names(struct resolver *resolver);

/*
 * Where an allowed call that is about to be carried out goes instead of to its resolver;
 * NULL: nowhere else. Valid for the resolver's life.
 */
const struct endpoint *resolver_redirect(
	struct resolver *resolver, const struct request *request);

/*
 * True if an allowed call has to be held first, since what it asks is being asked. The
 * call then comes out of resolver_next_known, unless it is forgotten before.
 */
bool resolver_delays(struct resolver *resolver, struct request *request);
struct request *resolver_next_known(struct resolver *resolver);
void resolver_forget(struct resolver *resolver, const struct request *request);

#endif
