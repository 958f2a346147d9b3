/* SPDX-License-Identifier: MIT */
/*
 * MCP servers in the tree: found when they are executed, watched through a relay
 * (session/mcp_relay.h), named, and their tool calls judged as actions of verb mcp. What
 * a server's processes do is known to be done while these calls are in flight.
 *
 * All of it belongs to the loop's thread.
 */
#ifndef SESSION_MCP_H
#define SESSION_MCP_H

#include "base/error.h"
#include "session/mcp_calls.h"
#include "tracer/tracer.h"

struct mcp_held;
struct mcp_server;
struct process_state;
struct places;
struct supervisor;

/* A server as an agent's configuration names it. */
struct mcp_configured {
	char *name;
	char *command;
	char **arguments; /* NULL ends it */
	size_t argument_count;
};

/* A name that a server has or had in this session, and its command line. */
struct mcp_claim {
	char *name, *identity;
};

struct mcp_watch {
	struct mcp_server *servers;
	size_t count;
	int64_t last_number;
	struct mcp_configured *configured;
	size_t configured_count;
	struct mcp_claim *claims;
	size_t claim_count;
};

/* Reads the configuration files of agents as they are before the command runs. */
void mcp_watch_init(struct mcp_watch *watch, const struct places *places);
void mcp_watch_finish(struct supervisor *supervisor);

/*
 * An exec is about to be allowed: if its program may be a server, a relay is laid. Where
 * that cannot be, its calls would pass unseen: the reason why it has to be denied, static.
 * NULL: it may go on.
 */
const char *mcp_exec_allowed(struct supervisor *supervisor, struct request *request);
/* It was done. */
void mcp_exec_done(struct supervisor *supervisor, const struct process *process);
/* A call ended or starts anew: if it is an exec that was not done, no server began. */
void mcp_exec_ended(struct supervisor *supervisor, const struct request *request);
/*
 * A new process belongs to the servers of its parent. Whose maker is not known may belong
 * to any: no allow rule about calls holds for it, and every stricter one does.
 */
void mcp_process_start(const struct supervisor *supervisor, struct process_state *state,
	const struct process_state *parent);
void mcp_process_end(struct supervisor *supervisor, struct process_state *state,
	const struct process *process);

/* An event of the loop for an end of a relay. */
void mcp_ready(struct supervisor *supervisor, uint64_t data, uint32_t events);

/* Takes in what the servers of a process said before it did what is judged now. */
void mcp_catch_up(struct supervisor *supervisor, const struct process *process);
/* By which calls something is done; NULL: the process belongs to no server. Borrowed. */
struct mcp_facts *mcp_facts_of(const struct process *process);

/*
 * What is passed on between servers and their clients, innermost servers first, so that
 * joining one after the other joins all. Owned.
 */
struct channel_relay *mcp_channels(const struct supervisor *supervisor, size_t *count);

/*
 * Whether this is a pipe of a server or of its client: who opens it once more would speak
 * past the relay, or in the client's name.
 */
bool mcp_speaks_over(const struct mcp_watch *watch, uint64_t inode);

/* A request that stands for a message, not for a system call. */
static inline bool mcp_is_message(const struct request *request)
{
	return request->syscall < 0;
}
/* Carries its verdict out; the request is gone afterwards. */
void mcp_answer(
	struct supervisor *supervisor, struct request *request, bool is_allowed);
/* True if an allowed message has to be asked about nevertheless. */
bool mcp_must_ask(const struct request *request, struct text rule);

#endif
