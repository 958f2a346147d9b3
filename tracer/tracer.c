/* SPDX-License-Identifier: MIT */
/* The front of the tracer: its life, its events, and answers to its requests. */
#include "tracer/tracer.h"

#include "base/xalloc.h"
#include "tracer/credentials.h"
#include "tracer/filter.h"
#include "tracer/injection.h"
#include "tracer/listener.h"
#include "tracer/mounts.h"
#include "tracer/name_lock.h"
#include "tracer/network_call.h"
#include "tracer/path.h"
#include "tracer/spawn.h"
#include "tracer/tree.h"
#include "tracer/watchdog.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* Linux 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { READY_MAX = 8 }; /* more than there are descriptors to watch */

static bool check_features(
	struct tracer *tracer, enum carrier carrier, struct error *err)
{
	const char *missing = NULL;

	probe_run(&tracer->features);
	if (tracer->features.is_traced) {
		return error_set(err, EPERM,
			"cannot trace the command: Duenna itself runs under a tracer "
			"(a "
			"debugger, strace, or another Duenna)");
	}
	if (!probe_sufficient(&tracer->features, &missing)) {
		return error_set(err, ENOSYS,
			"cannot supervise here: %s (see duenna doctor)", missing);
	}
	bool can_notify = tracer->features.seccomp_notify &&
			  tracer->features.listener_free && tracer->features.addfd_send;
	if (carrier == CARRIER_NOTIFY && !can_notify) {
		return error_set(err, ENOSYS,
			"cannot take notifications here: the kernel does not offer "
			"them, or "
			"a filter above has the listener (see duenna doctor)");
	}
	tracer->has_listener = can_notify;
	tracer->carrier =
		can_notify && carrier != CARRIER_TRACE ? CARRIER_NOTIFY : CARRIER_TRACE;
	return true;
}

static bool watch(struct tracer *tracer, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(tracer->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_descriptors(struct tracer *tracer, struct error *err)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &child, NULL);
	tracer->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	tracer->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	tracer->vfork_timer_fd = vfork_hold_open();
	tracer->performers = performers_create(err);
	if (!tracer->performers || !name_lock_init(tracer, err)) {
		return false;
	}
	if (tracer->signal_fd < 0 || tracer->epoll_fd < 0 ||
		tracer->vfork_timer_fd < 0 || !watch(tracer, tracer->signal_fd) ||
		!watch(tracer, tracer->vfork_timer_fd) ||
		!watch(tracer, tracer->names.timer_fd) ||
		!watch(tracer, performers_fd(tracer->performers))) {
		return error_set(
			err, errno, "cannot watch the command: %s", strerror(errno));
	}
	return true;
}

/* Many tracees, pinned folders and held calls need many descriptors. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool start_command(
	struct tracer *tracer, const struct tracer_options *options, struct error *err)
{
	struct filter_options filter = {
		.calls = tracer->calls,
		.notify = tracer->carrier == CARRIER_NOTIFY,
	};
	struct sock_fprog program = {0};
	struct spawned spawned = {.listener_fd = -1};

	unsigned long listener_flags = 0;
	if (tracer->has_listener) {
		listener_flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	}
	if (tracer->has_listener && tracer->features.wait_killable) {
		listener_flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	}
	if (!filter_build(&filter, &program, err)) {
		return false;
	}
	bool started = spawn_command(options, &program, listener_flags, &spawned, err);
	filter_finish(&program);
	if (!started) {
		return false;
	}
	tracer->command = spawned.pid;
	tracer->listener_fd = spawned.listener_fd;
	tracer->is_starting = true;
	struct tracee *tracee = tracee_create(tracer, spawned.pid);
	tracee_adopt(tracer, tracee, NULL, false);
	tracer->root = tracee->process;
	tracer->root->shared.references++;
	if (tracer->listener_fd >= 0) {
		if (tracer->features.sync_wake) {
			(void)listener_set_synchronous(tracer->listener_fd);
		}
		if (!watch(tracer, tracer->listener_fd)) {
			return error_set(err, errno, "cannot watch the filter: %s",
				strerror(errno));
		}
	}
	return true;
}

struct tracer *tracer_create(const struct tracer_options *options, struct error *err)
{
	struct tracer *tracer = xcalloc(1, sizeof(*tracer));

	tracer->epoll_fd = tracer->signal_fd = tracer->listener_fd = -1;
	tracer->vfork_timer_fd = tracer->names.timer_fd = -1;
	if (!check_features(tracer, options->carrier, err)) {
		tracer_destroy(tracer);
		return NULL;
	}
	tracer->calls = (struct syscall_options){
		.judge_reads = options->judge_reads,
		.privileged = tracer->features.privileged,
		.guard_window = tracer->features.mseal ? 0 : GUARD_WINDOW,
	};
	path_use_thread_pidfds(tracer->features.thread_pidfd);
	tracer->arena = arena_create(err);
	if (!tracer->arena || !open_descriptors(tracer, err) ||
		(!tracer->has_listener && !keepers_start(&tracer->keepers,
						  arena_fd(tracer->arena), err)) ||
		!start_command(tracer, options, err)) {
		tracer_destroy(tracer);
		return NULL;
	}
	raise_descriptor_limit();
	if (!file_call_thread_start(err) || !watchdog_start(err) ||
		!mounts_start(err)) {
		tracer_destroy(tracer);
		return NULL;
	}
	performers_start(tracer->performers);
	path_note_open_files(options->stdio, 3, !options->judge_reads);
	return tracer;
}

static void kill_and_reap(struct tracer *tracer)
{
	size_t position = 0;
	struct tracee *left;

	tracer_kill_tree(tracer);
	while (tracer->counters.tasks > 0) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD);
		if (tid < 0) {
			break;
		}
		struct tracee *tracee = tracee_find(tracer, tid);
		if (WIFSTOPPED(status)) {
			(void)kill(tid, SIGKILL);
		} else if (tracee) {
			tracee_gone(tracer, tracee, status);
		}
	}
	/* Threads that an exec replaced are never heard of. */
	while ((left = pid_map_next(&tracer->tracees, &position)) != NULL) {
		tracee_gone(tracer, left, 0);
		position = 0; /* removal moves entries */
	}
}

