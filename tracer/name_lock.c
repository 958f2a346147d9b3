/* SPDX-License-Identifier: MIT */
#include "tracer/name_lock.h"

#include "base/defence.h"
#include "tracer/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { HOLD_NANOSECONDS = 100000000 };

bool name_lock_init(struct tracer *tracer, struct error *err)
{
	tracer->names.timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return tracer->names.timer_fd >= 0 ||
	       error_set(err, errno, "cannot make a timer: %s", strerror(errno));
}

/* Whether the call can make a name lead elsewhere. */
static bool changes_names(const struct pending *pending)
{
	switch ((int)pending->call.operation) {
	case OPERATION_RENAME:
	case OPERATION_LINK:
	case OPERATION_SYMLINK:
	case OPERATION_UNLINK:
	case OPERATION_RMDIR:
	case OPERATION_MKDIR:
	case OPERATION_MKNOD:
		return true;
	default:
		return false;
	}
}

static void defer(struct tracer *tracer, struct pending *pending)
{
	struct name_lock *names = &tracer->names;

	pending->progress = PENDING_DEFERRED;
	pending->next = NULL;
	if (names->last) {
		names->last->next = pending;
	} else {
		names->first = pending;
	}
	names->last = pending;
}

static void forget(struct tracer *tracer, struct pending *gone)
{
	struct name_lock *names = &tracer->names;
	struct pending *before = NULL;

	for (struct pending *i = names->first; i; before = i, i = i->next) {
		if (i != gone) {
			continue;
		}
		if (before) {
			before->next = i->next;
		} else {
			names->first = i->next;
		}
		if (names->last == i) {
			names->last = before;
		}
		return;
	}
}

static void set_timer(const struct tracer *tracer, long nanoseconds)
{
	const struct itimerspec when = {.it_value.tv_nsec = nanoseconds};

	(void)timerfd_settime(tracer->names.timer_fd, 0, &when, NULL);
}

bool name_lock_take(struct tracer *tracer, struct pending *pending)
{
	struct name_lock *names = &tracer->names;

	if (pending->holds_names || defence_is_off(DEFENCE_NAME_LOCK)) {
		return true;
	}
	/* What changes on slow file systems matters only to names that lead there. */
	const bool may_change = names->changing > 0 ||
				(pending->is_remote && names->changing_remotely > 0);

	if (may_change || (names->first && !names->is_continuing)) {
		defer(tracer, pending);
		return false;
	}
	pending->holds_names = true;
	if (names->holders++ == 0) {
		set_timer(tracer, HOLD_NANOSECONDS);
	}
	return true;
}

bool name_lock_defers(struct tracer *tracer, struct pending *pending)
{
	const struct name_lock *names = &tracer->names;

	if (!changes_names(pending) ||
		(names->holders == 0 && (!names->first || names->is_continuing))) {
		return false;
	}
	defer(tracer, pending);
	return true;
}

static size_t *changing_with(struct tracer *tracer, const struct pending *pending)
{
	return pending->is_remote ? &tracer->names.changing_remotely
				  : &tracer->names.changing;
}

void name_lock_performing(struct tracer *tracer, struct pending *pending)
{
	if (changes_names(pending)) {
		++*changing_with(tracer, pending);
	}
}

void name_lock_performed(struct tracer *tracer, struct pending *pending)
{
	if (changes_names(pending)) {
		--*changing_with(tracer, pending);
	}
}

void name_lock_release(struct tracer *tracer, struct pending *pending)
{
	if (pending->progress == PENDING_DEFERRED) {
		forget(tracer, pending);
	}
	if (pending->holds_names) {
		pending->holds_names = false;
		if (--tracer->names.holders == 0) {
			set_timer(tracer, 0);
		}
	}
}

/*
 * In its call the kernel may look the name up any moment, so that the call has to end
 * first. Before it (the thread was stopped, or went elsewhere, while it got the argument
 * pages) nothing was looked up yet: should it come to its call, that is judged anew.
 */
static void expire(struct tracer *tracer, struct tracee *tracee)
{
	tracee->pending->is_expired = true;
	if (tracee->state == TRACEE_CALLS) {
		(void)ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL);
	} else {
		name_lock_release(tracer, tracee->pending);
	}
}

void name_lock_expire(struct tracer *tracer)
{
	uint64_t count;
	size_t position = 0;
	struct tracee *tracee;

	(void)!read(tracer->names.timer_fd, &count, sizeof(count));
	while (tracer->names.first != NULL &&
		(tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (tracee->pending && tracee->pending->holds_names) {
			expire(tracer, tracee);
		}
	}
	if (tracer->names.holders > 0) {
		set_timer(tracer, HOLD_NANOSECONDS);
	}
}

void name_lock_continue(struct tracer *tracer)
{
	struct name_lock *names = &tracer->names;
	size_t left = 0;

	for (const struct pending *i = names->first; i; i = i->next) {
		left++;
	}
	names->is_continuing = true;
	/* Each of them once: some may have to be put off again. */
	while (left-- > 0 && names->first && names->holders == 0 &&
		names->changing == 0) {
		struct pending *pending = names->first;
		names->first = pending->next;
		if (!names->first) {
			names->last = NULL;
		}
		pending->progress = PENDING_JUDGED_SOON;
		carry_out(tracer, pending);
	}
	names->is_continuing = false;
}
