/* SPDX-License-Identifier: MIT */
/*
 * The reader counts up when it enters and when it leaves; an odd count that is still the
 * same at the second look belongs to a read that hangs.
 */
#include "tracer/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { LOOK_NANOSECONDS = 500000000, LOOKS_UNTIL_KILL = 2 };

static atomic_uint count;
static atomic_int reading; /* whose memory */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stop;
static bool is_running;
static bool is_stopping;
static pthread_t thread;

/* The thread whose reads are watched; others may wait. */
static _Thread_local bool is_watched;

void watchdog_enter(pid_t pid)
{
	if (!is_watched) {
		return;
	}
	atomic_store_explicit(&reading, pid, memory_order_relaxed);
	atomic_fetch_add_explicit(&count, 1, memory_order_release);
}

void watchdog_leave(void)
{
	if (is_watched) {
		atomic_fetch_add_explicit(&count, 1, memory_order_release);
	}
}

/* Until the next look, or until it is time to end. Returns with the mutex held. */
static bool wait_for_look(void)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NANOSECONDS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (!is_stopping && pthread_cond_timedwait(&stop, &mutex, &until) == 0) {
	}
	return !is_stopping;
}

static void *watchdog_main(void *nothing)
{
	unsigned last = 0;
	int looks = 0;

	(void)nothing;
	pthread_mutex_lock(&mutex);
	while (wait_for_look()) {
		unsigned now = atomic_load_explicit(&count, memory_order_acquire);
		looks = now % 2 == 1 && now == last ? looks + 1 : 0;
		last = now;
		if (looks >= LOOKS_UNTIL_KILL) {
			(void)kill(atomic_load(&reading), SIGKILL);
		}
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

bool watchdog_start(struct error *err)
{
	pthread_condattr_t attributes;
	sigset_t all;
	sigset_t before;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&stop, &attributes);
	pthread_condattr_destroy(&attributes);
	is_stopping = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = pthread_create(&thread, NULL, watchdog_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	is_running = failure == 0;
	is_watched = is_running;
	return is_running ||
	       error_set(err, failure, "cannot start a thread: %s", strerror(failure));
}

void watchdog_stop(void)
{
	if (!is_running) {
		return;
	}
	pthread_mutex_lock(&mutex);
	is_stopping = true;
	pthread_cond_signal(&stop);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	pthread_cond_destroy(&stop);
	is_running = false;
}
