/* SPDX-License-Identifier: MIT */
/*
 * A session on a stage of its own: temporary home, database and socket folder, the fake
 * tracer for a tree, and a client to talk to it with.
 */
#ifndef TESTS_SESSION_STAGE_H
#define TESTS_SESSION_STAGE_H

#include "db/db.h"
#include "session/protocol.h"
#include "session/session.h"
#include "tests/session/fake_tracer.h"

struct stage {
	char folder[64]; /* home, project and all */
	char database[128], rules[128];
	struct session_options options;
	unsigned long thread;
	struct protocol_stream front_end; /* fd -1: none */
	struct error err;
	bool ran;
	int status;
};

/* Makes the folder and options; rule_text goes to a rule file; NULL: none. */
void stage_init(struct stage *stage, enum ask_mode ask, const char *rule_text);
/* Runs session_run in a thread; with a front end in the modes that have one. */
void stage_start(struct stage *stage);
/* A rejected start: runs session_run to its end here. */
void stage_run(struct stage *stage);
/* Ends the command with status 0 and waits for the session. */
void stage_end(struct stage *stage);
void stage_wait(struct stage *stage);
void stage_finish(struct stage *stage);

/* A path below the stage's folder; static storage, a few of them in turn. */
const char *stage_path(const struct stage *stage, const char *name);

/* The next message of that type; others before it are dropped. Aborts after a while. */
struct protocol_message stage_await(struct protocol_stream *client, const char *type);
/* The next question_opened, read. */
struct protocol_question stage_await_question(struct protocol_stream *client);
/* Another client, past its hello and everything up to ready. */
struct protocol_stream stage_connect(const struct stage *stage, bool is_front_end);
void stage_say_hello(
	struct protocol_stream *client, bool is_front_end, bool output, bool events);
void stage_answer(struct protocol_stream *client, int64_t question,
	enum verdict verdict, enum scope scope);
/* The reply to the last request: "" if it went well, else the reason. Static. */
const char *stage_reply(struct protocol_stream *client);

/* The events that were recorded, oldest first; texts are owned by the caller's run. */
struct stage_event {
	enum verb verb;
	enum verdict verdict;
	enum decider by;
	char object[256];
	int error;
	unsigned flags;
	int64_t question, rule;
	bool has_scope;
	enum scope scope;
};
size_t stage_events(const struct stage *stage, struct stage_event *events, size_t max);

#endif
