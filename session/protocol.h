/* SPDX-License-Identifier: MIT */
/*
 * The session protocol, docs/protocol.md, for both of its ends: a stream of messages
 * over a socket, and the messages that carry more than a few fields as structs. All
 * text from the tree is bytes; only whoever shows it makes it safe (base/escape.h).
 */
#ifndef SESSION_PROTOCOL_H
#define SESSION_PROTOCOL_H

#include "base/error.h"
#include "rules/rule.h"

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	PROTOCOL_VERSION = 1,
	PROTOCOL_LINE_MAX = 1 << 20,   /* a line, its newline included */
	PROTOCOL_RAW_MAX = 1 << 20,    /* raw bytes after a line */
	PROTOCOL_BEHIND_MAX = 8 << 20, /* unsent bytes after which a peer is dropped */
};

/* ---- Streams ---- */

struct protocol_buffer {
	char *bytes;
	size_t start, end, capacity; /* what is used lies between start and end */
};

/* Zero-initialise but for fd. Not moved while in use. */
struct protocol_stream {
	int fd; /* owned, non-blocking; -1: none (bytes come by protocol_stream_feed) */
	struct protocol_buffer in, out;
	bool is_closed;	    /* the peer has gone, or was dropped */
	size_t raw_awaited; /* raw bytes that the message in `pending` still needs */
	json_t *pending;
};

/* One message. type and raw are borrowed from the message and the stream. */
struct protocol_message {
	const char *type;
	json_t *body;	 /* owned; an object */
	struct text raw; /* valid until the next call for this stream */
};

enum protocol_result { PROTOCOL_NONE, PROTOCOL_MESSAGE, PROTOCOL_INVALID };

/* Takes fd and makes it non-blocking. */
void protocol_stream_init(struct protocol_stream *stream, int fd);
void protocol_stream_finish(struct protocol_stream *stream);

/* Reads what is there. Sets is_closed at the end; messages read before it still count.
 */
void protocol_stream_receive(struct protocol_stream *stream);
/* Adds bytes as if received; at most PROTOCOL_LINE_MAX at a time. */
void protocol_stream_feed(
	struct protocol_stream *stream, const void *bytes, size_t length);

/* The next complete message. INVALID: the peer broke the protocol; drop it. */
enum protocol_result protocol_stream_next(struct protocol_stream *stream,
	struct protocol_message *message, struct error *err);
void protocol_message_finish(struct protocol_message *message);

/*
 * Queues a message and takes body, which has its "type" already. With raw bytes,
 * "length" is added. Sets is_closed when the peer is too far behind.
 */
void protocol_stream_send(struct protocol_stream *stream, json_t *body);
void protocol_stream_send_raw(
	struct protocol_stream *stream, json_t *body, const void *raw, size_t length);
/* Writes what can be written without waiting. Bytes still queued: poll for writing. */
void protocol_stream_flush(struct protocol_stream *stream);
size_t protocol_stream_unsent(const struct protocol_stream *stream);

/* ---- Sockets ---- */

/*
 * The path of a session's socket (session 0: the folder of all). database is the path
 * of its database, which tells the sessions of several databases apart. Makes the folder
 * (0700) and refuses one that is not ours alone.
 */
bool protocol_socket_path(const char *database, int64_t session, char *buffer,
	size_t size, struct error *err);
/* A connected socket, or -1 (ERROR_NOT_FOUND: no such session is running). */
int protocol_socket_connect(const char *database, int64_t session, struct error *err);

/* ---- Fields ---- */

/* A JSON string, or {"b64": …} for what is not UTF-8 or has a zero byte. */
json_t *protocol_text(struct text text);
/* The reverse: an owned, terminated copy; bytes is NULL if it is neither. */
struct text protocol_text_read(const json_t *value);
/* How many bytes the text takes on the wire at most, with what stands around it. */
size_t protocol_text_size(struct text text);
/* How many bytes at its start take no more than that, without half a character. */
size_t protocol_text_fit(struct text text, size_t room);
/* How many of the arguments take no more than *room bytes, which becomes what is left. */
size_t protocol_arguments_fit(const struct text *argv, size_t argc, size_t *room);
/* A new message {"type": type}. */
json_t *protocol_new(const char *type);

