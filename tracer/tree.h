/* SPDX-License-Identifier: MIT */
/*
 * What the tracer keeps of its tree: threads, processes, images and pending calls.
 * Inside tracer/ only.
 *
 *   struct tracer -- tracees by thread id -- process -- image (program, argv)
 *                                \-- pending (one stopped call being judged)
 */
#ifndef TRACER_TREE_H
#define TRACER_TREE_H

#include "tracer/arena.h"
#include "tracer/call.h"
#include "tracer/file_call.h"
#include "tracer/held_files.h"
#include "tracer/ipc_objects.h"
#include "tracer/keeper.h"
#include "tracer/node_place.h"
#include "tracer/opened_files.h"
#include "tracer/performer.h"
#include "tracer/pid_map.h"
#include "tracer/probe.h"
#include "tracer/python_place.h"
#include "tracer/registers.h"
#include "tracer/source_file.h"
#include "tracer/stack_memory.h"
#include "tracer/tracer.h"

#include <limits.h>

/* What a process runs; shared by forks until one of them execs. */
struct image {
	unsigned references;
	char *program;
	char *script;
	struct text *argv;
	size_t argc;
	char *working_folder;
	char *strings; /* what argv points into */
	struct python_place python;
	struct node_place node;
	struct native_unwinder *unwinder; /* native_stack.h; or NULL */
};

struct process_state {
	struct process shared; /* first: what the tracer's user sees */
	struct image *image;
	unsigned threads;  /* traced threads alive */
	pid_t vfork_maker; /* the thread that waits for it to execute or end; or 0 */
	int memory_fd;	   /* kept /proc/PID/mem of the current image, or -1 */
	unsigned calls;	   /* stopped ones: they hold on to memory_fd */
	bool is_over;	   /* no thread is left; kept for descendants */
	bool has_own_credentials;
	bool is_at_limit; /* it ran out of descriptors before */
	struct opened_files opened;
	bool pretends_undumpable; /* was told that PR_SET_DUMPABLE 0 worked */
	bool has_lost_threads;	  /* to an exec: what they made may never be reported */
	struct arena_mapping arena; /* sealed argument pages mapped in this image */
	struct held_files held;	    /* of the last exec */
};

/* How far a sendmmsg is on its way to its next message; see carry.c. */
enum next_message { NEXT_NONE, NEXT_WANTED, NEXT_ENTERED };

enum tracee_state {
	TRACEE_NEWBORN,	 /* its first stop or its parent's report is still missing */
	TRACEE_RUNS,	 /* in user space, or in a call that we left alone */
	TRACEE_NOTIFIES, /* waits in a seccomp notification; pending is set */
	TRACEE_STOPPED,	 /* at a seccomp stop; pending is set */
	TRACEE_PARKED,	 /* held: its call was replaced by pause(2); pending is set */
	TRACEE_CALLS,	 /* in a judged call whose exit stop is armed */
	TRACEE_INJECTED, /* runs calls of ours to map the arena */
};

/* A result that its caller was interrupted before getting; see restart.c. */
struct kept_result {
	bool is_valid;
	uint64_t number, arguments[6];
	uint64_t held; /* number of the held file that is opened; or 0 */
	struct file_outcome outcome;
};

/* A wait that was made again after an ignored signal; see ignored_signal.c. */
struct repaired_wait {
	uint64_t number, stack, sleeps;
	int64_t since; /* nanoseconds, monotonic */
};

struct tracee {
	pid_t tid;
	enum tracee_state state;
	struct process_state *process; /* NULL while newborn */
	bool has_stopped;	  /* newborn: first stop seen, waits for its parent */
	unsigned newborn_looks;	  /* how often it was still without its birth */
	bool is_call_interrupted; /* the kernel's own call returned -ERESTART… */
	bool wants_native;	  /* leaves its notification to make its call itself */
	bool wants_park;	  /* leaves its notification to be held in pause(2) */
	bool is_released;	  /* parked and allowed: goes on at its next stop */
	bool wants_pause;	  /* to be stopped by tracer_pause_tree */
	bool is_paused;		  /* stopped so */
	bool is_restarted;	  /* its next call was given out before */
	unsigned changes;	  /* how often names changed under its present call */
	uint64_t parked_number;
	struct pending *pending;
	struct registers
		saved; /* CALLS, INJECTED, PARKED: as they were before our changes */
	struct registers expected; /* of the next message of a sendmmsg */
	enum next_message next_message;
	struct injection *injection;
	uint64_t thread_pointer; /* when it last made a thread, or 0; of this image */
	uint64_t interrupted_stack; /* stack pointer of the call that kept belongs to */
	struct kept_result kept;
	struct repaired_wait repaired;
};

