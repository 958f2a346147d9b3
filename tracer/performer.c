/* SPDX-License-Identifier: MIT */
/*
 * Threads are started as they are needed: when every one is busy, one more, up to a
 * limit; calls beyond it wait in line. Calls on remote files may wait for a server that
 * never answers, and many may wait for one lock, so that of each kind only so many are
 * performed at a time. A local one that takes long after all, since it waits for memory
 * that does not come, leaves its place to another. Some are started before the tree runs, which
 * could use up all the processes that the user may have; if there are no more, remote calls
 * take only half of them.
 */
#include "tracer/performer.h"

#include "base/xalloc.h"
#include "tracer/credentials.h"
#include "tracer/network_call.h"
#include "tracer/path.h"
#include "tracer/tree.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum lane {
	LANE_NETWORK,
	LANE_LOCAL,  /* files that wait for a lock at most */
	LANE_REMOTE, /* files of whom nobody knows when they answer */
	LANE_COUNT
};

enum { THREADS_FIRST = 4, THREADS_MAX = 768, STUCK_MAX = 512, STACK_SIZE = 256 * 1024 };

/* How many of each are performed at a time. */
static const size_t lane_limits[LANE_COUNT] = {THREADS_MAX - STUCK_MAX, 112, 128};

/* After that a local call is taken to be stuck. */
static const uint64_t long_ns = 200000000;

struct line {
	struct pending *first, *last;
};

/* A thread that performs a local call. */
struct local {
	uint64_t begun; /* monotonic */
	bool is_stuck;
	struct local *previous, *next; /* of all that do, the oldest first */
};

struct performers {
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct line waiting[LANE_COUNT], done;
	size_t performed[LANE_COUNT]; /* at this moment */
	size_t threads, idle;
	size_t queued;		    /* calls in all lines */
	struct local *first, *last; /* that are not stuck */
	size_t stuck;
	bool stopping;
	bool is_short; /* no more threads can be had for the moment */
	int event_fd;
};

static void line_append(struct line *line, struct pending *pending)
{
	pending->next = NULL;
	if (line->last) {
		line->last->next = pending;
	} else {
		line->first = pending;
	}
	line->last = pending;
}

static struct pending *line_take(struct line *line)
{
	struct pending *pending = line->first;

	if (pending) {
		line->first = pending->next;
		if (!line->first) {
			line->last = NULL;
		}
	}
	return pending;
}

static enum lane lane_of(const struct pending *pending)
{
	if (!pending->is_preparing && !pending->is_checked_again && pending->network) {
		return LANE_NETWORK;
	}
	return pending->is_remote ? LANE_REMOTE : LANE_LOCAL;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void local_remove(struct performers *performers, struct local *local)
{
	*(local->previous ? &local->previous->next : &performers->first) = local->next;
	*(local->next ? &local->next->previous : &performers->last) = local->previous;
}

static void local_begin(struct performers *performers, struct local *local)
{
	*local = (struct local){.begun = now_ns(), .previous = performers->last};
	*(performers->last ? &performers->last->next : &performers->first) = local;
	performers->last = local;
}

static void local_end(struct performers *performers, struct local *local)
{
	if (local->is_stuck) {
		performers->stuck--;
	} else {
		local_remove(performers, local);
		performers->performed[LANE_LOCAL]--;
	}
}

/* Those that take long leave their places to others. */
static void locals_relieve(struct performers *performers)
{
	const uint64_t now = now_ns();
	struct local *local;

	while ((local = performers->first) != NULL && now - local->begun > long_ns &&
		performers->stuck < STUCK_MAX) {
		local_remove(performers, local);
		local->is_stuck = true;
		performers->stuck++;
		performers->performed[LANE_LOCAL]--;
	}
}

static size_t lane_limit(const struct performers *performers, int lane)
{
	const bool is_halved = performers->is_short && lane == LANE_REMOTE &&
			       performers->threads / 2 < lane_limits[lane];

	return is_halved ? performers->threads / 2 : lane_limits[lane];
}

static struct pending *take_next(struct performers *performers)
{
	struct pending *pending = NULL;

	if (performers->waiting[LANE_LOCAL].first &&
		performers->performed[LANE_LOCAL] == lane_limits[LANE_LOCAL]) {
		locals_relieve(performers);
	}
	for (int lane = 0; lane < LANE_COUNT && !pending; lane++) {
		if (performers->performed[lane] < lane_limit(performers, lane)) {
			pending = line_take(&performers->waiting[lane]);
			performers->performed[lane] += pending ? 1 : 0;
		}
	}
	performers->queued -= pending ? 1 : 0;
	return pending;
}

/* False: it was not yet known to be remote, and has to be given out anew. */
static bool perform(struct pending *pending, bool ready)
{
	if (pending->is_preparing && ready) {
		return request_prepare_beside(pending);
	}
	path_may_wait(true);
	if (pending->is_preparing) {
		pending->prepared = -EAGAIN;
	} else if (pending->is_checked_again) {
		pending->prepared = !ready || network_call_leads_elsewhere(
						      pending->network, &pending->call)
					    ? -EAGAIN
					    : 0;
	} else if (!ready) {
		pending->outcome =
			(struct file_outcome){FILE_RESULT, -EAGAIN, -1, false};
	} else if (pending->network) {
		int64_t result = network_call_perform(pending->network, &pending->call);
		pending->outcome =
			(struct file_outcome){FILE_RESULT, result, -1, false};
	} else {
		pending->outcome = file_call_perform(pending->file, true);
	}
	return true;
}

/* With the mutex held, which it gives up meanwhile. */
static void perform_taken(
	struct performers *performers, struct pending *pending, bool ready)
{
	static const uint64_t one = 1;
	const enum lane lane = lane_of(pending);
	struct local local;

