/* SPDX-License-Identifier: MIT */
#include "tracer/late.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { THREADS_MAX = 64, STACK_SIZE = 256 * 1024, SHARE = 5 /* of the loop's time */ };

/* What the loop may wait at once; and what is always waited for, since most is done then. */
static const uint64_t most_ns = 200000000, least_ns = 10000000;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_cond_t has_work, is_done;
static struct late_work *first, *last; /* that no thread has taken yet */
static size_t threads, idle;

/* The loop's own: how long it may wait, as of then. */
static uint64_t credit_ns, credit_at;

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void conditions_init(void)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&has_work, NULL);
	pthread_cond_init(&is_done, &attributes);
	pthread_condattr_destroy(&attributes);
}

static struct late_work *take_given(void)
{
	while (!first) {
		idle++;
		pthread_cond_wait(&has_work, &mutex);
		idle--;
	}
	struct late_work *work = first;
	first = work->next;
	return work;
}

/* One idle thread is enough: the loop gives out one thing at a time. */
static void *late_main(void *nothing)
{
	(void)nothing;
	pthread_mutex_lock(&mutex);
	do {
		struct late_work *work = take_given();
		pthread_mutex_unlock(&mutex);
		work->run(work);
		pthread_mutex_lock(&mutex);
		if (work->is_abandoned) {
			pthread_mutex_unlock(&mutex);
			work->destroy(work);
			pthread_mutex_lock(&mutex);
		} else {
			work->is_done = true;
			pthread_cond_signal(&is_done);
		}
	} while (idle == 0);
	threads--;
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static bool start_thread(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;

	if (threads == THREADS_MAX) {
		return false;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	const int failure = pthread_create(&thread, &attributes, late_main, NULL);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	threads += failure == 0 ? 1 : 0;
	return failure == 0;
}

/* With the mutex held: until it is done, or until the loop may not wait any longer. */
static void await(const struct late_work *work)
{
	const uint64_t begun = now_ns();
	const uint64_t gained = (begun - credit_at) / SHARE;

	credit_ns = gained > most_ns - credit_ns ? most_ns : credit_ns + gained;
	const uint64_t end = begun + (credit_ns > least_ns ? credit_ns : least_ns);
	const struct timespec until = {
		(time_t)(end / 1000000000), (long)(end % 1000000000)};
	while (!work->is_done &&
		pthread_cond_timedwait(&is_done, &mutex, &until) == 0) {
	}
	credit_at = now_ns();
	const uint64_t took = credit_at - begun;
	credit_ns = took < credit_ns ? credit_ns - took : 0;
}

/* With the mutex held. */
static void give(struct late_work *work)
{
	if (first) {
		last->next = work;
	} else {
		first = work;
	}
	last = work;
	pthread_cond_signal(&has_work);
}

static void work_prepare(struct late_work *work)
{
	work->is_done = false;
	work->is_abandoned = false;
	work->next = NULL;
	pthread_once(&once, conditions_init);
}

bool late_run(struct late_work *work)
{
	work_prepare(work);
	pthread_mutex_lock(&mutex);
	const bool is_given = idle > 0 || start_thread();
	if (is_given) {
		give(work);
		await(work);
		work->is_abandoned = !work->is_done;
	}
	const bool has_run = work->is_done;
	pthread_mutex_unlock(&mutex);
	if (!is_given) {
		work->destroy(work);
	}
	return has_run;
}

void late_leave(struct late_work *work)
{
	work_prepare(work);
	work->is_abandoned = true;
	pthread_mutex_lock(&mutex);
	const bool is_given = idle > 0 || start_thread() || threads > 0;
	if (is_given) {
		give(work);
	}
	pthread_mutex_unlock(&mutex);
	if (!is_given) {
		work->run(work);
		work->destroy(work);
	}
}

bool late_is_full(void)
{
	pthread_mutex_lock(&mutex);
	const bool is_full = idle == 0 && threads == THREADS_MAX;
	pthread_mutex_unlock(&mutex);
	return is_full;
}
