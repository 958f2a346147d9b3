/* SPDX-License-Identifier: MIT */
/*
 * The full-screen front end: the agent has the terminal but for one status line,
 * questions appear over it, and views show the rest of the session.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "base/error.h"
#include "rules/rule.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tui_settings;

/* One kept rule, as the view of rules shows it. All of it owned. */
struct tui_rule {
	int64_t id;
	char *text, *scope, *origin; /* not made safe */
	int64_t hits;
	int64_t created, last_hit; /* ms since the epoch; 0: never */
};

/* One recorded event; owned. */
struct tui_event {
	int64_t seq, time, pid; /* time: ms since the epoch */
	int64_t rule; /* that decided, or was stored with the answer; 0: none */
	enum verb verb;
	enum verdict verdict;
	unsigned vectors;	  /* bits 1u << enum vector */
	char *program, *by, *mcp; /* not made safe */
	char *object;		  /* safe; with the arguments of an exec */
};

/* One question that is no longer open; owned. */
struct tui_answer {
	int64_t number, time; /* ms since the epoch */
	int64_t waited;	      /* ms, until the answer */
	bool is_answered;     /* by a person */
	enum verdict verdict;
	enum scope scope;
	int64_t rule; /* stored with it; 0: none */
	char *action; /* safe: "read /x" */
};

/*
 * What is remembered, read from where the session keeps it, which this folder knows
 * nothing of. Each function may be NULL.
 */
struct tui_memory {
	void *context;
	/* The rules that are in force here, newest first; *rules is owned. */
	bool (*rules)(void *context, struct tui_rule **rules, size_t *count,
		struct error *err);
	bool (*revoke)(void *context, int64_t id, struct error *err);
	/* Where a rule comes from, in lines "label\tvalue"; safe, owned. */
	char *(*rule_details)(void *context, int64_t id, struct error *err);
	/* Replaces a rule by another text. */
	bool (*edit)(void *context, int64_t id, const char *text, struct error *err);
	/* The newest events of the session up to most, oldest first; *events is owned. */
	bool (*events)(void *context, int64_t session, size_t most,
		struct tui_event **events, size_t *count, struct error *err);
	/* Safe lines with all that is known of one; owned. */
	char *(*event_details)(void *context, int64_t session, int64_t seq,
		unsigned columns, struct error *err);
	/* The first event that a question was about; *seq 0: none is recorded yet. */
	bool (*question_event)(void *context, int64_t session, int64_t question,
		int64_t *seq, struct error *err);
	/* The event that the rule was made from; *seq 0: none, or it is not recorded. */
	bool (*rule_origin)(void *context, int64_t id, int64_t *session, int64_t *seq,
		struct error *err);
	/* The questions of the session up to most, the newest first; *answers is owned. */
	bool (*answers)(void *context, int64_t session, size_t most,
		struct tui_answer **answers, size_t *count, struct error *err);
	/* Some plain lines about the session; owned. */
	char *(*summary)(void *context, int64_t session, struct error *err);
};

struct tui_options {
	int input, output;  /* the person's terminal */
	const char *client; /* a word for itself in the protocol: "tui", "attach" */
	unsigned arming_ms; /* keys count only that long after a question was shown */
	const struct tui_settings *settings; /* NULL: the usual ones */
	const struct tui_memory *memory;     /* NULL: none */
	pid_t supervisor; /* gets the signals that are meant for the command; 0: none */
};

/* How it ended. */
struct tui_end {
	int status; /* exit status to leave with: the session's, or 128 + a signal */
	bool is_detached; /* the session goes on */
	int64_t session;  /* its number; 0: it never said hello */
	char *text;	  /* what the session said at its end, safe; owned; or NULL */
	char *left;	  /* lines that a terminal would still show; owned; or NULL */
};

/* True if the terminal can show it; otherwise there is the line prompt. */
bool tui_is_possible(int input, int output);

/*
 * Is the front end of the session behind session_fd, which it takes, until the session
 * ends, the person detaches, the terminal goes away or a signal asks it to leave. The
 * terminal is then as it was found. Fails if there is no terminal that can be drawn on,
 * or if the session went away without saying how it ended.
 */
bool tui_front_end_run(int session_fd, const struct tui_options *options,
	struct tui_end *end, struct error *err);

#endif