/* ---- Messages ---- */
/*
 * Structs are filled in with borrowed text for writing; what a _read function filled in
 * is owned and freed by _finish. _read returns false if a field is missing or wrong.
 */

enum session_state { SESSION_RUNNING, SESSION_PAUSED, SESSION_ENDED };
const char *session_state_name(enum session_state state);
/* name may be NULL. */
bool session_state_from_name(const char *name, enum session_state *state);

/* "hello" of the session, its first message. */
struct protocol_hello {
	int protocol;	     /* PROTOCOL_VERSION of the session */
	struct text version; /* of Duenna */
	int64_t session;
	struct text name; /* empty: none */
	int64_t pid;	  /* the command */
	struct text *argv;
	size_t argc;
	struct text project;
	struct text folder; /* working folder */
	enum session_state state;
	bool has_terminal; /* the tree's terminal is shown by "output" */
	int64_t started;   /* ms since the epoch */
};
json_t *protocol_hello_write(const struct protocol_hello *hello);
bool protocol_hello_read(const json_t *body, struct protocol_hello *hello);
void protocol_hello_finish(struct protocol_hello *hello);

/* "hello" of a client, its first message. */
struct protocol_client {
	int protocol;
	struct text client; /* "tui", "line", "attach", "answer" … */
	/* It stands for a person who is there to be asked; false for `duenna
	 * questions`. */
	bool is_front_end;
	bool wants_output, wants_events;
	uint16_t rows, columns; /* 0: has no terminal of its own */
};
json_t *protocol_client_write(const struct protocol_client *client);
bool protocol_client_read(const json_t *body, struct protocol_client *client);
void protocol_client_finish(struct protocol_client *client);

struct protocol_action {
	enum verb verb;
	struct text object;
	struct text asked_as; /* empty if the same */
	struct text *argv;    /* exec only */
	size_t argc;
	struct text danger; /* plain-words note; empty: none known */
	/* The rule that says "ask", as text, and its source; empty if none matched. */
	struct text rule, source;
};

/* A program on the way up to the command. */
struct protocol_program {
	int64_t pid;
	struct text program;
	struct text script; /* empty: none */
	struct text *argv;
	size_t argc;
};

/*
 * What an answer with this rung would store: rules without verdict and `until`, one for
 * each distinct action; the verdict of the answer goes in front.
 */
struct protocol_rung {
	struct text label;  /* "this file", "the folder", … */
	struct text *rules; /* such as "write ~/notes/x" */
	size_t rule_count;
	int64_t events; /* recorded events that it would also cover; -1: not counted */
	int64_t files;	/* files that exist; -1: not counted */
	bool has_more_files;	      /* that was as far as it was counted */
	int64_t sensitive;	      /* of those files */
	struct text *sensitive_names; /* some of them */
	size_t sensitive_name_count;
};

