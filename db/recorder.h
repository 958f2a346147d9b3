/* SPDX-License-Identifier: MIT */
/*
 * Writes a running session: a thread of its own owns the writing connection and is fed
 * through a bounded queue. The calls below copy what they are given and return at once;
 * only a full queue makes them wait, so that no event is dropped. All of them are made
 * by one thread (the loop). What they record is on disk within a batch (50 ms).
 *
 * A decision is different: it must be on disk before it takes effect, and the loop may
 * not wait for a disk. recorder_decide queues it and recorder_next_completion tells
 * when it is durable.
 *
 * After a failure (disk full, file damaged) nothing more is written: recorder_fd
 * becomes readable, recorder_failed says why, and the supervisor ends the tree.
 */
#ifndef DB_RECORDER_H
#define DB_RECORDER_H

#include "db/db.h"

struct recorder;

/*
 * Opens or creates the database, stores the session (its id is given) and starts the
 * thread, which blocks all signals. Must be called after the last fork without exec.
 */
struct recorder *recorder_create(
	const char *path, const struct session_record *session, struct error *err);

/*
 * Writes what is queued, stores the end of the session (exit status of `duenna run`),
 * ends the thread and frees. False if anything was not written. Accepts NULL.
 */
bool recorder_destroy(
	struct recorder *recorder, int64_t ended, int status, struct error *err);

int64_t recorder_session(const struct recorder *recorder);

/* Each gives the number of what it recorded: seq of the event, number of the rest. */
int64_t recorder_event(struct recorder *recorder, const struct event *event);
int64_t recorder_process_start(
	struct recorder *recorder, const struct process_record *process);
int64_t recorder_question(
	struct recorder *recorder, const struct question_record *question);
int64_t recorder_terminal(
	struct recorder *recorder, const struct terminal_record *chunk);
int64_t recorder_mcp_call(struct recorder *recorder, const struct mcp_record *call);

/* status as waitpid(2) gives it; -1 for an image that exec replaced. */
void recorder_process_end(
	struct recorder *recorder, int64_t number, int64_t ended, int status);
void recorder_mcp_result(
	struct recorder *recorder, int64_t number, int64_t ended, struct text result);
/* The tool's definition takes the place of what was known of it. */
void recorder_pin(struct recorder *recorder, const struct pin_record *pin);
void recorder_label(struct recorder *recorder, const struct label_record *label);

enum decision_kind {
	DECISION_ANSWER, /* a question's answer; stores `rule` unless the scope is once
			  */
	DECISION_RULE,	 /* a rule that answers no question */
	DECISION_REMOVE, /* takes a stored rule back: undo */
};

struct decision {
	enum decision_kind kind;
	int64_t question; /* ANSWER: its number */
	int64_t time;
	enum verdict verdict;
	enum scope scope;
	struct text message;	 /* to the agent; may be empty */
	struct rule_record rule; /* text, scope, project …; REMOVE: only id */
};

/* Queues the decision and returns its ticket, which counts from 1. */
int64_t recorder_decide(struct recorder *recorder, const struct decision *decision);

/* A decision that is on disk, or that failed (and then holds nowhere). */
struct completion {
	int64_t ticket;
	int64_t rule;	    /* id of the rule stored or removed; 0: none */
	struct error error; /* code 0: done */
};
/* False when there is none (yet). */
bool recorder_next_completion(struct recorder *recorder, struct completion *completion);

/* Readable when there are completions or recorder_failed has something new to say. */
int recorder_fd(const struct recorder *recorder);

/* True once writing has failed; gives the reason. */
bool recorder_failed(struct recorder *recorder, struct error *err);

#endif
