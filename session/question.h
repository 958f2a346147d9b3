/* SPDX-License-Identifier: MIT */
/*
 * Open questions: which calls wait for a person, merged where they are equal. A call
 * that a signal interrupts keeps its place for a moment, since it usually comes back;
 * one that was answered for once is recognised when it starts anew.
 */
#ifndef SESSION_QUESTION_H
#define SESSION_QUESTION_H

#include "session/history.h"
#include "session/judge.h"
#include "session/protocol.h"

struct answer_record;
struct answering;
struct supervisor;

enum {
	QUESTIONS_OPEN_MAX = 256, /* beyond: EAGAIN */
	CALLS_HELD_MAX = 4096,	  /* or fewer: an eighth of the open files allowed */
};

/* What makes calls equal; all of it owned. */
struct call_key {
	struct action actions[REQUEST_ACTIONS_MAX];
	size_t action_count;
	struct text program, script;
	struct text folder; /* in which a program would run; else empty */
	uint64_t stack; /* where rules depend on the call stack: its digest, else 0 */
	uint64_t mcp;	/* likewise of the tool calls in flight */
};

/* One call that waits. */
struct waiter {
	struct waiter *next;
	struct question *question;
	struct request *request; /* NULL: interrupted */
	struct judged *judged;	 /* owned while request is NULL, else the request's */
	pid_t pid, tid;
	int64_t image; /* number of the process image */
	const char *syscall_name;
	int64_t since;	  /* monotonic */
	int64_t deadline; /* while interrupted: when it is given up */
};

struct question {
	struct question *next;
	int64_t number;
	uint32_t labels; /* that the callers carry */
	struct call_key key;
	struct waiter *waiters;
	uint32_t waiting;	/* of them, those that are not interrupted */
	uint32_t asked;		/* how often calls joined it */
	int64_t image;		/* the process image that is shown */
	json_t *shown;		/* the message "question_opened" */
	uint64_t told, changed; /* bits of clients: has it; is to hear of it anew */
	struct answering *answering; /* an answer on its way to the disk; or NULL */
	bool is_looked_up[HISTORY_PARTS]; /* or that has begun */
};

/* An answer for once, until the call that it was for is done. */
struct grant {
	struct grant *next;
	pid_t tid;
	struct call_key key;
	enum verdict verdict;
	int64_t question;
	char *message;
};

struct question_table {
	struct question *first;
	size_t open, held;
	struct grant *grants;
	struct answer_record *last_answer; /* what undo takes back; or NULL */
};

/* Holds the call under a new or an equal question; beyond the caps it is denied. */
void question_ask(struct supervisor *supervisor, struct request *request);
/* A held call was interrupted or its thread died; takes over what was judged. */
void question_interrupt(struct supervisor *supervisor, struct request *request);
/* Gives up interrupted calls whose time is over, or all of an image that has ended. */
void question_expire(struct supervisor *supervisor, int64_t now, int64_t image);
/* When question_expire has something to do next; INT64_MAX: never. */
int64_t question_next_expiry(const struct supervisor *supervisor);

struct question *question_find(struct supervisor *supervisor, int64_t number);

/* Judges every held call again, since the rules changed; releases what they decide. */
void question_rejudge_all(struct supervisor *supervisor);
/* Nobody is left to ask: every held call is denied. */
void question_deny_all(struct supervisor *supervisor);
/* Answers every call of the question for once, and closes it. */
void question_settle_once(struct supervisor *supervisor, struct question *question,
	enum verdict verdict, const char *message);
/*
 * Judges the calls of one question again and releases what is decided; true if that was
 * any, with its verdict. What a rule of answer (which may be NULL) decides counts as
 * decided by the person.
 */
bool question_rejudge(struct supervisor *supervisor, struct question *question,
	const struct answer_record *answer, enum verdict *verdict);
/* Closes the question if no call is left; tells the front ends how it ended. */
void question_close_if_empty(struct supervisor *supervisor, struct question *question,
	const struct protocol_question_end *end);

void question_finish_all(struct supervisor *supervisor);

/* ---- grant.c ---- */

/* Settles the call by an earlier answer for once; false if there is none. */
bool question_use_grant(struct supervisor *supervisor, struct request *request);
/* The result of a call is known: its answer for once is used up. */
void question_call_done(struct supervisor *supervisor, const struct request *request);
/* Remembers the answer for when the waiter's call starts anew. */
void grant_add(struct supervisor *supervisor, const struct waiter *waiter,
	enum verdict verdict, const char *message);
void grant_remove_all(struct supervisor *supervisor);
/* Marks a call as answered by a person for once; message may be NULL. */
void judged_set_once(struct judged *judged, enum verdict verdict, int64_t question,
	const char *message);

/* ---- call_key.c ---- */

void call_key_init(struct call_key *key, const struct request *request);
void call_key_copy(struct call_key *to, const struct call_key *from);
void call_key_finish(struct call_key *key);
bool call_key_matches(const struct call_key *key, const struct request *request);

/* ---- question_details.c ---- */

/*
 * The message about a question; its number and counts are set by the caller. NULL: it is
 * too long to be sent.
 */
json_t *question_compose(struct supervisor *supervisor, const struct request *request);
/* That message as JSON to be recorded, without secrets that db/ does not find. Owned. */
char *question_recorded_details(const struct request *request, const json_t *shown);
void question_describe_counts(struct question *question, const char *type);

#endif