enum pending_progress {
	PENDING_FREE,
	PENDING_JUDGED_SOON, /* given out or about to be */
	PENDING_HELD,
	PENDING_DEFERRED,   /* until names may change, or hold still: name_lock.h */
	PENDING_PERFORMING, /* in a performer thread */
	PENDING_RUNNING,    /* the kernel runs it, exit stop armed */
	PENDING_DONE,	    /* reported; goes with the next tracer_next */
};

struct exec_call;
struct network_call;

/* The texts of an action on a process; owned. */
struct named_process {
	char *program, *number;
};

/* One stopped call, from its stop until its outcome is reported. */
struct pending {
	struct request request; /* first: what the tracer's user sees */
	enum pending_progress progress;
	struct tracee *tracee; /* NULL: its thread is gone */
	struct call call;
	uint64_t notification; /* id; 0: a trace stop */
	bool is_preparing;     /* in a performer, which reads and resolves it */
	bool is_remote;	       /* in a performer: nobody knows for how long */
	bool is_checked_again; /* in a performer, which looks a socket's name up */
	int prepared;	       /* what came of that */
	bool is_silent;	       /* the command's own exec: nobody is asked */
	struct file_call *file;
	struct exec_call *exec;
	struct network_call *network;
	uint64_t held; /* the held file that it opens; or 0 */
	struct file_outcome outcome;
	int denial;	      /* parked and denied: the errno to leave with */
	int slot;	      /* of the arena, or ARENA_NO_SLOT */
	int stdio[2];	      /* for the caller of an exec; -1: it keeps its own */
	bool is_stdio_given;  /* it has them; to be proven at the exec stop */
	bool is_handed_over;  /* its descriptor waits for FILTER_NUMBER_HOLD */
	bool holds_names;     /* nothing may change names until its exit stop */
	bool is_expired;      /* it held them for too long and starts anew */
	bool is_by_registers; /* process_call.h */
	bool is_for_remains;  /* it would do nothing: to a dead process of the tree */
	int owner_type;	      /* OPERATION_OWNER, as read */
	pid_t owner_pid;
	int turns_on;  /* OPERATION_INPUT_SIGNALS, as read */
	long terminal; /* … of this terminal, terminal_owner.h; 0: of none */
	pid_t group; /* the caller's own when it was judged, if the call is about that */
	struct named_process named[REQUEST_ACTIONS_MAX];
	struct pending *next; /* in the performer's queues, or free list */
};

/* See name_lock.h. */
struct name_lock {
	size_t holders;		      /* calls that look a name up at this moment */
	size_t changing;	      /* changes of names in performers … */
	size_t changing_remotely;     /* … and those on slow file systems */
	struct pending *first, *last; /* put off, in order */
	bool is_continuing;
	int timer_fd;
};

struct event_queue {
	struct tracer_event *events;
	size_t first, count, capacity;
};

struct tracer {
	int epoll_fd, signal_fd, listener_fd, vfork_timer_fd;
	pid_t command;
	bool command_ended;
	bool is_starting; /* the command's own first exec is still to come */
	uint64_t next_request;
	struct probe_features features;
	struct syscall_options calls; /* how the table is read in this session */
	enum carrier carrier;
	bool has_listener;	/* with CARRIER_TRACE too, to map the argument pages */
	struct pid_map tracees; /* struct tracee by tid */
	struct keepers keepers; /* only without a listener */
	struct ipc_objects ipc_objects;
	struct pid_map processes; /* struct process_state by pid */
	size_t newborns;	  /* tracees whose parent is not known yet */
	struct pid_map stillborn; /* died before their birth was reported */
	struct pending *free_pending;
	struct tracer_event last; /* what it reports goes with the next one */
	struct name_lock names;
	struct event_queue queue;
	bool is_noticed; /* our user says what is ready: tracer_notice */
	bool has_stops, has_other, has_notification;
	bool knows_mounts; /* those that there were when it heard of the next call */
	bool is_over;	   /* TRACER_TREE_ENDED was said */
	struct performers *performers;
	struct arena *arena;
	struct process_state *root; /* the command's; parent of who lost its own */
	struct tracer_counters counters;
	bool is_paused;
	size_t open_memories;		  /* kept memory descriptors */
	struct stack_memory stack_memory; /* for one call stack at a time */
	struct code_reader reader;	  /* without its request */
};