/* "question_opened" and "question_changed". */
struct protocol_question {
	int64_t id; /* within the session; also its number in the database */
	struct protocol_action *actions;
	size_t action_count;
	struct protocol_program *chain; /* the caller first, the command last */
	size_t chain_count;
	int64_t tid;
	struct text folder; /* working folder of the caller */
	int64_t opened;	    /* ms since the epoch */
	uint32_t waiting;   /* threads that wait for it */
	uint32_t asked;	    /* how often it was asked before in this session */
	int64_t decided;    /* how often answered in all sessions; -1: not known */
	struct text
		*code; /* who called whom, on one line; then source, up to what runs */
	size_t code_count;
	struct text *python, *native; /* frames, innermost first */
	size_t python_count, native_count;
	struct text *stack; /* both in one list; none from older sessions */
	size_t stack_count;
	struct text *labels; /* "secret: it read /home/u/.ssh/id_rsa 2 s before" */
	size_t label_count;
	struct text mcp;      /* "server/tool" in flight; empty: none */
	struct text *vectors; /* names (rules/vector.h); none from older sessions */
	size_t vector_count;
	struct protocol_rung *rungs;
	size_t rung_count; /* at least 1; the first is exact */
	/*
	 * What was learned from answers to the like of it: a rule without a verdict, to
	 * allow by. Empty: nothing. And how many questions speak for it, with this one.
	 */
	struct text offer;
	int64_t offer_asked;
};
json_t *protocol_question_write(
	const struct protocol_question *question, const char *type);
bool protocol_question_read(const json_t *body, struct protocol_question *question);
void protocol_question_finish(struct protocol_question *question);

/* "answer", to the session. */
struct protocol_answer {
	int64_t request; /* comes back in the reply */
	int64_t question;
	enum verdict verdict; /* ALLOW or DENY */
	enum scope scope;
	int64_t until;	    /* seconds since the epoch; 0: no end */
	int rung;	    /* index into rungs; ignored if there are rules */
	struct text *rules; /* edited by hand, without verdict; or none */
	size_t rule_count;
	struct text message; /* to the agent, with a denial; empty: none */
	struct text note;    /* kept with the rules; empty: none */
};
json_t *protocol_answer_write(const struct protocol_answer *answer);
bool protocol_answer_read(const json_t *body, struct protocol_answer *answer);
void protocol_answer_finish(struct protocol_answer *answer);

/* "question_withdrawn" and "question_answered". */
enum question_end {
	QUESTION_WITHDRAWN, /* nobody waits for it any more */
	QUESTION_ANSWERED,  /* by a person, here or at another front end */
	QUESTION_RULED,	    /* a rule that was added meanwhile covers it */
	QUESTION_HEADLESS,  /* denied, since nobody is left to ask */
};
struct protocol_question_end {
	int64_t question;
	enum question_end end;
	enum verdict verdict; /* not for WITHDRAWN */
	enum scope scope;
	struct text by; /* the client's word for itself; empty: none */
};
json_t *protocol_question_end_write(const struct protocol_question_end *end);
bool protocol_question_end_read(const json_t *body, struct protocol_question_end *end);
void protocol_question_end_finish(struct protocol_question_end *end);

/* "event": one judged action. */
struct protocol_event {
	int64_t seq;
	int64_t time; /* ms since the epoch */
	int64_t pid, tid;
	struct text program;
	enum verb verb;
	struct text object, asked_as;
	struct text syscall;
	enum verdict verdict;
	struct text by;	   /* "rule:7", "person", "default", "headless", "built-in" */
	int64_t rule;	   /* that decided, or was stored with the answer; 0: none */
	int64_t question;  /* 0: nobody was asked */
	struct text mcp;   /* JSON, the tool calls in flight; empty: none */
	bool is_generated; /* generated code did it, as far as that was looked at */
	int64_t waited;	   /* ms */
	int error;
};
json_t *protocol_event_write(const struct protocol_event *event);
bool protocol_event_read(const json_t *body, struct protocol_event *event);
void protocol_event_finish(struct protocol_event *event);

/* "processes": the reply to a request of that type. */
struct protocol_process {
	int64_t pid, parent; /* parent 0: none in the tree */
	struct text program;
	struct text *argv;
	size_t argc;
	int64_t judged, denied; /* actions of it */
};
struct protocol_processes {
	struct protocol_process *processes;
	size_t count;
};
json_t *protocol_processes_write(const struct protocol_processes *processes);
bool protocol_processes_read(const json_t *body, struct protocol_processes *processes);
void protocol_processes_finish(struct protocol_processes *processes);

#endif
