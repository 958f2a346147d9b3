/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a tools/call, one text for each, "name=value": as they are for the
 * person who decides, for whom nothing may be hidden behind the looks of a secret, and
 * without secrets for all that is recorded. Pure.
 */
#ifndef SESSION_MCP_ARGUMENTS_H
#define SESSION_MCP_ARGUMENTS_H

#include "base/text.h"

#include <jansson.h>

struct mcp_arguments {
	struct text *shown;    /* long ones are cut, and say so */
	struct text *recorded; /* the same with secrets masked; NULL: they have none */
	size_t count;
};

/* values: the object of a call, or NULL. Give it back with mcp_arguments_finish. */
struct mcp_arguments mcp_arguments_read(const json_t *values);
struct mcp_arguments mcp_arguments_copy(const struct mcp_arguments *arguments);
/* One more line, which has no secrets; owned from now on. Of none that were read. */
void mcp_arguments_add(struct mcp_arguments *arguments, char *line);
void mcp_arguments_finish(struct mcp_arguments *arguments);

/* What is recorded of them. */
static inline const struct text *mcp_arguments_masked(
	const struct mcp_arguments *arguments)
{
	return arguments->recorded ? arguments->recorded : arguments->shown;
}

#endif