/* tree.c */
struct tracee *tracee_find(const struct tracer *tracer, pid_t tid);
struct tracee *tracee_create(struct tracer *tracer, pid_t tid);
/* Drops the record, withdraws its call and ends its process with the last thread. */
void tracee_gone(struct tracer *tracer, struct tracee *tracee, int status);
/* thread: in parent's process; else the start of a new one. */
void tracee_adopt(struct tracer *tracer, struct tracee *child, struct tracee *parent,
	bool is_thread);
struct process_state *process_create(
	struct tracer *tracer, pid_t pid, struct process_state *parent);
void process_release(struct process_state *process);
void process_set_image(struct process_state *process, struct image *image); /* takes */
struct image *image_create(void);
void image_release(struct image *image);
/*
 * The kept descriptor of its process' memory, opened when needed; -1 if unreadable. The
 * process may have lost its leader, through which nothing could be read.
 */
int tracee_memory(struct tracer *tracer, const struct tracee *tracee);
void process_forget_memory(struct tracer *tracer, struct process_state *process);
/* Removes a thread that will never be heard of; another of its process is left. */
void process_drop_thread(struct tracer *tracer, struct tracee *tracee);
/* Removes every other thread of the process, when one of them has executed. */
void process_drop_other_threads(struct tracer *tracer, struct tracee *survivor);

/* pending.c */
struct pending *pending_create(struct tracer *tracer, struct tracee *tracee);
void pending_release(struct tracer *tracer, struct pending *pending);
/* Parts a call from its thread and reports it withdrawn (if anybody knows of it). */
void pending_withdraw(struct tracer *tracer, struct tracee *tracee);
/* Reports the outcome; the struct goes with the next call of tracer_next. */
void pending_report(struct tracer *tracer, struct pending *pending, int error);
void pending_pool_finish(struct tracer *tracer);
/* Lets go of what a reported event was about. */
void tracer_retire(struct tracer *tracer, struct tracer_event *event);
void event_push(struct tracer *tracer, struct tracer_event event);
bool event_pop(struct tracer *tracer, struct tracer_event *event);

/* stop.c: everything that waitpid reports. */
void stops_drain(struct tracer *tracer);
/* Counts how long newborns wait, and adopts who waits too long; true if some are left. */
bool newborns_age(struct tracer *tracer);
/* seccomp_stop.c: a call at its trace stop, or at the exit stop after it. */
void seccomp_stop(struct tracer *tracer, struct tracee *tracee);
void exit_stop(struct tracer *tracer, struct tracee *tracee);
/* exec_stop.c */
void exec_stop(struct tracer *tracer, struct tracee *tracee);
/* Kills whoever became something else than was judged, now that it was told. */
void exec_condemned(struct tracer *tracer, const struct request *request);
/* restart.c: registers put right where a call was interrupted. */
void signal_stop_repair(struct tracer *tracer, struct tracee *tracee, int sig);
void interrupt_stop_repair(struct tracer *tracer, struct tracee *tracee);
void group_stop_repair(struct tracer *tracer, struct tracee *tracee);
/* Makes a thread leave its notification, to a stop where it is redirected. */
void notification_interrupt(struct tracer *tracer, struct pending *pending);
/* At a trace stop: the call starts anew, and finds the result that it has already. */
void restart_later(struct tracer *tracer, struct tracee *tracee);
void kept_result_drop(struct kept_result *kept);
void restart_keep(struct tracee *tracee, const struct pending *pending);
/* Answers a notification; false if its caller no longer waits. Closes a handed over fd. */
bool file_outcome_send(
	struct tracer *tracer, uint64_t notification, struct file_outcome *outcome);
