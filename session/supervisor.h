/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a running session share. Everything here belongs to the loop's
 * thread; session/session.c sets it up and takes it down.
 */
#ifndef SESSION_SUPERVISOR_H
#define SESSION_SUPERVISOR_H

#include "db/recorder.h"
#include "session/clients.h"
#include "session/clock.h"
#include "session/denial_line.h"
#include "session/environment.h"
#include "session/history.h"
#include "session/judge.h"
#include "session/mcp.h"
#include "session/pty.h"
#include "session/question.h"
#include "session/request_slots.h"
#include "session/resolver.h"
#include "session/rule_watch.h"

#include <signal.h>

struct supervisor {
	const struct session_options *options;
	struct places places;
	int temporary_fd; /* holds places.temporary; or -1 */
	struct environment environment;
	struct session_clock clock;
	struct rule_sources sources;
	struct rule_reader reader;
	struct judge judge;
	struct labels *labels;
	struct tracer *tracer;
	struct resolver *resolver; /* NULL: names of hosts are not learned */
	struct recorder *recorder;
	struct rule_watch rule_watch;
	struct denial_line denial;
	int64_t session;
	int64_t next_rule_check; /* monotonic */
	int64_t call_count;
	int64_t stack_second;		 /* monotonic; see stacks_in_second */
	unsigned stacks_in_second;	 /* taken for denials alone */
	int64_t stacks_took;		 /* in that second, together */
	struct process_state *processes; /* all that live */
	struct question_table questions;
	struct answering *answering;	/* answers on their way to the disk */
	int64_t last_ticket;		/* of the recorder's decisions */
	struct rule_list fresh;		/* answered, and not yet in the main rule set */
	struct rule_list process_rules; /* scope process; pid is the image */
	struct client_list clients;
	struct mcp_watch mcp;
	struct pty pty;
	struct history_reader history[HISTORY_PARTS];
	bool is_paused;
	int epoll_fd, signal_fd;
	struct tracer_wakers wakers; /* polled directly */
	bool has_events;	     /* on epoll_fd, at the last look */
	bool command_ended, tree_ended;
	int command_status;   /* as waitpid(2) gives it */
	struct error failure; /* code not 0: the session must end */
};

/* ---- requests.c ---- */

/* Handles what the tracer has; returns false when its turn is over with more to come. */
bool supervisor_drain_tracer(struct supervisor *supervisor);
/* Judges a new request, and answers it or asks. */
void supervisor_request(struct supervisor *supervisor, struct request *request);
/* Its outcome is known: it is recorded, and what was judged is given back. */
void supervisor_request_gone(struct supervisor *supervisor, struct request *request,
	int error, unsigned flags);
/* Answers a request by what judged says, writing the line about a denial. */
void supervisor_allow(struct supervisor *supervisor, struct request *request);
/* Goes on with calls whose names are known now. */
void supervisor_drain_resolver(struct supervisor *supervisor);
void supervisor_deny(struct supervisor *supervisor, struct request *request);

/* Judges a request; what was found is then the request's. */
void supervisor_judge(struct supervisor *supervisor, struct request *request);

/* ---- record.c ---- */

/* The state of a process image, made and recorded when first seen. */
struct process_state *record_process(
	struct supervisor *supervisor, struct process *process);
void record_exec(struct supervisor *supervisor, struct process *process);
void record_process_end(
	struct supervisor *supervisor, struct process *process, int status);
/* Frees what is known of processes that the end of the session left. */
void record_finish(struct supervisor *supervisor);
/* What an event says of the call besides its actions. */
struct recorded_call {
	pid_t pid, tid;
	int64_t image;
	const char *syscall_name;
	struct text program;
	const struct action *actions;
	size_t action_count;
	int error; /* as the caller got it */
	unsigned flags;
};
/* One event for each action. */
void record_call(struct supervisor *supervisor, const struct recorded_call *call,
	const struct judged *judged);

/* ---- loop.c ---- */

/* What the data of a watched descriptor says that it is. */
enum loop_source {
	LOOP_TRACER,
	LOOP_RECORDER,
	LOOP_SIGNAL,
	LOOP_RULES,
	LOOP_RULE_WATCH,
	LOOP_LISTEN,
	LOOP_PTY,
	LOOP_HISTORY,
	LOOP_FILES,
	LOOP_RESOLVER,
	LOOP_CLIENT, /* and its id above the low bits */
	LOOP_MCP,    /* likewise a server's number, above two bits for its end */
};
enum { LOOP_SOURCE_BITS = 8, LOOP_MCP_BITS = LOOP_SOURCE_BITS + 2 };

static inline uint64_t loop_mcp_data(int64_t number)
{
	return (uint64_t)number << LOOP_MCP_BITS | LOOP_MCP;
}

static inline int64_t loop_mcp_number(uint64_t data)
{
	return (int64_t)(data >> LOOP_MCP_BITS);
}

static inline uint64_t loop_client_data(int64_t id)
{
	return (uint64_t)id << LOOP_SOURCE_BITS | LOOP_CLIENT;
}

/* Runs until the tree has ended or the session failed. */
bool supervisor_loop(struct supervisor *supervisor, struct error *err);

/* ---- signals.c ---- */

/* Blocks all signals, and gives a descriptor for what is handled; before keeps the mask. */
int signals_open(sigset_t *before, struct error *err);
/* Restores it; what was sent to us meanwhile is forgotten. */
void signals_close(const sigset_t *before);
void signals_read(struct supervisor *supervisor);
/* The command was stopped by this signal: so are we, for the shell to see. */
void signals_stop_self(struct supervisor *supervisor);

static inline struct judged *request_judged(const struct request *request)
{
	return (struct judged *)(uintptr_t)request->user[REQUEST_JUDGED];
}

/* The waiter of a held request; NULL: it is not held. */
static inline struct waiter *request_waiter(const struct request *request)
{
	return (struct waiter *)(uintptr_t)request->user[REQUEST_WAITER];
}

static inline struct process_state *process_state_of(const struct process *process)
{
	return (struct process_state *)(uintptr_t)process->user;
}

static inline bool session_has_terminal(const struct session_options *options)
{
	return options->ask != ASK_DENY && options->ask != ASK_ALLOW;
}

#endif
