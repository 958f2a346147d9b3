/* SPDX-License-Identifier: MIT */
/*
 * A forked child that plays a tracee: it only waits, while its memory, folder and
 * descriptors are used as those of the caller of a file call.
 */
#ifndef TESTS_TRACER_CALLER_H
#define TESTS_TRACER_CALLER_H

#include "tracer/file_call.h"
#include "tracer/opened_files.h"

#include <stdint.h>
#include <sys/types.h>

enum { CALLER_SLOTS = 4, CALLER_SLOT_SIZE = 8192 };

struct caller {
	pid_t pid;
	pid_t tid; /* the calling thread; the child's only one unless set */
	int memory;
	bool has_own_credentials;
	struct opened_files opened;
	struct file_call *file;
};

/* What the child does before it waits; it may only use system calls. */
typedef void caller_setup_fn(void *data);

/* Forks a child that stands in folder. */
void caller_start(
	struct caller *caller, const char *folder, caller_setup_fn *setup, void *data);
void caller_finish(struct caller *caller);

/* Puts bytes into the child's memory; returns their address there. */
uint64_t caller_put(struct caller *caller, int slot, const void *bytes, size_t size);
uint64_t caller_put_text(struct caller *caller, int slot, const char *text);

/* The call with these six arguments, as the loop would see it. */
struct call caller_call(
	const struct caller *caller, int number, const uint64_t arguments[6]);

/*
 * Carries the call out on behalf, allowing everything: a descriptor, another result, or
 * a negative errno. What the caller would have to open itself is opened as told.
 */
int64_t caller_run(struct caller *caller, int number, const uint64_t arguments[6]);

/* The actions of the call as text, "read /a, write /b", "refused N" or "errno N". */
void caller_judge(struct caller *caller, int number, const uint64_t arguments[6],
	char *text, size_t size);

#endif
