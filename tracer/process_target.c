/* SPDX-License-Identifier: MIT */
#include "tracer/process_target.h"

#include "base/defence.h"
#include "base/xalloc.h"
#include "tracer/process_group.h"
#include "tracer/tree.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char deleted_suffix[] = " (deleted)";

/* The program of a process; a text that is owned, or NULL where it may not be read. */
static char *program_read(pid_t pid)
{
	char link[40];
	char program[PATH_MAX];

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	const ssize_t length = readlink(link, program, sizeof(program));
	return length > 0 ? xmemdup0(program, (size_t)length) : NULL;
}

void process_target_name(struct pending *pending, enum verb verb, pid_t pid)
{
	struct request *request = &pending->request;

	if (request->action_count == REQUEST_ACTIONS_MAX) {
		request->refused = EPERM;
		request->reason = "it is about more processes than can be shown";
		return;
	}
	/* Several may run the same program: a person is told which. */
	const struct named_process named = {
		program_read(pid), xasprintf("pid:%d", pid)};
	struct text name = text_of(named.program ? named.program : named.number);
	/* A program that was replaced while it runs is what it was. */
	if (text_ends_with(name, deleted_suffix)) {
		name.length -= sizeof(deleted_suffix) - 1;
	}
	pending->named[request->action_count] = named;
	request->actions[request->action_count++] = (struct action){.verb = verb,
		.object = name,
		.asked_as = text_of(named.program ? named.number : ""),
		.process = pid};
}

void process_targets_finish(struct pending *pending)
{
	for (size_t i = 0; i < REQUEST_ACTIONS_MAX; i++) {
		free(pending->named[i].program);
		free(pending->named[i].number);
	}
}

static int refuse_missing(void)
{
	return defence_is_off(DEFENCE_NO_LATECOMERS) ? 0 : -ESRCH;
}

/* Calls that succeed and change nothing; process_call_perform answers them itself. */
static bool does_nothing_to_remains(const struct call *call)
{
	return call->operation == OPERATION_SIGNAL ||
	       call->row->target == TARGET_PRIORITY ||
	       call->row->target == TARGET_IO_PRIORITY;
}

int process_target_add(
	struct tracer *tracer, struct pending *pending, enum verb verb, pid_t pid)
{
	if (verb != VERB_INSPECT && process_is_in_tree(tracer, pid)) {
		return 0;
	}
	if (kill(pid, 0) != 0 && errno == ESRCH) {
		return refuse_missing();
	}
	pending->is_for_remains = does_nothing_to_remains(&pending->call) &&
				  process_is_remains(tracer, pid);
	if (!pending->is_for_remains) {
		process_target_name(pending, verb, pid);
	}
	return 0;
}

/* Enough to find out that there are more than can be shown. */
enum { OUTSIDERS_MAX = REQUEST_ACTIONS_MAX + 1 };

static int add_outsiders(
	struct tracer *tracer, struct pending *pending, enum verb verb, pid_t group)
{
	pid_t outsiders[OUTSIDERS_MAX];
	const int count =
		process_group_outsiders(tracer, group, outsiders, OUTSIDERS_MAX);

	for (int i = 0; i < count; i++) {
		process_target_name(pending, verb, outsiders[i]);
	}
	return count < 0 ? refuse_missing() : 0;
}

int process_target_add_strangers(
	struct tracer *tracer, struct pending *pending, enum verb verb, pid_t group)
{
	if (group == getpgrp()) {
		process_target_name(pending, verb, getpid());
		return 0;
	}
	return add_outsiders(tracer, pending, verb, group);
}

int process_target_add_joined(
	struct tracer *tracer, struct pending *pending, pid_t group)
{
	/* The tree began in ours. */
	if (group == getpgrp() || defence_is_off(DEFENCE_NO_JOINING)) {
		return 0;
	}
	return add_outsiders(tracer, pending, VERB_SIGNAL, group) == 0 ? 0 : -EPERM;
}

int process_target_add_killed(
	struct tracer *tracer, struct pending *pending, pid_t target)
{
	if (target > 0) {
		return process_target_add(tracer, pending, VERB_SIGNAL, target);
	}
	/* INT_MIN is nobody, says the kernel. */
	if (target == PROCESS_ALL || target == INT_MIN) {
		return 0;
	}
	const pid_t group = target == 0 ? pending->group : -target;

	return group > 0 ? add_outsiders(tracer, pending, VERB_SIGNAL, group) : 0;
}
