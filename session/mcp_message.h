/* SPDX-License-Identifier: MIT */
/*
 * One message of the Model Context Protocol over standard input and output: a JSON-RPC
 * 2.0 object on a line of its own. What different readers could take for different
 * messages (names that come twice or in another case, stray carriage returns, bytes that
 * are no UTF-8, deep nesting) is no message here. Pure.
 */
#ifndef SESSION_MCP_MESSAGE_H
#define SESSION_MCP_MESSAGE_H

#include "base/text.h"

#include <jansson.h>

enum {
	MCP_DEPTH_MAX = 64,
	MCP_ID_MAX = 256,   /* bytes */
	MCP_NAME_MAX = 128, /* of tools and servers as rules see them */
};

enum mcp_kind {
	MCP_MALFORMED, /* fault says why */
	MCP_REQUEST,
	MCP_NOTIFICATION,
	MCP_RESPONSE, /* with a result or an error */
};

struct mcp_message {
	enum mcp_kind kind;
	const char *fault;  /* static */
	json_t *body;	    /* owned; NULL: malformed */
	char *id;	    /* owned, see mcp_id; NULL: it has none */
	const char *method; /* of a request or notification; of body */
};

/* line without or with its newline. Give it back with mcp_message_finish in any case. */
void mcp_message_parse(struct mcp_message *message, struct text line);
void mcp_message_finish(struct mcp_message *message);

bool mcp_message_is(const struct mcp_message *message, const char *method);

/*
 * How many bytes at the start of text are that word for readers that take no heed of case,
 * as Go's; 0: they are another. word is in lower case.
 */
size_t mcp_word_length(struct text text, const char *word);
/* The member that such a reader may take for that name; NULL: there is none. */
const json_t *mcp_member(const json_t *object, const char *name);

/*
 * What an id is known by: its text. Some clients take "5" for 5, and so do we. NULL: the
 * value is no id. Owned.
 */
char *mcp_id(const json_t *value);

/*
 * A name as it may stand in an object "server/tool": what is not a letter, digit or one
 * of . _ - @ : becomes _, and it is never empty, "." or "..". Owned.
 */
char *mcp_name(const char *name);

/* An error that says that a request was refused, as a line; id may be NULL. Owned. */
char *mcp_error_line(json_t *id, const char *reason);

#endif