/* What performers have not begun with, or nobody has taken from them. */
static void take_back_performed(struct tracer *tracer)
{
	struct pending *pending;

	while (tracer->performers &&
		(pending = performers_take_back(tracer->performers)) != NULL) {
		if (pending->outcome.kind == FILE_HANDOVER) {
			close(pending->outcome.fd);
		}
		pending_release(tracer, pending);
	}
}

void tracer_destroy(struct tracer *tracer)
{
	struct tracer_event event;
	const int descriptors[] = {tracer ? tracer->names.timer_fd : -1,
		tracer ? tracer->listener_fd : -1, tracer ? tracer->signal_fd : -1,
		tracer ? tracer->vfork_timer_fd : -1, tracer ? tracer->epoll_fd : -1};

	if (!tracer) {
		return;
	}
	kill_and_reap(tracer);
	invariant(tracer->counters.plain_continuations == 0);
	watchdog_stop();
	mounts_stop();
	while (event_pop(tracer, &event)) {
		tracer_retire(tracer, &event);
	}
	tracer_retire(tracer, &tracer->last);
	take_back_performed(tracer);
	process_release(tracer->root);
	performers_destroy(tracer->performers);
	caller_status_forget();
	keepers_stop(&tracer->keepers);
	arena_destroy(tracer->arena);
	pending_pool_finish(tracer);
	pid_map_finish(&tracer->tracees);
	pid_map_finish(&tracer->stillborn);
	pid_map_finish(&tracer->processes);
	ipc_objects_finish(&tracer->ipc_objects);
	free(tracer->queue.events);
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
		if (descriptors[i] >= 0) {
			close(descriptors[i]);
		}
	}
	free(tracer);
}

int tracer_fd(const struct tracer *tracer)
{
	return tracer->epoll_fd;
}

static void take_in_stops(struct tracer *tracer)
{
	struct signalfd_siginfo information;

	(void)!read(tracer->signal_fd, &information, sizeof(information));
	stops_drain(tracer);
}

/* Takes in what is ready: first stops, since a notification may follow from one. */
static bool take_in(struct tracer *tracer)
{
	struct epoll_event ready[READY_MAX];
	int count = epoll_wait(tracer->epoll_fd, ready, READY_MAX, 0);
	bool has_notification = false;

	for (int i = 0; i < count; i++) {
		if (ready[i].data.fd == tracer->signal_fd) {
			take_in_stops(tracer);
		} else if (ready[i].data.fd == tracer->listener_fd &&
			   (ready[i].events & EPOLLIN) == 0) {
			/* Nobody is left behind the filter. */
			(void)epoll_ctl(tracer->epoll_fd, EPOLL_CTL_DEL,
				tracer->listener_fd, NULL);
		} else if (ready[i].data.fd == tracer->listener_fd) {
			has_notification = true;
		} else if (ready[i].data.fd == tracer->names.timer_fd) {
			name_lock_expire(tracer);
		} else if (ready[i].data.fd == tracer->vfork_timer_fd) {
			vfork_hold_look(tracer);
		} else {
			performed_drain(tracer);
		}
	}
	if (has_notification) {
		notifications_drain(tracer);
	}
	name_lock_continue(tracer);
	return count > 0;
}

/* What the event reported may go now. */
void tracer_retire(struct tracer *tracer, struct tracer_event *event)
{
	struct tracer_event old = *event;

	*event = (struct tracer_event){.kind = TRACER_REQUEST};
	if (old.kind == TRACER_RESULT || old.kind == TRACER_WITHDRAWN) {
		exec_condemned(tracer, old.request);
		pending_release(tracer, (struct pending *)old.request);
	} else if (old.kind == TRACER_PROCESS_END) {
		process_release((struct process_state *)old.process);
	}
}

struct tracer_wakers tracer_take_wakers(struct tracer *tracer)
{
	const struct tracer_wakers wakers = {
		tracer->listener_fd, tracer->signal_fd, mounts_waker()};

