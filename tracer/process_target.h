/* SPDX-License-Identifier: MIT */
/*
 * Whom a call on processes is about: the actions on those that are not of the tree. Who is
 * not there is told to be missing at once: by the time that the kernel looks, somebody could
 * have got the number. A part of process_call.h.
 */
#ifndef TRACER_PROCESS_TARGET_H
#define TRACER_PROCESS_TARGET_H

#include "rules/action.h"

#include <sys/types.h>

struct tracer;
struct pending;

/* Adds an action on a process: its program, or "pid:N" where that may not be read. */
void process_target_name(struct pending *pending, enum verb verb, pid_t pid);
/* Frees what that has made. */
void process_targets_finish(struct pending *pending);

/* The following return 0 or -ESRCH. */

/* One process; only looking into it is judged if it is of the tree. */
int process_target_add(
	struct tracer *tracer, struct pending *pending, enum verb verb, pid_t pid);
/* Each member of a group, for what lasts: see process_group.h. */
int process_target_add_strangers(
	struct tracer *tracer, struct pending *pending, enum verb verb, pid_t group);
/* A group that a process is to join; -EPERM instead, as the kernel has it. */
int process_target_add_joined(
	struct tracer *tracer, struct pending *pending, pid_t group);
/* Such a target of kill(2). */
int process_target_add_killed(
	struct tracer *tracer, struct pending *pending, pid_t target);

#endif
