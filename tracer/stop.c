/* SPDX-License-Identifier: MIT */
/*
 * Everything that waitpid(2) reports: births, signals, group-stops, calls, execs and
 * deaths, each with the restart that it needs (ptrace(2)). A request that fails with
 * ESRCH means that the thread was killed out of its stop: waitpid will say so.
 */
#include "tracer/injection.h"
#include "tracer/lineage.h"
#include "tracer/tree.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SYSCALL_STOP = SIGTRAP | 0x80,
	NEWBORN_LOOKS_MAX = 5, /* half a second: a birth is reported at once */
};

void tracee_pause_soon(struct tracee *tracee)
{
	if (tracee->wants_pause && tracee->state == TRACEE_RUNS) {
		(void)ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL);
	}
}

void tracee_continue(struct tracee *tracee, int sig)
{
	tracee_pause_soon(tracee);
	(void)ptrace(PTRACE_CONT, tracee->tid, NULL, (long)sig);
}

void tracee_continue_to_exit(struct tracee *tracee, int sig)
{
	(void)ptrace(PTRACE_SYSCALL, tracee->tid, NULL, (long)sig);
}

/* After a stop that was no call's: onward as before, with the exit stop if one waits. */
static void resume(struct tracee *tracee, int sig)
{
	if (tracee->state == TRACEE_CALLS || tracee->state == TRACEE_INJECTED) {
		tracee_continue_to_exit(tracee, sig);
	} else {
		tracee_continue(tracee, sig);
	}
}

/*
 * Whether the birth that the maker stands in is that of a thread. The kind of event does
 * not tell: clone(2) can make threads that are reported like a fork or a vfork.
 */
static bool makes_thread(struct tracee *maker)
{
	struct registers registers;

	if (!registers_read(maker->tid, &registers) ||
		registers_number(&registers) != SYS_clone ||
		(registers_argument(&registers, 0) & CLONE_THREAD) == 0) {
		return false;
	}
	maker->thread_pointer = registers.raw.fs_base;
	return true;
}

/* Reads one number from /proc/TID/status; -1 if it is not there. */
static pid_t status_number(pid_t tid, const char *field)
{
	char path[40];
	char text[2048];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", tid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return -1;
	}
	size_t length = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[length] = '\0';
	const char *found = strstr(text, field);
	return found ? (pid_t)strtol(found + strlen(field), NULL, 10) : -1;
}

/* Dead already, and its death was reported first. Its number may be in use again. */
static bool is_stillborn(struct tracer *tracer, pid_t tid)
{
	if (!pid_map_get(&tracer->stillborn, tid)) {
		return false;
	}
	pid_map_remove(&tracer->stillborn, tid);
	return status_number(tid, "\nTracerPid:") != getpid();
}

/*
 * A thread other than the first that executes gets the first one's number, and its own is
 * free before the exec is reported. Until then it comes to no other stop.
 */
static bool is_executing_thread(const struct tracee *tracee)
{
	return tracee->state == TRACEE_CALLS && tracee->pending &&
	       tracee->pending->exec && tracee->tid != tracee->process->shared.pid;
}

/*
 * Somebody else has its number by now, and would be taken for it. What it becomes cannot be
 * compared with what was judged any more.
 */
static void give_number_up(struct tracer *tracer, struct tracee *tracee)
{
	(void)kill(tracee->process->shared.pid, SIGKILL);
	tracee->pending->request.killed =
		"its number was another's before it was executed: it was killed";
	pending_report(tracer, tracee->pending, EACCES);
	process_drop_thread(tracer, tracee);
}

static void birth_stop(struct tracer *tracer, struct tracee *parent, int event)
{
	unsigned long child_tid = 0;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &child_tid) != 0) {
		return;
	}
	struct tracee *child = tracee_find(tracer, (pid_t)child_tid);
	if (child && is_executing_thread(child)) {
		give_number_up(tracer, child);
		child = NULL;
	}
	bool was_stillborn = is_stillborn(tracer, (pid_t)child_tid);
	if (!child && !was_stillborn) {
		child = tracee_create(tracer, (pid_t)child_tid);
	}
	if (child && child->state == TRACEE_NEWBORN) {
		bool has_stopped = child->has_stopped;
		bool is_thread = makes_thread(parent);
		tracee_adopt(tracer, child, parent, is_thread);
		if (event == PTRACE_EVENT_VFORK && !is_thread) {
			child->process->vfork_maker = parent->tid;
		}
		if (has_stopped) {
			tracee_continue(child, 0);
		}
	}
	resume(parent, 0);
}

/* Whether the birth will still be reported: its maker is alive. */
static bool has_living_maker(const struct tracer *tracer, pid_t maker)
{
	const struct tracee *tracee = tracee_find(tracer, maker);

	return tracee && tracee->process && !tracee->process->has_lost_threads;
}

/*
 * A newborn whose maker was killed before it reported the birth: its parent is what the
 * kernel says now, or the command. The maker's end may be reported before its first stop.
 */
