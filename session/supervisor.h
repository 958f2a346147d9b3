/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a running session share. Everything here belongs to the loop's
 * thread; session/session.c sets it up and takes it down.
 */
#ifndef SESSION_SUPERVISOR_H
#define SESSION_SUPERVISOR_H

#include "db/recorder.h"
#include "session/clock.h"
#include "session/denial_line.h"
#include "session/environment.h"
#include "session/judge.h"

#include <signal.h>

struct supervisor {
	const struct session_options *options;
	struct places places;
	struct environment environment;
	struct session_clock clock;
	struct rule_sources sources;
	struct rule_reader reader;
	struct judge judge;
	struct tracer *tracer;
	struct recorder *recorder;
	struct db *db; /* reads only: whether rules changed */
	struct denial_line denial;
	int64_t session;
	int64_t next_rule_check; /* monotonic */
	int64_t call_count;
	struct process_state *processes; /* all that live */
	int epoll_fd, signal_fd;
	bool command_ended, tree_ended;
	int command_status;   /* as waitpid(2) gives it */
	struct error failure; /* code not 0: the session must end */
};

/* ---- requests.c ---- */

/* Handles what the tracer has; returns false when its turn is over with more to come. */
bool supervisor_drain_tracer(struct supervisor *supervisor);
/* Answers a request by what judged says, writing the line about a denial. */
void supervisor_allow(struct supervisor *supervisor, struct request *request);
void supervisor_deny(struct supervisor *supervisor, struct request *request);

/* ---- record.c ---- */

/* The state of a process image, made and recorded when first seen. */
struct process_state *record_process(
	struct supervisor *supervisor, struct process *process);
void record_exec(struct supervisor *supervisor, struct process *process);
void record_process_end(
	struct supervisor *supervisor, struct process *process, int status);
/* Frees what is known of processes that the end of the session left. */
void record_finish(struct supervisor *supervisor);
/* One event for each action; error as the caller got it. */
void record_result(struct supervisor *supervisor, const struct request *request,
	const struct judged *judged, int error, unsigned flags);

/* ---- loop.c ---- */

/* Runs until the tree has ended or the session failed. */
bool supervisor_loop(struct supervisor *supervisor, struct error *err);

/* ---- signals.c ---- */

/* Blocks what is handled and gives a descriptor for it; before keeps the old mask. */
int signals_open(sigset_t *before, struct error *err);
void signals_read(struct supervisor *supervisor);
/* The command was stopped by this signal: so are we, for the shell to see. */
void signals_stop_self(struct supervisor *supervisor);

static inline struct judged *request_judged(const struct request *request)
{
	return (struct judged *)(uintptr_t)request->user[0];
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
