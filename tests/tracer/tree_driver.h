/* SPDX-License-Identifier: MIT */
/*
 * Runs a command under the tracer with a policy in place of rules and people, takes down
 * what happens, and waits for things with one deadline. The environment variable
 * DUENNA_TEST_CARRIER set to trace chooses the carrier, DUENNA_DISABLE takes kernel
 * features away.
 */
#ifndef TESTS_TRACER_TREE_DRIVER_H
#define TESTS_TRACER_TREE_DRIVER_H

#include "tracer/tracer.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	TREE_WAIT_MS = 60000,
	TREE_ALLOWS =
		0, /* what a policy answers; more than 0 is the errno of a denial */
	TREE_HOLDS = -1,
	TREE_HELD_MAX = 64,
	TREE_TEXT_SIZE = 256,
};

/* One event, as it was. */
struct tree_note {
	enum tracer_event_kind kind;
	pid_t pid, tid, parent;
	int status, error;
	bool restarted;
	char text[TREE_TEXT_SIZE]; /* "verb object" of a request; a program */
};

struct tree;
typedef int tree_policy_fn(struct tree *tree, const struct request *request);

struct tree {
	struct tracer *tracer;
	tree_policy_fn *policy;
	const char *word;  /* for policies: what they look for in an action */
	int policy_answer; /* for policies: what they answer where they find it */
	struct tree_note *notes;
	size_t note_count, note_capacity;
	struct request *held[TREE_HELD_MAX]; /* NULL: answered or withdrawn */
	size_t held_count;
	int input, output; /* pipes to and from the command */
	char *shown;	   /* what it wrote, terminated */
	size_t shown_length;
	bool output_ended, command_ended, tree_ended;
	int status;	    /* of the command, once it has ended */
	size_t descriptors; /* how many were open before it started */
	long long deadline;
};

/* A policy: what has word in "verb object" gets policy_answer, all else is allowed. */
int tree_answer_matching(struct tree *tree, const struct request *request);

/* Starts the command; policy NULL allows everything. Set word and answer first. */
void tree_start(struct tree *tree, const char *const argv[], tree_policy_fn *policy);
/* Ends what is left and checks that no descriptor stays open. */
void tree_finish(struct tree *tree);

/* Handles what happens until something did, or the deadline fails the test. */
void tree_step(struct tree *tree);
/* Handles what has happened, without waiting. */
void tree_handle_ready(struct tree *tree);
void tree_run_to_end(struct tree *tree);
/* Waits until the command has written this. */
void tree_await_output(struct tree *tree, const char *text);
/* Waits for a request to be held; returns its place in held. */
size_t tree_await_held(struct tree *tree, size_t count);
/* Waits for a noted event of this kind with word in its text, from place on. */
size_t tree_await_note(
	struct tree *tree, enum tracer_event_kind kind, const char *word, size_t from);
void tree_type(struct tree *tree, const char *text);
void tree_answer_held(struct tree *tree, size_t place, int answer);

/* How often an event of this kind with word in its text was noted. */
size_t tree_count(
	const struct tree *tree, enum tracer_event_kind kind, const char *word);

/* The path of a victim; in a buffer that is used again by the fourth call after. */
const char *tree_victim(const char *name);
/* Runs the victim natively and as a tree: output and status must be the same. */
void tree_expect_as_native(const char *victim, const char *behaviour);

/*
 * To be called first by tests that take native stacks: libunwind opens a pipe at its
 * first use, and keeps it.
 */
void tree_start_libunwind(void);

#endif
