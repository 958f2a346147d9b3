/* SPDX-License-Identifier: MIT */
/*
 * The MCP servers that agents' configuration files name, and which program may be one.
 * The files are read once, before anything of the tree runs.
 */
#ifndef SESSION_MCP_CONFIG_H
#define SESSION_MCP_CONFIG_H

#include "session/mcp.h"

/* Takes the servers of one file's JSON text; what is no such file is left alone. */
void mcp_config_read(struct mcp_watch *watch, struct text json, const char *project);
void mcp_config_free(struct mcp_watch *watch);

/* The server that is started by just this argument list; NULL: none. */
const struct mcp_configured *mcp_config_find(
	const struct mcp_watch *watch, const struct text *argv, size_t argc);

/* Who executes it: what it was before, and the process that made it; empty: none. */
struct mcp_caller {
	struct text program, parent;
};

/*
 * Whether a program with pipes for input and output may be a server: by a word of its
 * command line, or because it runs a script and was not started by a shell, but for one
 * that a script or an agent started and that makes way for it, or because a script or an
 * agent started it and it is no well-known tool.
 */
bool mcp_may_be_server(const struct mcp_caller *by, struct text program,
	const struct text *argv, size_t argc);

/*
 * The same of one whose pipes processes above it have as their own input or output, too,
 * below who made them, or that has its errors in its output: it is one only if its command
 * line says so and no shell made them, for in a shell's pipelines and loops several programs
 * share what nobody says to them.
 */
bool mcp_may_be_wrapped_server(
	struct text maker, struct text program, const struct text *argv, size_t argc);

/* What it is called until it says so itself: by the word of its command line; owned. */
char *mcp_first_name(struct text program, const struct text *argv, size_t argc);

#endif
