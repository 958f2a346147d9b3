/* SPDX-License-Identifier: MIT */
/*
 * A tracer without a tree: tests push events, and see how the session answers. It stands
 * in for tracer/ at link time. The session runs in one thread and the test in another;
 * the test's calls may be made before the session starts.
 */
#ifndef TESTS_SESSION_FAKE_TRACER_H
#define TESTS_SESSION_FAKE_TRACER_H

#include "tracer/tracer.h"

struct process *fake_process_start(const char *program, struct process *parent);
/* Its maker is gone and not known; parent is what took it in. */
struct process *fake_orphan_start(const char *program, struct process *parent);
void fake_process_exec(struct process *process, const char *program);
void fake_process_end(struct process *process, int status);

/* A call with one action. syscall NULL: openat. */
struct request *fake_request(
	struct process *process, enum verb verb, const char *object);
/* Not pushed yet, for tests that change it; fake_push gives it out. */
struct request *fake_request_make(struct process *process, const char *syscall,
	enum verb verb, const char *object);
void fake_request_add(
	struct request *request, enum verb verb, const char *object, bool is_folder);
void fake_push(struct request *request);
/* The held call is interrupted, or its thread died. */
void fake_interrupt(struct request *request);

/* Waits until the session has answered or held the call. */
struct answer fake_wait_answer(struct request *request);
void fake_wait_held(struct request *request);
bool fake_is_answered(struct request *request);

/* The command ends with this wait status, and the tree with it. */
void fake_end(int status);

/* Frees all that tests made. */
void fake_finish(void);

/* What the session did to the tree as a whole. */
struct fake_deeds {
	int signals[16];
	size_t signal_count;
	bool killed, paused;
	pid_t killed_process;
	bool new_session;
	int stdio[3];
	char *const *environment;
};
extern struct fake_deeds fake_deeds;
/* Whether callers' descriptor 2 is the session's own. */
extern bool fake_shares_stderr;
/* tracer_create fails with this errno unless it is 0. */
extern int fake_create_error;
/* What every exec's caller has as 0 and 1; -1: no channels. The test's own. */
extern int fake_stdio[2];
/* Processes outside the tree that are said to be in it: for peers of the socket. */
extern pid_t fake_extra_process;

/* What calls come from, and how often that was taken. Set it before pushing calls. */
struct fake_code {
	enum code_origin origin;
	const char *file; /* of the one frame; NULL: there is none */
	unsigned taken;
};
extern struct fake_code fake_code;

#endif
