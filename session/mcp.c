/* SPDX-License-Identifier: MIT */
/* The servers of a session: from the exec that may be one to the end of its last process. */
#include "session/mcp.h"

#include "base/xalloc.h"
#include "session/channels.h"
#include "session/mcp_config.h"
#include "session/mcp_server.h"
#include "session/mcp_tools.h"
#include "session/supervisor.h"

#include <stdlib.h>
#include <unistd.h>

enum { SERVERS_MAX = 1024 };

static void close_both(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void server_free(struct supervisor *supervisor, struct mcp_server *server)
{
	struct mcp_server **link = &supervisor->mcp.servers;

	while (*link != server) {
		link = &(*link)->next;
	}
	*link = server->next;
	supervisor->mcp.count--;
	mcp_relay_close(&server->relay);
	mcp_plain_finish(&server->plain);
	while (server->held) {
		struct mcp_held *held = server->held;
		server->held = held->next;
		mcp_held_free(held);
	}
	while (server->expected) {
		struct mcp_expected *expected = server->expected;
		server->expected = expected->next;
		free(expected->id);
		free(expected);
	}
	mcp_calls_finish(&server->calls);
	mcp_facts_release(server->facts);
	mcp_pins_free(server->pins);
	free(server->identity);
	free(server->name);
	free(server);
}

/* Frees it and the servers around it, as far as nothing is left of them. */
static void server_end_if_over(struct supervisor *supervisor, struct mcp_server *server)
{
	while (server && server->members == 0 && !server->held &&
		mcp_relay_is_over(&server->relay)) {
		struct mcp_server *outer = server->outer;
		server_free(supervisor, server);
		if (outer) {
			outer->members--;
		}
		server = outer;
	}
}

void mcp_server_changed(struct mcp_server *server)
{
	mcp_facts_release(server->facts);
	server->facts = NULL;
}

void mcp_server_settle(struct supervisor *supervisor, struct mcp_server *server)
{
	if (server->has_started) {
		mcp_relay_settle(&server->relay, server->held != NULL);
	}
	if (server->held && server->relay.streams[MCP_TO_CLIENT].to.fd < 0) {
		mcp_held_withdraw(supervisor, server, NULL);
		mcp_relay_settle(&server->relay, false);
	}
	server_end_if_over(supervisor, server);
}

void mcp_watch_finish(struct supervisor *supervisor)
{
	while (supervisor->mcp.servers) {
		server_free(supervisor, supervisor->mcp.servers);
	}
	mcp_config_free(&supervisor->mcp);
}

static struct mcp_server *server_create(
	struct supervisor *supervisor, const struct action *exec)
{
	struct mcp_watch *watch = &supervisor->mcp;
	struct mcp_server *server = xcalloc(1, sizeof(*server));
	const struct mcp_configured *configured =
		mcp_config_find(watch, exec->argv, exec->argc);

	server->number = ++watch->last_number;
	server->identity = mcp_command_json(exec->object, exec->argv, exec->argc);
	server->is_configured = configured != NULL;
	server->mode = configured ? MCP_SPOKEN : MCP_UNKNOWN;
	server->name = configured
			       ? xstrdup(configured->name)
			       : mcp_first_name(exec->object, exec->argv, exec->argc);
	server->next = watch->servers;
	watch->servers = server;
	watch->count++;
	return server;
}

static const struct action *exec_of(const struct request *request)
{
	for (size_t i = 0; i < request->action_count; i++) {
		if (request->actions[i].verb == VERB_EXEC) {
			return &request->actions[i];
		}
	}
	return NULL;
}

/* The descriptors are those of a server that the process belongs to already. */
static bool is_relayed(const struct process_state *state, const int stdio[2])
{
	const struct mcp_server *server = state->mcp;

	while (server && !mcp_relay_has(&server->relay, stdio)) {
		server = server->outer;
	}
	return server != NULL;
}

static bool is_configured(
	const struct supervisor *supervisor, const struct action *exec)
{
	return mcp_config_find(&supervisor->mcp, exec->argv, exec->argc) != NULL;
}

static bool may_be_server(const struct supervisor *supervisor,
	const struct request *request, const struct action *exec)
{
	const struct process *process = request->process;
	const struct mcp_caller by = {
		.program = text_of(process->program),
		.parent = text_of(process->parent ? process->parent->program : ""),
	};

	return is_configured(supervisor, exec) ||
	       mcp_may_be_server(&by, exec->object, exec->argv, exec->argc);
}

/*
 * A client makes both pipes anew. What a process above has as well, that one may read or
 * write itself, before and after: nothing may come between. Nor between what is said as
 * output and as errors, where both go to one pipe, from which nobody could tell messages.
 */
static bool may_have_client(const struct supervisor *supervisor,
	const struct request *request, const struct action *exec, const int stdio[2])
{
	const struct process *parent = request->process->parent;
	const struct process *maker = parent;

	while (maker &&
		(tracer_shares_file(supervisor->tracer, maker->pid, 0, stdio[0]) ||
			tracer_shares_file(
				supervisor->tracer, maker->pid, 1, stdio[1]))) {
		maker = maker->parent;
	}
	const bool has_errors =
		tracer_shares_file(supervisor->tracer, request->tid, 2, stdio[1]);
	return (maker == parent && !has_errors) || is_configured(supervisor, exec) ||
	       mcp_may_be_wrapped_server(text_of(maker ? maker->program : ""),
		       exec->object, exec->argv, exec->argc);
}

/* Its program never began, and the caller has what it had before. */
static void server_undo(struct supervisor *supervisor, struct process_state *state)
{
	struct mcp_server *server = state->mcp;

	state->mcp = server->outer;
	server->outer = NULL; /* of which the process is a member again */
	server->members = 0;
	mcp_relay_close(&server->relay);
	server_end_if_over(supervisor, server);
}

/* The server that the process was to become; NULL: none. */
static struct mcp_server *unstarted_server(const struct process *process)
{
	const struct process_state *state = process_state_of(process);
	struct mcp_server *server = state ? state->mcp : NULL;

	return server && !server->has_started && server->root == process ? server
									 : NULL;
}

static bool lay_relay(struct supervisor *supervisor, struct request *request,
	const struct action *exec, const int client[2])
{
	struct process_state *state = process_state_of(request->process);
	struct mcp_server *server = server_create(supervisor, exec);
	int program[2];

	server->relay.streams[MCP_TO_SERVER].from.fd =
		server->relay.streams[MCP_TO_SERVER].to.fd = -1;
	server->relay.streams[MCP_TO_CLIENT] = server->relay.streams[MCP_TO_SERVER];
	if (!mcp_relay_open(&server->relay, supervisor->epoll_fd,
		    loop_mcp_data(server->number), client, program)) {
		server_free(supervisor, server);
		return false;
	}
	/* Whom this process belonged to is around the new one. */
	server->outer = state->mcp;
	server->root = request->process;
	server->members = 1;
	state->mcp = server;
	tracer_replace_stdio(supervisor->tracer, request, program);
	return true;
}

const char *mcp_exec_allowed(struct supervisor *supervisor, struct request *request)
{
	static const char unwatched[] = "as an MCP server it could not be watched";
	static const char too_many[] = "too many MCP servers run already";
	const struct action *exec = exec_of(request);
	struct process_state *state = process_state_of(request->process);
	int client[2];

	if (!exec || !may_be_server(supervisor, request, exec)) {
		return NULL;
	}
	switch (tracer_take_stdio(supervisor->tracer, request, client)) {
	case STDIO_IS_OTHER:
		return NULL;
	case STDIO_IS_UNKNOWN:
		return unwatched;
	case STDIO_TAKEN:
		break;
	}
	const char *fault = NULL;
	if (!is_relayed(state, client) &&
		may_have_client(supervisor, request, exec, client)) {
		if (unstarted_server(request->process)) {
			server_undo(supervisor, state);
		}
		if (supervisor->mcp.count >= SERVERS_MAX) {
			fault = too_many;
		} else if (!lay_relay(supervisor, request, exec, client)) {
			fault = unwatched;
		}
	}
	close_both(client);
	return fault;
}

static void server_start(struct supervisor *supervisor, struct mcp_server *server)
{
	server->has_started = true;
	mcp_server_settle(supervisor, server);
}

void mcp_exec_done(struct supervisor *supervisor, const struct process *process)
{
	struct mcp_server *server = unstarted_server(process);

	if (server) {
		server_start(supervisor, server);
	}
}

void mcp_exec_ended(struct supervisor *supervisor, const struct request *request)
{
	struct mcp_server *server =
		exec_of(request) ? unstarted_server(request->process) : NULL;

	if (!server) {
		return;
	}
	if (mcp_relay_has_process(&server->relay, request->process->pid)) {
		server_start(supervisor, server); /* it uses them, whatever it is */
	} else {
		server_undo(supervisor, process_state_of(request->process));
	}
}

void mcp_process_start(const struct supervisor *supervisor, struct process_state *state,
	const struct process_state *parent)
{
	const bool is_orphan =
		state->process->has_unknown_maker && supervisor->mcp.last_number > 0;

	state->is_mcp_unknown = is_orphan || (parent && parent->is_mcp_unknown);
	state->mcp = parent ? parent->mcp : NULL;
	if (state->mcp) {
		state->mcp->members++;
	}
}

/* What it said comes before what its parent says, who may have the same pipe. */
static void pass_last_words(
	struct supervisor *supervisor, const struct process_state *state)
{
	struct mcp_server *server = state->mcp;

	for (; server; server = server->outer) {
		if (server->has_started && !server->is_taking &&
			mcp_relay_read(&server->relay, MCP_TO_CLIENT)) {
			mcp_take_lines(supervisor, server, MCP_TO_CLIENT);
			mcp_relay_settle(&server->relay, server->held != NULL);
		}
	}
}

void mcp_process_end(struct supervisor *supervisor, struct process_state *state,
	const struct process *process)
{
	struct mcp_server *server = supervisor->mcp.servers;

	pass_last_words(supervisor, state);
	/* What it asked for by a message, nobody waits for any more. */
	while (server) {
		struct mcp_server *next = server->next;
		if (server->held) {
			mcp_held_withdraw(supervisor, server, process);
		}
		server = next;
	}
	server = state->mcp;
	state->mcp = NULL;
	if (server) {
		server->members--;
		if (!server->has_started && server->root == process) {
			mcp_relay_close(&server->relay); /* it never executed */
		}
		server_end_if_over(supervisor, server);
	}
}

static struct mcp_server *server_find(
	const struct supervisor *supervisor, int64_t number)
{
	struct mcp_server *server = supervisor->mcp.servers;

	while (server && server->number != number) {
		server = server->next;
	}
	return server;
}

void mcp_ready(struct supervisor *supervisor, uint64_t data, uint32_t events)
{
	struct mcp_server *server = server_find(supervisor, loop_mcp_number(data));

	if (!server) {
		return; /* it ended by an event before this one */
	}
	enum mcp_direction direction = mcp_relay_notice(&server->relay, data, events);
	(void)mcp_relay_read(&server->relay, direction);
	mcp_take_lines(supervisor, server, direction);
	mcp_server_settle(supervisor, server);
}

void mcp_catch_up(struct supervisor *supervisor, const struct process *process)
{
	const struct process_state *state = process_state_of(process);
	struct mcp_server *server = state ? state->mcp : NULL;

	for (; server; server = server->outer) {
		if (server->has_started && !server->is_taking &&
			server->mode == MCP_SPOKEN && server->calls.count > 0 &&
			mcp_relay_read(&server->relay, MCP_TO_CLIENT)) {
			mcp_take_lines(supervisor, server, MCP_TO_CLIENT);
			mcp_relay_settle(&server->relay, server->held != NULL);
		}
	}
}

struct channel_relay *mcp_channels(const struct supervisor *supervisor, size_t *count)
{
	struct channel_relay *relays =
		xcalloc(2 * supervisor->mcp.count + 1, sizeof(*relays));

	*count = 0;
	for (const struct mcp_server *server = supervisor->mcp.servers; server;
		server = server->next) {
		for (int i = 0; i < 2; i++) {
			relays[(*count)++] = (struct channel_relay){
				.inodes = {server->relay.inodes[i],
					server->relay.client_inodes[i]},
				.is_socket = server->relay.are_sockets[i],
			};
		}
	}
	return relays;
}

bool mcp_speaks_over(const struct mcp_watch *watch, uint64_t inode)
{
	for (const struct mcp_server *server = watch->servers; server;
		server = server->next) {
		for (int i = 0; i < 2; i++) {
			if (server->relay.inodes[i] == inode ||
				server->relay.client_inodes[i] == inode) {
				return true;
			}
		}
	}
	return false;
}

static struct mcp_facts *facts_of(struct mcp_server *server)
{
	if (!server) {
		return NULL;
	}
	const struct mcp_facts *outer = facts_of(server->outer);
	if (server->mode != MCP_SPOKEN) {
		return (struct mcp_facts *)(uintptr_t)outer;
	}
	if (!server->facts || server->facts_outer != outer) {
		mcp_server_changed(server);
		server->facts = mcp_facts_create(&server->calls, server->name, outer);
		server->facts_outer = outer;
	}
	return server->facts;
}

struct mcp_facts *mcp_facts_of(const struct process *process)
{
	const struct process_state *state = process_state_of(process);

	if (state && state->is_mcp_unknown) {
		return mcp_facts_unknown();
	}
	return state ? facts_of(state->mcp) : NULL;
}
