/* SPDX-License-Identifier: MIT */
/*
 * What is said to a program that began as no MCP server: it passes as it comes. But a
 * server overlooks a line that it does not understand, so that a client could begin with
 * one and then call tools unseen. Hence each line is looked at that might be a message.
 */
#ifndef SESSION_MCP_PLAIN_H
#define SESSION_MCP_PLAIN_H

#include "session/mcp_relay.h"

/* Zero-initialise. */
struct mcp_plain {
	struct mcp_lines begun; /* what has passed of a line that may be a message */
	bool is_other;		/* within a line that is none */
	bool is_long;		/* within one that is longer than MCP_LINE_MAX */
	bool is_suspect;	/* which may be a message nevertheless */
};

/*
 * Passes what came, up to a line that is a message for a server: then true, and that line
 * is the first of stream->in. What has passed of it was made unreadable.
 */
bool mcp_plain_pass(struct mcp_plain *plain, struct mcp_stream *stream);
void mcp_plain_finish(struct mcp_plain *plain);

#endif
