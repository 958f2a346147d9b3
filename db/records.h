/* SPDX-License-Identifier: MIT */
/*
 * What the loop hands to the recorder thread, as bytes in the queue: the plain struct,
 * followed by the bytes of its texts. Layouts are tables, so that one pair of functions
 * serves all kinds.
 */
#ifndef DB_RECORDS_H
#define DB_RECORDS_H

#include "db/connection.h"
#include "db/queue.h"
#include "db/recorder.h"

enum record_kind {
	RECORD_EVENT,	      /* struct event */
	RECORD_PROCESS_START, /* struct process_record */
	RECORD_PROCESS_END,   /* struct process_record */
	RECORD_QUESTION,      /* struct question_record */
	RECORD_TERMINAL,      /* struct terminal_record */
	RECORD_MCP_CALL,      /* struct mcp_record */
	RECORD_MCP_RESULT,    /* struct mcp_record */
	RECORD_PIN,	      /* struct pin_record */
	RECORD_LABEL,	      /* struct label_record */
	RECORD_DECISION,      /* struct decision_record */
	RECORD_STOP,	      /* struct stop_record: the last one */
	RECORD_KIND_COUNT
};

struct decision_record {
	int64_t ticket;
	struct decision decision;
};

struct stop_record {
	int64_t ended;
	int status;
};

/* Any of them, taken out of the queue. Its texts lie in the queue until it is released. */
struct record {
	enum record_kind kind;
	union {
		struct event event;
		struct process_record process;
		struct question_record question;
		struct terminal_record terminal;
		struct mcp_record mcp;
		struct pin_record pin;
		struct label_record label;
		struct decision_record decision;
		struct stop_record stop;
	} of;
	void *outside; /* memory of a record that was too long for the queue */
};

/* Copies the struct of that kind and its texts. Waits while the queue is full. */
void record_put(struct queue *queue, enum record_kind kind, const void *body);

/*
 * The oldest record, or false. argv is where an argv is taken apart. Afterwards
 * record_release.
 */
bool record_take(
	struct queue *queue, struct record *record, struct argument_list *argv);
void record_release(struct queue *queue, struct record *record);

#endif
