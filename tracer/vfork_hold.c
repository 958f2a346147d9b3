/* SPDX-License-Identifier: MIT */
/*
 * A thread that waits for the child of its vfork(2) takes no signal, and under a tracer
 * not even a fatal one ends its wait. So while a question holds such a child, the pending
 * signals of its maker are looked at from time to time: a fatal one ends the held call
 * with EINTR, as if it had come to the child, and the maker can go on to its end.
 */
#include "tracer/tree.h"

#include <signal.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 100 };

static void set_timer(const struct tracer *tracer, long milliseconds)
{
	const struct timespec time = {.tv_nsec = milliseconds * 1000000};
	const struct itimerspec timer = {.it_interval = time, .it_value = time};

	(void)timerfd_settime(tracer->vfork_timer_fd, 0, &timer, NULL);
}

void vfork_hold_arm(const struct tracer *tracer)
{
	set_timer(tracer, LOOK_EVERY_MS);
}

int vfork_hold_open(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

void vfork_hold_begin(const struct tracer *tracer, const struct pending *pending)
{
	if (pending->tracee->process->vfork_maker != 0) {
		set_timer(tracer, LOOK_EVERY_MS);
	}
}

static bool is_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Whether a signal waits for the thread that will end it. */
static bool has_fatal_signal(pid_t tid)
{
	struct signal_sets sets;

	if (!signal_sets_read(tid, &sets)) {
		return false;
	}
	uint64_t taken = sets.pending & ~sets.blocked & ~sets.ignored & ~sets.caught;
	for (int sig = 1; sig <= 64; sig++) {
		if ((taken & SIGNAL_BIT(sig)) != 0 && !is_stop(sig) &&
			!signal_is_ignored_by_default(sig)) {
			return true;
		}
	}
	return false;
}

/* The thread that waits for this one's process; NULL if it is none such, or gone. */
static const struct tracee *waiting_maker(
	const struct tracer *tracer, const struct tracee *tracee)
{
	const struct process_state *process = tracee->process;

	if (!tracee->pending || tracee->pending->progress != PENDING_HELD ||
		process->vfork_maker == 0) {
		return NULL;
	}
	const struct tracee *maker = tracee_find(tracer, process->vfork_maker);
	return maker && maker->process &&
			       &maker->process->shared == process->shared.parent
		       ? maker
		       : NULL;
}

void vfork_hold_look(struct tracer *tracer)
{
	uint64_t times;
	size_t position = 0;
	struct tracee *tracee;
	bool is_needed = false;

	(void)!read(tracer->vfork_timer_fd, &times, sizeof(times));
	while ((tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		const struct tracee *maker = waiting_maker(tracer, tracee);
		if (maker && has_fatal_signal(maker->tid)) {
			carry_interrupt(tracer, tracee->pending);
		} else if (maker) {
			is_needed = true;
		}
	}
	is_needed |= newborns_age(tracer);
	if (!is_needed) {
		set_timer(tracer, 0);
	}
}