	if (lane == LANE_LOCAL) {
		local_begin(performers, &local);
	}
	pthread_mutex_unlock(&performers->mutex);
	const bool is_done = perform(pending, ready);
	pthread_mutex_lock(&performers->mutex);
	if (lane == LANE_LOCAL) {
		local_end(performers, &local);
	} else {
		performers->performed[lane]--;
	}
	if (!is_done) {
		line_append(&performers->waiting[LANE_REMOTE], pending);
		performers->queued++;
		return;
	}
	line_append(&performers->done, pending);
	/* The counter cannot overflow: nobody adds 2^64 calls. */
	(void)!write(performers->event_fd, &one, sizeof(one));
}

/* Until there may be something to take: where all places are taken, they are looked at. */
static void await_work(struct performers *performers)
{
	struct timespec until;

	performers->idle++;
	if (!performers->waiting[LANE_LOCAL].first) {
		pthread_cond_wait(&performers->work, &performers->mutex);
	} else {
		const uint64_t end = now_ns() + long_ns;
		until.tv_sec = (time_t)(end / 1000000000);
		until.tv_nsec = (long)(end % 1000000000);
		(void)pthread_cond_timedwait(
			&performers->work, &performers->mutex, &until);
	}
	performers->idle--;
}

static void *performer_main(void *argument)
{
	struct performers *performers = argument;
	bool ready = file_call_thread_start(NULL);

	pthread_mutex_lock(&performers->mutex);
	while (!performers->stopping) {
		struct pending *pending = take_next(performers);
		if (pending) {
			perform_taken(performers, pending, ready);
		} else {
			await_work(performers);
		}
	}
	caller_status_forget();
	performers->threads--;
	pthread_mutex_unlock(&performers->mutex);
	return NULL;
}

static bool start_thread(struct performers *performers)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	int failed = pthread_create(&thread, &attributes, performer_main, performers);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	performers->threads += failed == 0 ? 1 : 0;
	performers->is_short = failed != 0;
	return failed == 0;
}

struct performers *performers_create(struct error *err)
{
	struct performers *performers = xcalloc(1, sizeof(*performers));
	pthread_condattr_t attributes;

	performers->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (performers->event_fd < 0) {
		(void)error_set(err, errno, "cannot make an event descriptor: %s",
			strerror(errno));
		free(performers);
		return NULL;
	}
	pthread_mutex_init(&performers->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&performers->work, &attributes);
	pthread_condattr_destroy(&attributes);
	return performers;
}

void performers_start(struct performers *performers)
{
	pthread_mutex_lock(&performers->mutex);
	for (int i = 0; i < THREADS_FIRST && start_thread(performers); i++) {
	}
	pthread_mutex_unlock(&performers->mutex);
}

/* With the mutex held: whether a thread is in a call, which may never end. */
static bool is_any_performed(const struct performers *performers)
{
	size_t count = performers->stuck;

	for (int lane = 0; lane < LANE_COUNT; lane++) {
		count += performers->performed[lane];
	}
	return count > 0;
}

void performers_destroy(struct performers *performers)
{
	if (!performers) {
		return;
	}
	pthread_mutex_lock(&performers->mutex);
	performers->stopping = true;
	bool all_return = !is_any_performed(performers);
	pthread_cond_broadcast(&performers->work);
	pthread_mutex_unlock(&performers->mutex);
	while (all_return) {
		pthread_mutex_lock(&performers->mutex);
		const bool is_last_gone = performers->threads == 0;
		pthread_mutex_unlock(&performers->mutex);
		if (is_last_gone) {
			close(performers->event_fd);
			free(performers);
			return;
		}
		(void)sched_yield();
	}
	/* A busy thread may never come back; what it uses is left to it. */
}

int performers_fd(const struct performers *performers)
{
	return performers->event_fd;
}

void performers_give(struct performers *performers, struct pending *pending)
{
	pthread_mutex_lock(&performers->mutex);
	line_append(&performers->waiting[lane_of(pending)], pending);
	performers->queued++;
	/* One that is idle may have been called already, and not be awake yet. */
	if (performers->idle < performers->queued &&
		performers->threads < THREADS_MAX) {
		(void)start_thread(performers);
	}
	pthread_cond_signal(&performers->work);
	pthread_mutex_unlock(&performers->mutex);
}

struct pending *performers_take_back(struct performers *performers)
{
	pthread_mutex_lock(&performers->mutex);
	struct pending *pending = line_take(&performers->done);
	const bool was_done = pending != NULL;
	for (int lane = 0; lane < LANE_COUNT && !pending; lane++) {
		pending = line_take(&performers->waiting[lane]);
	}
	performers->queued -= pending && !was_done ? 1 : 0;
	pthread_mutex_unlock(&performers->mutex);
	return pending;
}

struct pending *performers_next(struct performers *performers)
{
	uint64_t count;

	(void)!read(performers->event_fd, &count, sizeof(count));
	pthread_mutex_lock(&performers->mutex);
	struct pending *pending = line_take(&performers->done);
	pthread_mutex_unlock(&performers->mutex);
	return pending;
}
