/* SPDX-License-Identifier: MIT */
/*
 * What is said to a program that began as no MCP server: it passes as it comes. But a
 * server overlooks a line that it does not understand, so that a client could begin with
 * one and then call tools unseen. Hence each line is looked at that might be a message.
 */
#ifndef SESSION_MCP_PLAIN_H
#define SESSION_MCP_PLAIN_H

#include "session/mcp_relay.h"

/*
 * Some servers, as those in Go, read one JSON value after the other, however they are
 * spread over lines, and until the first that is none.
 */
struct mcp_value {
	struct mcp_lines begun; /* what has passed of it */
	size_t depth;		/* 0: between two */
	bool is_in_text, is_escaped;
	bool is_over; /* there was something else, or one that is too long */
};

/* Zero-initialise. */
struct mcp_plain {
	struct mcp_value value;
	struct mcp_lines begun; /* what has passed of a line that may be a message */
	unsigned words;		/* that are in it, as bits */
	bool is_new;		/* more than blanks came since it was judged */
	bool is_other;		/* within a line that is none */
	bool is_long;		/* within one that is longer than MCP_LINE_MAX */
};

/*
 * Passes what came, up to a line or value that is a message for a server: then true, and it
 * is the first of stream->in. What has passed of it was made unreadable.
 */
bool mcp_plain_pass(struct mcp_plain *plain, struct mcp_stream *stream);
void mcp_plain_finish(struct mcp_plain *plain);

#endif
