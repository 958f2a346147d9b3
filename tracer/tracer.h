/* SPDX-License-Identifier: MIT */
/*
 * The tracer: runs a command as a tree of traced processes and turns each sensitive
 * system call into a request to be judged. It knows nothing of rules or people: its
 * user takes events one at a time, answers requests, and sleeps on tracer_fd().
 *
 * All functions are called from the thread that called tracer_create: ptrace belongs
 * to a thread. None of them blocks.
 *
 * Life of a request: TRACER_REQUEST gives it out. The user answers with tracer_answer
 * (allow or deny) or tracer_hold (a person is asked; answered later). An allowed request
 * is carried out; TRACER_RESULT follows once its outcome is known, perhaps at once,
 * perhaps after other events. A denied one gives TRACER_RESULT as well. A request whose
 * thread is interrupted or dies gives TRACER_WITHDRAWN instead. After either event is
 * followed by the next call of tracer_next, the request is gone.
 *
 * A held call may start anew (a signal, or simply because it was allowed: some calls are
 * judged again from the beginning, since names may have changed meanwhile). The user
 * then sees a new request of the same thread with restarted set, and recognises by its
 * actions that it was answered already.
 */
#ifndef TRACER_TRACER_H
#define TRACER_TRACER_H

#include "base/error.h"
#include "rules/action.h"
#include "tracer/code_facts.h"
#include "tracer/native_facts.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tracer;

/* How path calls are intercepted. AUTO takes notifications where the kernel lets us. */
enum carrier { CARRIER_AUTO, CARRIER_NOTIFY, CARRIER_TRACE };

struct tracer_options {
	char *const *argv; /* the command, found in PATH by the child */
	char *const *environment;
	int stdio[3]; /* become the command's 0, 1 and 2; not closed here */
	/* Give the command a session of its own with stdio[0] as controlling terminal. */
	bool new_session;
	enum carrier carrier;
	/* False (--reads sealed): opens for reading do not stop; Landlock holds them. */
	bool judge_reads;
	/*
	 * What sealed reads may read: files, and folders with all below; a name that ends
	 * in / gives only the listing of folders. NULL ends it.
	 */
	const char *const *sealed_folders;
};

struct lineage;

/* One process image: a thread group between two execs. */
struct process {
	pid_t pid;
	uint64_t
		start_ticks; /* field 22 of /proc/PID/stat; pid and it name a process */
	struct process
		*parent; /* kept while a descendant lives; NULL for the command */
	struct lineage *lineage; /* what led to it */
	char *program;		 /* canonical path, from the judged exec */
	char *script;		 /* for a #! file, its canonical path; else NULL */
	struct text *argv;	 /* as judged; owned */
	size_t argc;
	char *working_folder; /* at exec */
	uint64_t user;	      /* free for the tracer's user; 0 at start, kept at exec */
	unsigned references;  /* the tracer's own */
	/* Its maker was killed before the birth was reported: parent may be another. */
	bool has_unknown_maker;
};

enum { REQUEST_ACTIONS_MAX = 8, REQUEST_USER_MAX = 5 };

struct request {
	uint64_t id;
	pid_t tid;
	struct process *process;
	int syscall;		  /* number */
	const char *syscall_name; /* static */
	struct action actions[REQUEST_ACTIONS_MAX];
	size_t action_count; /* at least 1 */
	bool restarted;	     /* the same thread's call was given out before */
	/*
	 * Not 0: this call is refused with this errno whatever rules say (it cannot be
	 * read, resolved or supervised); the only answer is deny. reason says why.
	 */
	int refused;
	const char *reason; /* static, in words; NULL if there is none */
	/*
	 * With TRACER_RESULT: an exec that was allowed became something else than what was
	 * judged, so that the process is killed once the event was looked at; static, why.
	 */
	const char *killed;
	uint64_t user[REQUEST_USER_MAX]; /* free for the tracer's user */
};

enum tracer_event_kind {
	TRACER_REQUEST,	      /* request */
	TRACER_RESULT,	      /* request, error */
	TRACER_WITHDRAWN,     /* request */
	TRACER_PROCESS_START, /* process: a fork */
	TRACER_PROCESS_EXEC,  /* process: a new image; the old strings are gone */
	TRACER_PROCESS_END,   /* process, status; the struct goes after the next call */
	TRACER_COMMAND_STOPPED, /* the command itself was stopped by signal status */
	TRACER_COMMAND_ENDED,	/* status; descendants may live on */
	TRACER_TREE_ENDED,	/* nothing is left; the last event */
};

struct tracer_event {
	enum tracer_event_kind kind;
	struct request *request;
	struct process *process;
	int error;  /* 0, or the errno that the caller got */
	int status; /* as waitpid(2) gives it; COMMAND_STOPPED: the signal */
};

enum answer_kind { ANSWER_ALLOW, ANSWER_DENY };

struct answer {
	enum answer_kind kind;
	int error; /* errno of a denial */
	/*
	 * An allowed call to one internet address goes to this one instead, unseen by its
	 * caller, where the family of its socket can reach it. NULL: it does not.
	 */
	const struct endpoint *redirect;
};

