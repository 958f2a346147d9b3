/* SPDX-License-Identifier: MIT */
/*
 * Routes that a packet carries with it: it goes to the first hop that is named in it,
 * whatever address it is sent to, and whoever is there has it. ip(7), ipv6(7).
 */
#ifndef TRACER_SOURCE_ROUTE_H
#define TRACER_SOURCE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

/* True for a setsockopt(2) that can set one; taking it back (length 0) is none. */
bool source_route_is_option(int level, int option, int length);

/* True if the control messages of a sendmsg(2), which may be any bytes, have one. */
bool source_route_is_in(const void *control, size_t length);

#endif
