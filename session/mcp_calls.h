/* SPDX-License-Identifier: MIT */
/*
 * The tool calls of one MCP server that its client waits for, and what follows from them
 * for whatever the server's processes do.
 *
 * With no call in flight, an action of the server's tree may be late work of any call
 * that it answered: these calls are known as ended ones. They make no allow rule hold
 * and every stricter rule that names one of them.
 */
#ifndef SESSION_MCP_CALLS_H
#define SESSION_MCP_CALLS_H

#include "rules/action.h"
#include "session/mcp_arguments.h"

#include <jansson.h>

enum { MCP_IN_FLIGHT_MAX = 256, MCP_ENDED_MAX = 64 };

/* What is known of an action by the calls in flight. Never changed once made. */
struct mcp_facts {
	unsigned references;
	struct text *names; /* "server/tool" */
	size_t count;
	bool are_ended;	 /* some server on the way has none in flight */
	bool is_unknown; /* too many calls to remember, or whose is not known */
	char *json;	 /* as events have it; NULL: no calls */
	char *line;	 /* for a person: "server/tool(name=value)"; NULL: no calls */
	char *recorded_line; /* the same without secrets */
	uint64_t digest;     /* of the names */
};

struct mcp_call {
	struct mcp_call *next;
	char *id;
	json_t *json_id; /* as it was written; may be NULL */
	char *tool;
	struct mcp_arguments arguments;
	int64_t number; /* in the recording */
};

struct mcp_calls {
	struct mcp_call *first; /* the oldest */
	size_t count;
	char *ended[MCP_ENDED_MAX]; /* different tools, owned */
	size_t ended_count;
	bool is_ended_full;
};

/* Takes id, tool and arguments over; false, taking nothing: too many, or the id is used. */
bool mcp_calls_begin(struct mcp_calls *calls, struct mcp_call call);
/* The call of that id, taken out; freed with mcp_call_free. NULL: there is none. */
struct mcp_call *mcp_calls_end(struct mcp_calls *calls, const char *id);
bool mcp_calls_has(const struct mcp_calls *calls, const char *id);
void mcp_call_free(struct mcp_call *call);
void mcp_calls_finish(struct mcp_calls *calls);

/* outer: what is known by the server that this one runs under; may be NULL. */
struct mcp_facts *mcp_facts_create(const struct mcp_calls *calls, const char *server,
	const struct mcp_facts *outer);
/* Of a process that may belong to any server. Borrowed. */
struct mcp_facts *mcp_facts_unknown(void);
struct mcp_facts *mcp_facts_reference(struct mcp_facts *facts); /* accepts NULL */
void mcp_facts_release(struct mcp_facts *facts);		/* accepts NULL */
void mcp_facts_apply(const struct mcp_facts *facts, struct subject *subject);

#endif
