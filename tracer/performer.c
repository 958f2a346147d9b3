/* SPDX-License-Identifier: MIT */
/*
 * Threads are started as they are needed: when every one is busy, one more, up to a
 * limit; calls beyond it wait in line. Calls on remote files may wait for a server that
 * never answers, and many may wait for one lock, so that of each kind only so many are
 * performed at a time.
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
#include <unistd.h>

enum lane {
	LANE_NETWORK,
	LANE_LOCAL,  /* files that wait for a lock at most */
	LANE_REMOTE, /* files of whom nobody knows when they answer */
	LANE_COUNT
};

enum { THREADS_MAX = 256, STACK_SIZE = 256 * 1024 };

/* How many of each are performed at a time. */
static const size_t lane_limits[LANE_COUNT] = {THREADS_MAX, 112, 128};

struct line {
	struct pending *first, *last;
};

struct performers {
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct line waiting[LANE_COUNT], done;
	size_t performed[LANE_COUNT]; /* at this moment */
	size_t threads, idle;
	size_t queued; /* calls in all lines */
	bool stopping;
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
	if (!pending->is_preparing && pending->network) {
		return LANE_NETWORK;
	}
	return pending->is_remote ? LANE_REMOTE : LANE_LOCAL;
}

static struct pending *take_next(struct performers *performers)
{
	struct pending *pending = NULL;

	for (int lane = 0; lane < LANE_COUNT && !pending; lane++) {
		if (performers->performed[lane] < lane_limits[lane]) {
			pending = line_take(&performers->waiting[lane]);
			performers->performed[lane] += pending ? 1 : 0;
		}
	}
	performers->queued -= pending ? 1 : 0;
	return pending;
}

static void perform(struct performers *performers, struct pending *pending, bool ready)
{
	static const uint64_t one = 1;
	const enum lane lane = lane_of(pending);

	if (pending->is_preparing) {
		pending->prepared = ready ? request_decode(NULL, pending) : -EAGAIN;
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
	pthread_mutex_lock(&performers->mutex);
	line_append(&performers->done, pending);
	performers->performed[lane]--;
	pthread_mutex_unlock(&performers->mutex);
	/* The counter cannot overflow: nobody adds 2^64 calls. */
	(void)!write(performers->event_fd, &one, sizeof(one));
}

static void *performer_main(void *argument)
{
	struct performers *performers = argument;
	bool ready = file_call_thread_start(NULL);

	path_may_wait();

	pthread_mutex_lock(&performers->mutex);
	while (!performers->stopping) {
		struct pending *pending = take_next(performers);
		if (!pending) {
			performers->idle++;
			pthread_cond_wait(&performers->work, &performers->mutex);
			performers->idle--;
			continue;
		}
		pthread_mutex_unlock(&performers->mutex);
		perform(performers, pending, ready);
		pthread_mutex_lock(&performers->mutex);
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
	return failed == 0;
}

struct performers *performers_create(struct error *err)
{
	struct performers *performers = xcalloc(1, sizeof(*performers));

	performers->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (performers->event_fd < 0) {
		(void)error_set(err, errno, "cannot make an event descriptor: %s",
			strerror(errno));
		free(performers);
		return NULL;
	}
	pthread_mutex_init(&performers->mutex, NULL);
	pthread_cond_init(&performers->work, NULL);
	return performers;
}

/* With the mutex held: whether a thread is in a call, which may never end. */
static bool is_any_performed(const struct performers *performers)
{
	size_t count = 0;

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
		performers->threads < THREADS_MAX && start_thread(performers)) {
		performers->threads++;
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
