/* SPDX-License-Identifier: MIT */
/*
 * What tools of MCP servers say of themselves is read by the agent's model as if it were
 * its person's word, and a server may change it at any time. What a server said when it
 * was first used is pinned in the database; what is new or different is asked about.
 *
 * Besides tools there are "(instructions)", which `initialize` is answered with, and
 * "(command)", the command line of a server that no configuration names.
 */
#ifndef SESSION_MCP_TOOLS_H
#define SESSION_MCP_TOOLS_H

#include "session/mcp_server.h"

/* The command line as JSON; owned. */
char *mcp_command_json(struct text program, const struct text *argv, size_t argc);

/*
 * Compares a result of `tools/list` or `initialize` with what is pinned. What differs
 * becomes held's pins, and its arguments the difference in words; none: nothing does.
 */
void mcp_tools_compare(struct supervisor *supervisor, struct mcp_server *server,
	const json_t *result, struct mcp_held *held);
/* They were approved: what differs takes the place of what was pinned. */
void mcp_tools_pin(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_pin *pins);
void mcp_pins_free(struct mcp_pin *pins);

/*
 * Adds one line for each member in which two definitions differ: "- description: …" and
 * "+ description: …", long ones from shortly before the difference. before may be NULL.
 */
void mcp_tool_difference(const char *tool, const char *before, const char *after,
	struct mcp_arguments *lines);

#endif
