/* SPDX-License-Identifier: MIT */
/*
 * Judges requests of the tracer by the rules in force. What was found is kept in a
 * struct judged until the outcome is known and recorded. Nothing is allocated or
 * formatted where the main rule set alone decides, once enough judged were made.
 */
#ifndef SESSION_JUDGE_H
#define SESSION_JUDGE_H

#include "db/event.h"
#include "session/above.h"
#include "session/call_stack.h"
#include "session/labels.h"
#include "session/mcp_calls.h"
#include "session/rule_set.h"
#include "tracer/tracer.h"

/* What the session knows of a process image; struct process' user points to it. */
struct process_state {
	struct process_state *previous, *next;
	const struct process *process; /* the tracer's */
	int64_t number;		       /* of the image, in the recording */
	int64_t parent;		/* number of the parent's image when it started */
	struct rule_set *rules; /* answers of scope process; NULL: none */
	struct label_carrier labels;
	struct mcp_server *mcp; /* the innermost that it belongs to; NULL: none */
	bool is_mcp_unknown;	/* it may belong to any other server as well */
	int64_t judged, denied; /* actions of the process, whatever it executed */
};

struct judged_action {
	enum verdict verdict;
	enum decider by;
	const struct rule *rule; /* NULL: none matched */
	struct rule_set *set;	 /* the one that rule is of; kept by the judged */
	bool is_below; /* the rule is about what moves, or is in the folder that does */
	unsigned facts_missing; /* enum fact: what could still change the verdict */
};

struct judged {
	struct judged *previous, *next; /* in the list of the live, or of the free */
	struct rule_set *main, *combined;
	struct judged_action actions[REQUEST_ACTIONS_MAX];
	size_t action_count;
	enum verdict verdict;	  /* the strictest */
	size_t strictest;	  /* the action that has it */
	int error;		  /* errno of a denial */
	const char *reason;	  /* static, where no rule says it; or NULL */
	struct call_stack *stack; /* NULL: it was not taken */
	bool is_by_stack;	  /* a rule could depend on it */
	bool is_hidden;	       /* denied as though it were not there: nobody is told */
	bool is_delayed;       /* starts anew once the names it asks for are known */
	struct mcp_facts *mcp; /* NULL: it is done by no MCP server */
	bool is_by_mcp;	       /* a rule could depend on it */
	uint32_t labels;       /* that the process carried; see session/labels.h */
	int64_t monotonic;     /* when it was judged, ns */
	/* Filled in when a person was asked: */
	int64_t question;
	int64_t held; /* since when, ns; 0: it was not */
	int64_t waited_ms;
	bool has_scope;
	enum scope scope;
	int64_t rule;  /* stored with the answer; 0: none */
	char *message; /* to the agent; owned; or NULL */
};

struct mcp_watch;
struct link_names;

struct judge {
	const struct places *places;
	struct tracer *tracer;	     /* NULL: a recording is judged, not a live tree */
	struct labels *labels;	     /* NULL likewise */
	const struct mcp_watch *mcp; /* NULL likewise */
	struct rule_set *main;
	struct rule_set *fresh; /* answers that main does not have yet; or NULL */
	struct above above;	/* of the last subject */
	const struct link_names *links; /* NULL: none are known */
	bool allows_asked;		/* what is to be asked is allowed */
	bool learns_names; /* of hosts: whoever looks them up otherwise is absent */
	struct judged *live, *free;
	/* Terminals of front ends, which come and go: "/dev/pts/3"; borrowed. */
	const char **terminals;
	size_t terminal_count, terminal_capacity;
};

/* ---- judge_own.c ---- */

/* A front end's terminal is out of the tree's reach for as long as it is there. */
void judge_add_terminal(struct judge *judge, const char *terminal);
void judge_remove_terminal(struct judge *judge, const char *terminal);
/* Why the action is out of reach though no rule names it; static; NULL: it is not. */
const char *judge_own_reason(const struct judge *judge, const struct action *action);

/* ---- judge_links.c ---- */

struct link_use {
	const struct action *action;
	const struct subject *subject;
	time_t now;
	bool moves; /* what lies below the object goes away or comes along */
};
/* The strictest rule about a name that leads to the object; false: there is none. */
bool judge_by_links(const struct link_names *links, const struct rule_index *index,
	const struct link_use *use, struct judgement *strictest);
/* Whether a rule about such a name counts less than that about the object's own. */
bool judge_link_yields(const struct rule *by_link, const struct rule *by_name);

/* ---- judge_read.c ---- */

/* Whether rules let who makes a call read a file. The subject of the request is made anew. */
bool judge_may_read(
	struct judge *judge, const struct request *request, struct text path);

/* ---- judge_subject.c ---- */

/* The subject of a request; its texts are valid until the next call. */
struct subject judge_subject(struct judge *judge, const struct process *process);
/* NULL: nothing is known of the process yet. */
const struct label_set *judge_labels_of(const struct process *process);

/* ---- judge_exec.c ---- */

/*
 * Whether the rule allows the program with its arguments, but it is called by a name that
 * is none of its own, by which it may be another program (git-push, busybox's sh).
 */
bool judge_misnames(const struct request *request, const struct action *action,
	const struct rule *rule);

/* ---- judge.c ---- */

void judge_finish(struct judge *judge);

/* now: seconds since the epoch. The result is given back by judge_release. */
struct judged *judge_request(
	struct judge *judge, const struct request *request, time_t now);
/* Takes the call's stack, unless that was done already, to be shown and recorded. */
void judge_take_whole_stack(
	struct judge *judge, const struct request *request, struct judged *judged);
/* The same for a subject that was put together elsewhere; request->process may be NULL. */
struct judged *judge_request_of(struct judge *judge, const struct request *request,
	const struct subject *subject, time_t now);

/* ---- judged.c ---- */

/* An empty one for the rules in force; the judge has it until it is given back. */
struct judged *judged_take(struct judge *judge);
void judge_release(struct judge *judge, struct judged *judged);

/* What would be asked is settled otherwise: every action of it gets that verdict. */
void judged_settle(struct judged *judged, enum verdict verdict, enum decider by);
/* What was allowed cannot be carried out as it has to be: Duenna itself denies it. */
void judged_deny(struct judged *judged, const char *reason, int error);

/* The errno with which programs cope best when a person or a rule denies the verb. */
int denial_error(enum verb verb);

/* Forbid beats deny beats ask beats allow: a number that grows with strictness. */
int verdict_strictness(enum verdict verdict);

#endif
