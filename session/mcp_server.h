/* SPDX-License-Identifier: MIT */
/*
 * One program that may be an MCP server, with the processes that it started: the relay
 * to its client, the calls in flight, what waits to be judged, and what its tools said of
 * themselves. Inside session/mcp_*.c only; session/mcp.h is the face.
 */
#ifndef SESSION_MCP_SERVER_H
#define SESSION_MCP_SERVER_H

#include "session/mcp_calls.h"
#include "session/mcp_message.h"
#include "session/mcp_plain.h"
#include "session/mcp_relay.h"
#include "tracer/tracer.h"

struct supervisor;

enum mcp_mode {
	MCP_UNKNOWN, /* nothing was said to it yet */
	MCP_PLAIN,   /* it is none: bytes pass as they are */
	MCP_SPOKEN,  /* JSON-RPC: each line is looked at */
};

enum mcp_asked { MCP_ASKED_INITIALIZE, MCP_ASKED_LIST };

/* A request of the client whose response says something about the server. */
struct mcp_expected {
	struct mcp_expected *next;
	char *id;
	enum mcp_asked asked;
};

/* What a tool says of itself, as it was approved. */
struct mcp_pin {
	struct mcp_pin *next;
	char *tool;	  /* or what stands in parentheses: see mcp_tools.h */
	char *definition; /* JSON, in one canonical form */
};

enum mcp_held_kind {
	MCP_HELD_CALL,	     /* a tools/call on its way to the server */
	MCP_HELD_TOOLS,	     /* a response with tools on its way to the client */
	MCP_HELD_UNREADABLE, /* of the client, to be recorded as refused */
};

/* A message that is being judged, as a request that the session treats as any other. */
struct mcp_held {
	struct request request; /* first; it has no system call */
	struct mcp_held *next;
	struct mcp_server *server;
	enum mcp_held_kind kind;
	char *object, *tool, *id;
	json_t *json_id; /* as it was written; NULL: unknown */
	char *line;
	size_t length;
	struct mcp_arguments arguments; /* what the action's argv is */
	struct mcp_pin *pins;		/* to be stored if allowed */
};

struct mcp_server {
	struct mcp_server *next;
	int64_t number;
	struct mcp_server *outer; /* a process of it started this one; or NULL */
	size_t members;		  /* processes, and servers within */
	struct process *root;	  /* valid while there are members */
	char *identity;		  /* the command line, as JSON */
	char *name;
	bool is_configured; /* name is of an agent's configuration */
	bool has_started;
	bool is_taking; /* lines, so that nothing may be closed */
	enum mcp_mode mode;
	struct mcp_relay relay;
	struct mcp_plain plain;
	struct mcp_calls calls;
	struct mcp_facts *facts; /* of the calls as they are now; NULL: to be made */
	const struct mcp_facts *facts_outer; /* that they were made with; not owned */
	struct mcp_expected *expected;
	size_t expected_count;
	struct mcp_held *held;
	size_t held_count, held_bytes;
	struct mcp_pin *pins;
	bool has_pins;	   /* they were read */
	bool is_first_use; /* there were none */
	bool has_listed;
};

/* ---- mcp_messages.c ---- */

/* Takes the lines that came from one side. */
void mcp_take_lines(struct supervisor *supervisor, struct mcp_server *server,
	enum mcp_direction direction);

/* ---- mcp_held.c ---- */

/* Sends a line; the newline may be missing. */
void mcp_say(struct mcp_server *server, enum mcp_direction direction, struct text line);
/* Answers the client's request of that id with an error. */
void mcp_say_refused(struct mcp_server *server, json_t *id, const char *reason);

struct mcp_held *mcp_held_create(struct mcp_server *server,
	const struct mcp_message *message, enum mcp_held_kind kind, struct text line);
void mcp_held_free(struct mcp_held *held);
/* The one that waits for a person; NULL: none of that kind and id does. */
struct mcp_held *mcp_held_find(
	const struct mcp_server *server, enum mcp_held_kind kind, const char *id);
/* Judges a message with its object filled in; takes the held. */
void mcp_judge(struct supervisor *supervisor, struct mcp_server *server,
	struct mcp_held *held);
/* Takes the question back, and frees it. */
void mcp_held_give_up(struct supervisor *supervisor, struct mcp_held *held);
/* Gives up what a process asks that is gone; NULL: all of it. */
void mcp_held_withdraw(struct supervisor *supervisor, struct mcp_server *server,
	const struct process *process);

/* ---- mcp_names.c ---- */

/* The name that the response to `initialize` claims, told apart from others'. */
void mcp_server_rename(
	struct supervisor *supervisor, struct mcp_server *server, const char *claimed);

/* ---- mcp.c ---- */

/* The calls changed: what is known by them has to be made anew. */
void mcp_server_changed(struct mcp_server *server);
/* Writes and watches; the server may be gone afterwards. */
void mcp_server_settle(struct supervisor *supervisor, struct mcp_server *server);

#endif