/* The same at a trace stop: fills pending's outcome in. */
bool restart_take(struct tracee *tracee, struct pending *pending, uint64_t stack);
/* True if the call was answered with the result kept for it. */
bool restart_answer(struct tracer *tracer, struct tracee *tracee, uint64_t notification,
	const struct call *call);
/* vfork_hold.c: the timer's descriptor, its start when a call is held, and its end. */
int vfork_hold_open(void);
/* Looks again soon: at newborns whose birth nobody reports. */
void vfork_hold_arm(const struct tracer *tracer);
void vfork_hold_begin(const struct tracer *tracer, const struct pending *pending);
void vfork_hold_look(struct tracer *tracer);
/* Signal sets of a thread, proc(5); pending for it or its process. */
#define SIGNAL_BIT(sig) (UINT64_C(1) << ((sig)-1))
struct signal_sets {
	uint64_t pending, blocked, ignored, caught;
	uint64_t sleeps; /* voluntary context switches */
};
bool signal_sets_read(pid_t tid, struct signal_sets *sets);
bool signal_is_ignored_by_default(int sig);
/* ignored_signal.c: makes a wait again that ended for a signal without effect. */
void ignored_signal_repair(struct tracer *tracer, struct tracee *tracee,
	const struct registers *registers, int sig);
/* notification.c */
void notifications_drain(struct tracer *tracer);
void performed_drain(struct tracer *tracer);
/* Sends the outcome of a call to its caller and reports it. */
void notification_finish(struct tracer *tracer, struct pending *pending);
/* Fills call from what was stopped; false if the number has no row. */
bool call_describe(struct tracer *tracer, struct tracee *tracee, struct call *call,
	uint64_t number, const uint64_t arguments[6]);
/* request.c: decodes a stopped call and gives it out, or ends it at once. */
void request_prepare(struct tracer *tracer, struct pending *pending);
/*
 * In a performer: reads and resolves. False if it would have to wait for remote files as a
 * call of which that was not known: then it is known now, and to be prepared again.
 */
bool request_prepare_beside(struct pending *pending);
/* One that a performer has prepared. */
void request_prepared(struct tracer *tracer, struct pending *pending);
/*
 * Runs the decoder of the call's operation; its result is as file_call_prepare's. Without
 * tracer for calls that name files.
 */
int request_decode(struct tracer *tracer, struct pending *pending);
/* Marks it refused; with an action of this verb and object if it has none yet. */
void request_refuse(struct pending *pending, int error, const char *reason,
	enum verb verb, const char *object);

/* carry.c */
void carry_checked_again(struct tracer *tracer, struct pending *pending);
void carry_performed(struct tracer *tracer, struct pending *pending);
/* At a trace stop: gives the caller its result, or what it takes to get it. */
void file_outcome_at_stop(struct tracer *tracer, struct pending *pending);
void carry_pinned(struct tracer *tracer, struct pending *pending);
/*
 * At the exit stop of a pinned call: true if it goes on with another message; else its
 * slot is free again and *result is what the caller gets.
 */
bool carry_pinned_continues(
	struct tracer *tracer, struct pending *pending, int64_t *result);
void carry_out(struct tracer *tracer, struct pending *pending);
/* At a seccomp stop: an allowed exec, after its caller got other open files if it shall. */
void carry_exec(struct tracer *tracer, struct pending *pending);
void carry_deny(struct tracer *tracer, struct pending *pending, int error);
/* A held call ends with EINTR, as if a signal had come, and is withdrawn. */
void carry_interrupt(struct tracer *tracer, struct pending *pending);

/* A signal came before the next message: the call ends with what was sent so far. */
void carry_next_abandon(
	struct tracer *tracer, struct tracee *tracee, struct registers *registers);

/* If it is wanted: a stop at the thread's next instruction. */
void tracee_pause_soon(struct tracee *tracee);
/* Resumes a stopped thread: PTRACE_CONT or, with an exit stop, PTRACE_SYSCALL. */
void tracee_continue(struct tracee *tracee, int sig);
void tracee_continue_to_exit(struct tracee *tracee, int sig);

#endif
