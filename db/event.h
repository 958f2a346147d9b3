/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of a session, as plain values. Text is borrowed: from the caller
 * when it is stored, from the reading connection (until its next row) when it is read.
 * Times are nanoseconds since the epoch; 0 stands for unknown.
 */
#ifndef DB_EVENT_H
#define DB_EVENT_H

#include "rules/rule.h"
#include "rules/vector.h"

#include <stdbool.h>
#include <stdint.h>

/* What decided. Its name is the event's `by`; BY_RULE shows as rule:ID. */
enum decider {
	BY_RULE,
	BY_PERSON,
	BY_DEFAULT,  /* no rule covers it, and the session does not ask: --ask allow */
	BY_HEADLESS, /* would have been asked, but nobody was there */
	BY_BUILT_IN, /* Duenna protecting itself, or a call that is always refused */
	BY_COUNT
};

/* What an event does not say, and why. Absent flags mean that the fact is complete. */
enum event_flag {
	EVENT_CODE_UNTAKEN = 1 << 0, /* Python and generated code were not looked at */
	EVENT_NATIVE_UNTAKEN = 1 << 1, /* no native stack was taken */
	EVENT_MCP_UNTAKEN = 1 << 2,
	EVENT_LABELS_UNTAKEN = 1 << 3,
	EVENT_ARGV_MASKED = 1 << 4, /* set by db/: a secret in argv was masked */
	EVENT_WITHDRAWN = 1 << 5,   /* the caller was interrupted or died meanwhile */
	EVENT_UNREADABLE = 1 << 6,  /* the object could not be read or resolved */
	EVENT_FOLDER = 1 << 7,	    /* the object is a directory */
	EVENT_IGNORES_CASE = 1
			     << 8, /* on a file system that may take no heed of case */
	EVENT_FLAGS_ALL = 2 * EVENT_IGNORES_CASE - 1,
};

/* One judged action. seq is given by the recorder and counts from 1 in a session. */
struct event {
	int64_t session, seq;
	int64_t time;
	int64_t monotonic; /* nanoseconds since the session started */
	pid_t pid, tid;
	int64_t process; /* number of the process image in this session; 0: unknown */
	struct text program; /* reading: of that image; recording: left out */
	const struct text *process_argv; /* likewise */
	size_t process_argc;
	int64_t call; /* the same for all actions of one system call */
	enum verb verb;
	struct text object;	 /* exact bytes */
	struct text asked_as;	 /* exact bytes; empty if the same as object */
	const struct text *argv; /* exec only: as judged, or masked (see flags) */
	size_t argc;
	struct text syscall;
	enum verdict verdict;
	enum decider by;
	int64_t rule;	       /* its id if by is BY_RULE or a stored answer, else 0 */
	struct text rule_text; /* as it was when it decided; empty if no rule did */
	struct text reason;    /* in words, where there is no rule; may be empty */
	bool has_scope;
	enum scope scope;
	int64_t question; /* number in this session; 0: nobody was asked */
	int64_t waited_ms;
	int error; /* the errno that the caller got; 0 if none */
	unsigned flags;
	enum code_origin code;
	struct text python, native; /* JSON arrays of frames; empty: not taken */
	struct text mcp;	    /* JSON array of calls in flight; empty: none */
	struct text labels;	    /* names joined by commas; empty: none */
};

/* What the event has to do with: bits 1u << enum vector. */
static inline unsigned event_vectors(const struct event *event)
{
	const struct vector_facts facts = {.verb = event->verb,
		.object = event->object,
		.asked_as = event->asked_as,
		.code = event->code,
		.mcp = event->mcp};
	return vectors_of(&facts);
}

/* One process image: a thread group from its fork or exec to its next exec or end. */
struct process_record {
	int64_t session, number; /* given by the recorder, from 1 */
	int64_t parent;		 /* number of the parent's image; 0 for the command */
	int64_t previous; /* the image that this one replaced by exec; 0 after a fork */
	pid_t pid;
	uint64_t start_ticks;
	struct text program, script;
	const struct text *argv;
	size_t argc;
	struct text working_folder;
	int64_t started, ended;
	bool has_status; /* false while it runs, and for an image that exec replaced */
	int status;	 /* as waitpid(2) gives it */
};

/* A question and, once there is one, its answer. */
struct question_record {
	int64_t session, number; /* given by the recorder, from 1 */
	int64_t time;
	int64_t process;
	pid_t pid, tid;
	enum verb verb;
	struct text object, asked_as;
	const struct text *argv;
	size_t argc;
	struct text program; /* as for struct event */
	const struct text *process_argv;
	size_t process_argc;
	struct text details; /* JSON object shown to the person; may be empty */
	/* The answer; read only. */
	bool answered;
	int64_t answer_time;
	enum verdict verdict;
	enum scope scope;
	int64_t rule; /* stored with it; 0: none */
	struct text rule_text;
	struct text message; /* to the agent */
};

/* One supervised run. */
struct session_record {
	int64_t id;		/* given by the database */
	struct text name;	/* may be empty */
	int64_t started, ended; /* ended 0: running, or the supervisor died */
	struct text project, working_folder;
	const struct text *argv;
	size_t argc;
	struct text options; /* JSON object: ask, reads, profiles, carrier … */
	pid_t supervisor;    /* with its start ticks: whether it still runs */
	uint64_t supervisor_ticks;
	bool has_status;
	int status;	     /* exit status of `duenna run` */
	int64_t event_count; /* read only */
	bool is_imported;    /* read only: not recorded here, so nothing to rely on */
};

/* Bytes that the tree wrote to its terminal, or a new size of that terminal. */
enum terminal_kind { TERMINAL_OUTPUT, TERMINAL_INPUT, TERMINAL_SIZE };
struct terminal_record {
	int64_t session, number; /* given by the recorder, from 1 */
	int64_t time;
	enum terminal_kind kind;
	struct text bytes;	/* OUTPUT, INPUT */
	unsigned columns, rows; /* SIZE */
};

/* A JSON-RPC tools/call of an MCP server in the tree. */
struct mcp_record {
	int64_t session, number; /* given by the recorder, from 1 */
	int64_t time, ended;
	int64_t process;			     /* the server's */
	struct text server, tool, arguments, result; /* arguments, result: JSON */
};

/* What a tool of an MCP server said of itself when it was last approved. */
struct pin_record {
	int64_t session, time; /* when and where that was */
	struct text server, tool;
	struct text definition; /* JSON */
};

/* A label that a process took on. */
struct label_record {
	int64_t session;
	int64_t time;
	int64_t process;
	int64_t event; /* seq of the event that it came from; 0: inherited */
	struct text label;
};

/* A stored rule with its history. */
struct rule_record {
	int64_t id;		 /* given by the database */
	struct text text;	 /* in the rule language, without expiry and note */
	enum rule_origin origin; /* ORIGIN_PERSON or ORIGIN_FILE */
	enum scope scope;	 /* SCOPE_PROCESS and wider */
	struct text project;	 /* SCOPE_PROJECT */
	int64_t session;	 /* SCOPE_SESSION and narrower; else 0 */
	int64_t process;	 /* SCOPE_PROCESS: image it holds for */
	struct text source;	 /* file it was loaded from; may be empty */
	int64_t created;
	int64_t until; /* seconds since the epoch; 0: no end */
	int64_t origin_session, origin_event, origin_question; /* 0: none */
	struct text note;
	int64_t hits, last_hit;
	int64_t addition; /* read only: the same for those stored together */
};

const char *decider_name(enum decider by);

#endif