	if (wakers.listener >= 0) {
		(void)epoll_ctl(tracer->epoll_fd, EPOLL_CTL_DEL, wakers.listener, NULL);
	}
	(void)epoll_ctl(tracer->epoll_fd, EPOLL_CTL_DEL, wakers.stops, NULL);
	tracer->is_noticed = true;
	/* Whatever came before anybody looked. */
	tracer->has_stops = tracer->has_other = true;
	return wakers;
}

void tracer_notice(struct tracer *tracer, int fd)
{
	if (fd == tracer->listener_fd) {
		tracer->has_notification = tracer->knows_mounts = true;
	} else if (fd == tracer->signal_fd) {
		tracer->has_stops = tracer->knows_mounts = true;
	} else if (fd == mounts_waker()) {
		mounts_read_again();
	} else {
		tracer->has_other = true;
	}
}

/* As take_in, for a user who said what is ready. */
static bool take_in_noticed(struct tracer *tracer)
{
	if (tracer->has_stops) {
		tracer->has_stops = false;
		take_in_stops(tracer);
		name_lock_continue(tracer);
		return true;
	}
	if (tracer->has_other) {
		tracer->has_other = false;
		(void)take_in(tracer);
		return true;
	}
	if (tracer->has_notification) {
		tracer->has_notification = false;
		notifications_drain(tracer);
		name_lock_continue(tracer);
		return true;
	}
	return false;
}

bool tracer_next(struct tracer *tracer, struct tracer_event *event)
{
	tracer_retire(tracer, &tracer->last);
	while (!event_pop(tracer, event)) {
		if (!(tracer->is_noticed ? take_in_noticed(tracer) : take_in(tracer))) {
			return false;
		}
	}
	tracer->last = *event;
	return true;
}

/* Programs that probe for kinds of sockets cope with what a kernel without them says. */
static int denial_error(
	const struct tracer *tracer, const struct pending *pending, int wanted)
{
	const struct call *call = &pending->call;

	if (call->operation == OPERATION_SOCKET) {
		return syscall_table_decide(
			&tracer->calls, call->number, call->arguments)
			.error;
	}
	return wanted ? wanted : EACCES;
}

void tracer_answer(struct tracer *tracer, struct request *request, struct answer answer)
{
	struct pending *pending = (struct pending *)request;

	if (!pending->tracee || (pending->progress != PENDING_JUDGED_SOON &&
					pending->progress != PENDING_HELD)) {
		return; /* withdrawn; the event is on its way */
	}
	if (request->refused != 0 || answer.kind == ANSWER_DENY) {
		carry_deny(tracer, pending,
			request->refused ? request->refused
					 : denial_error(tracer, pending, answer.error));
	} else {
		if (answer.redirect && pending->network) {
			network_call_redirect(pending->network, answer.redirect);
		}
		carry_out(tracer, pending);
	}
}

void tracer_hold(struct tracer *tracer, struct request *request)
{
	struct pending *pending = (struct pending *)request;
	struct tracee *tracee = pending->tracee;

	if (!tracee || pending->progress != PENDING_JUDGED_SOON) {
		return;
	}
	pending->progress = PENDING_HELD;
	vfork_hold_begin(tracer, pending);
	if (tracee->state == TRACEE_STOPPED) {
		tracee->parked_number = pending->call.number;
		tracee->state = TRACEE_PARKED;
		if (!registers_read(tracee->tid, &tracee->saved)) {
			tracee->saved = (struct registers){0};
		}
		registers_set_number(&tracee->saved, SYS_pause);
		(void)registers_replace_number(tracee->tid, SYS_pause);
		tracee_continue(tracee, 0);
	} else if (tracer->features.wait_killable) {
		/* There it could not be interrupted; see restart.c. */
		tracee->wants_park = true;
		notification_interrupt(tracer, pending);
	}
}

void tracer_signal_command(struct tracer *tracer, int sig)
{
	if (!tracer->command_ended) {
		(void)kill(tracer->command, sig);
	}
}

void tracer_kill_tree(struct tracer *tracer)
{
	size_t position = 0;
	const struct tracee *tracee;

	while ((tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		(void)kill(tracee->tid, SIGKILL);
	}
}

void tracer_pause_tree(struct tracer *tracer, bool pause)
{
	size_t position = 0;
	struct tracee *tracee;

	tracer->is_paused = pause;
	while ((tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		tracee->wants_pause = pause && !tracee->is_paused;
		tracee_pause_soon(tracee);
		if (!pause && tracee->is_paused) {
			tracee->is_paused = false;
			tracee_continue(tracee, 0);
		}
	}
}

bool tracer_kill_process(struct tracer *tracer, pid_t pid)
{
	return pid_map_get(&tracer->processes, pid) && kill(pid, SIGKILL) == 0;
}

pid_t tracer_command_pid(const struct tracer *tracer)
{
	return tracer->command;
}

bool tracer_has_process(const struct tracer *tracer, pid_t pid)
{
	return pid_map_get(&tracer->processes, pid) != NULL;
}

void tracer_counters(const struct tracer *tracer, struct tracer_counters *counters)
{
	*counters = tracer->counters;
}
