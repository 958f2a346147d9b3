/* SPDX-License-Identifier: MIT */
/*
 * Socket calls that name a peer or an address: the address is read once, judged, and the
 * kernel then reads that very copy from the sealed argument pages; or, for sockets with a
 * path, the call is made by us on a copy of the descriptor and the pinned socket file.
 */
#ifndef TRACER_NETWORK_CALL_H
#define TRACER_NETWORK_CALL_H

#include "tracer/call.h"
#include "tracer/registers.h"
#include "tracer/tracer.h"

struct network_call;

/* As the other decoders; no action: nothing to judge (no name, AF_UNSPEC). */
int network_call_prepare(
	struct network_call **result, const struct call *call, struct request *request);
void network_call_destroy(struct network_call *network); /* accepts NULL */

/* True if the address is the name of a socket file, which the kernel will look up. */
bool network_call_names_file(const struct network_call *network);
/* True if the name leads to something else by now than what was judged. */
bool network_call_leads_elsewhere(
	struct network_call *network, const struct call *call);
/*
 * True if a name depends on the working folder of a process or on what is behind a
 * descriptor's number.
 */
bool network_call_is_fickle(const struct network_call *network);
/*
 * Whether such a name may stay as the caller wrote it (which others see as the socket's
 * name), since nobody else can change the caller's working folder and descriptors.
 */
void network_call_keep_text(struct network_call *network, bool keeps);

/* True if the kernel is to run the call with the address from the pages. */
bool network_call_needs_pin(const struct network_call *network);

/* The one address of the call becomes another; left alone where its family cannot. */
void network_call_redirect(
	struct network_call *network, const struct endpoint *endpoint);

/* See tracer_read_message. */
size_t network_call_read_message(const struct network_call *network,
	const struct call *call, size_t number, void *buffer, size_t size);

/* Fills the slot at memory and points the registers at it. */
void network_call_pin(const struct network_call *network, const struct call *call,
	void *memory, uint64_t slot_address, struct registers *registers);

/*
 * At the exit of a pinned call: *result becomes what the caller gets. sendmmsg runs as
 * one sendmsg after the other: true if the next one is to be pinned and run now.
 */
bool network_call_continues(
	struct network_call *network, const struct call *call, int64_t *result);

/* How many messages of a sendmmsg are sent. */
unsigned network_call_sent(const struct network_call *network);

/* True if the call is made by us, in a performer: on a copy of the caller's socket. */
bool network_call_is_on_behalf(const struct network_call *network);
/*
 * True if the call may also be made by us, at the price that a peer sees our process
 * behind a socket file: needed where another could put another socket behind the number.
 */
bool network_call_names_socket(const struct network_call *network);
int64_t network_call_perform(
	const struct network_call *network, const struct call *call);

#endif
