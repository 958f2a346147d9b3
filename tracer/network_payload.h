/* SPDX-License-Identifier: MIT */
/* What a message carries. Inside tracer/ only. */
#ifndef TRACER_NETWORK_PAYLOAD_H
#define TRACER_NETWORK_PAYLOAD_H

#include "tracer/call.h"

#include <sys/socket.h>

/* Gathers what the header of a message points at; 0: unreadable, or more than size. */
size_t network_payload_read(const struct msghdr *header, const struct call *call,
	void *buffer, size_t size);

#endif