/*
 * Starts the command, stopped before its first instruction is judged. Fails with the
 * reason in words: traced already, seccomp missing, command not found (ENOENT) or not
 * executable (EACCES; found before anything starts).
 */
struct tracer *tracer_create(const struct tracer_options *options, struct error *err);

/* Kills what is left of the tree and waits for it. Accepts NULL. */
void tracer_destroy(struct tracer *tracer);

/* An epoll descriptor: readable when tracer_next may have something. */
int tracer_fd(const struct tracer *tracer);

/* What wakes the tracer most; -1: there is none. Owned by the tracer. */
struct tracer_wakers {
	int listener; /* notifications; on POLLHUP not to be polled any more */
	int stops;
	int mounts; /* for POLLPRI; what is mounted anew, to be polled after these two */
};

/*
 * For whoever wants to be woken quickly: the descriptors that are then no longer part of
 * tracer_fd. They have to be slept on directly with poll(2), beside tracer_fd: an epoll in
 * between loses the hint of SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (Linux 6.6), by which one
 * wakes on the caller's processor, several times faster than on another; and it costs two
 * calls more. From then on tracer_notice says which of the four was found ready, before
 * tracer_next.
 */
struct tracer_wakers tracer_take_wakers(struct tracer *tracer);
void tracer_notice(struct tracer *tracer, int fd);

/* The next event, or false when there is nothing to do until a descriptor is readable. */
bool tracer_next(struct tracer *tracer, struct tracer_event *event);

void tracer_answer(
	struct tracer *tracer, struct request *request, struct answer answer);

/* Parks the caller so that only it waits: interruptible, in no ptrace stop. */
void tracer_hold(struct tracer *tracer, struct request *request);

/* The working folder of the caller as it is now, "" if it is not known. Owned. */
char *tracer_read_folder(const struct request *request);

/* A copy of the socket that the call is about, owned by the user; -1: none to be had. */
int tracer_take_socket(struct tracer *tracer, const struct request *request);

/*
 * What the message of this number carries that the call sends to an address, as it is in
 * the caller's memory now: the kernel may find it changed. Returns its length; 0: there is
 * no such message, it is empty, cannot be read, or is longer than size.
 */
size_t tracer_read_message(struct tracer *tracer, const struct request *request,
	size_t number, void *buffer, size_t size);

enum stdio_taking {
	STDIO_IS_OTHER, /* not a channel in both directions */
	STDIO_TAKEN,
	STDIO_IS_UNKNOWN, /* not to be had, or shared with another process */
};

/*
 * For whoever relays what programs say to each other. Copies of the descriptors 0 and 1
 * of an exec's caller, to be closed by the user, if both are pipes or stream sockets.
 * Unless they were taken, they cannot be replaced either, and stdio is {-1, -1}.
 */
enum stdio_taking tracer_take_stdio(
	struct tracer *tracer, const struct request *request, int stdio[2]);
/*
 * Once the exec is allowed, its caller gets copies of these as its 0 and 1 before it
 * executes; they are the tracer's from here on. Only before tracer_answer.
 */
void tracer_replace_stdio(
	struct tracer *tracer, struct request *request, const int stdio[2]);

/*
 * Who says whether the process of a request may read a file. What is in others does not
 * show in what tracer_take_code finds: the tree sees what comes of that.
 */
void tracer_set_reading(struct tracer *tracer,
	bool (*may_read)(void *user, const struct request *request, struct text path),
	void *user);

/*
 * What Python code the call comes from; given back by code_facts_finish. Only while the
 * request is being judged or held.
 */
void tracer_take_code(
	struct tracer *tracer, const struct request *request, struct code_facts *facts);
/* Adds lines of source to what tracer_take_code found, for people. */
void tracer_take_sources(
	struct tracer *tracer, const struct request *request, struct code_facts *facts);
/* Its native stack, likewise; given back by native_facts_finish. */
void tracer_take_native(struct tracer *tracer, const struct request *request,
	struct native_facts *facts);

/* Sends sig to the command's process group (or process, with its own session gone). */
void tracer_signal_command(struct tracer *tracer, int sig);
/* Kills every process of the tree. */
void tracer_kill_tree(struct tracer *tracer);
/* Stops or resumes every process of the tree at its next instruction. */
void tracer_pause_tree(struct tracer *tracer, bool pause);
/* Kills one process of the tree; false if it is not in the tree. */
bool tracer_kill_process(struct tracer *tracer, pid_t pid);

pid_t tracer_command_pid(const struct tracer *tracer);
bool tracer_has_process(const struct tracer *tracer, pid_t pid);
/* True if the open file behind own_fd is also descriptor fd of tid (kcmp(2)). */
bool tracer_shares_file(struct tracer *tracer, pid_t tid, int fd, int own_fd);

struct tracer_counters {
	uint64_t notifications;
	uint64_t trace_stops;
	uint64_t requests;
	uint64_t plain_continuations; /* calls on paths run as they stood: 0 always */
	uint64_t code_stacks;	      /* calls of tracer_take_code */
	uint64_t tasks, tasks_peak;
};
void tracer_counters(const struct tracer *tracer, struct tracer_counters *counters);

#endif