static void adopt_orphan(struct tracer *tracer, struct tracee *child)
{
	pid_t group = status_number(child->tid, "\nTgid:");
	bool is_thread = group != child->tid;
	pid_t parent = is_thread ? group : status_number(child->tid, "\nPPid:");

	/* No descriptor is left to see that by: it waits until there is one. */
	if (group <= 0 || parent < 0) {
		return;
	}
	/* Made with CLONE_PARENT, it has another parent than the maker that is gone. */
	if (child->newborn_looks < NEWBORN_LOOKS_MAX &&
		has_living_maker(tracer, parent)) {
		return;
	}
	struct tracee *maker = tracee_find(tracer, parent);
	if (is_thread && (!maker || !maker->process)) {
		(void)kill(group, SIGKILL); /* unknown to us: fail closed */
		return;
	}
	tracee_adopt(tracer, child, maker && maker->process ? maker : NULL, is_thread);
	if (!is_thread) {
		child->process->shared.has_unknown_maker = true;
		lineage_release(child->process->shared.lineage);
		child->process->shared.lineage = lineage_born_of_somebody();
		/* Its maker may have given up what its parent has. */
		child->process->has_own_credentials = true;
	}
	tracee_continue(child, 0);
}

static void adopt_orphans(struct tracer *tracer)
{
	size_t position = 0;
	struct tracee *child;

	while (tracer->newborns > 0 &&
		(child = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (child->state == TRACEE_NEWBORN && child->has_stopped) {
			adopt_orphan(tracer, child);
		}
	}
}

bool newborns_age(struct tracer *tracer)
{
	size_t position = 0;
	struct tracee *child;

	while ((child = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (child->state == TRACEE_NEWBORN) {
			child->newborn_looks++;
		}
	}
	adopt_orphans(tracer);
	return tracer->newborns > 0;
}

static void first_stop(struct tracer *tracer, pid_t tid)
{
	struct tracee *tracee = tracee_find(tracer, tid);

	if (!tracee) {
		tracee = tracee_create(tracer, tid);
	}
	tracee->has_stopped = true;
}

/* EVENT_STOP: an interruption of ours, a group-stop, or the end of one. */
static void event_stop(struct tracer *tracer, struct tracee *tracee, int sig)
{
	if (sig == SIGTRAP) {
		interrupt_stop_repair(tracer, tracee);
		if (tracee->wants_pause && tracee->state == TRACEE_RUNS) {
			tracee->wants_pause = false;
			tracee->is_paused = true;
			return;
		}
		resume(tracee, 0);
		return;
	}
	group_stop_repair(tracer, tracee);
	if (tracee->tid == tracer->command) {
		event_push(tracer, (struct tracer_event){.kind = TRACER_COMMAND_STOPPED,
					   .status = sig});
	}
	(void)ptrace(PTRACE_LISTEN, tracee->tid, NULL, NULL);
}

static void handle_stop(struct tracer *tracer, struct tracee *tracee, int status)
{
	int sig = WSTOPSIG(status);
	int event = status >> 16;

	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		tracer->counters.trace_stops++;
		seccomp_stop(tracer, tracee);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		birth_stop(tracer, tracee, event);
		break;
	case PTRACE_EVENT_EXEC:
		exec_stop(tracer, tracee);
		break;
	case PTRACE_EVENT_STOP:
		event_stop(tracer, tracee, sig);
		break;
	case 0:
		if (sig == SYSCALL_STOP) {
			exit_stop(tracer, tracee);
		} else {
			signal_stop_repair(tracer, tracee, sig);
			resume(tracee, sig);
		}
		break;
	default:
		resume(tracee, 0);
		break;
	}
}

static void handle_status(struct tracer *tracer, pid_t tid, int status)
{
	struct tracee *tracee = tracee_find(tracer, tid);

	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		if (!tracee || tracee->state == TRACEE_NEWBORN) {
			pid_map_put(&tracer->stillborn, tid, tracer);
		}
		if (tracee) {
			tracee_gone(tracer, tracee, status);
		}
		return;
	}
	if (!WIFSTOPPED(status)) {
		return;
	}
	if (tracee && status >> 16 == PTRACE_EVENT_STOP &&
		is_executing_thread(tracee)) {
		give_number_up(tracer, tracee);
		tracee = NULL;
	}
	if (!tracee || tracee->state == TRACEE_NEWBORN) {
		first_stop(tracer, tid);
		return;
	}
	handle_stop(tracer, tracee, status);
}

/* Nothing is left to wait for, whatever was not reported. */
static void end_tree(struct tracer *tracer)
{
	size_t position = 0;
	struct tracee *tracee;

	while ((tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		tracee_gone(tracer, tracee, 0);
		position = 0; /* removal moves entries */
	}
	tracer->is_over = true;
	event_push(tracer, (struct tracer_event){.kind = TRACER_TREE_ENDED});
}

void stops_drain(struct tracer *tracer)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, WNOHANG | __WALL | __WNOTHREAD)) > 0) {
		handle_status(tracer, tid, status);
	}
	adopt_orphans(tracer);
	if (tracer->newborns > 0) {
		vfork_hold_arm(tracer);
	}
	if (tid < 0 && errno == ECHILD && !tracer->is_over) {
		end_tree(tracer);
	}
}
