/* SPDX-License-Identifier: MIT */
#include "disturb.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Long: for calls that a signal ends, however late a busy machine sends it. */
enum { SHORT_MS = 80, LONG_MS = 1000, SIGNAL_EVERY_MS = 10 };

int timeout_ms;
struct timespec timeout;
struct timeval socket_timeout;

static pthread_t main_thread;

static volatile bool is_over;

/* A busy machine may start the call late: signals come until it has ended. */
static void *disturb(void *number)
{
	while (!is_over) {
		usleep(SIGNAL_EVERY_MS * 1000);
		pthread_kill(main_thread, *(int *)number);
	}
	return NULL;
}

static void on_signal(int number)
{
	(void)number;
}

static void set_timeout(int ms)
{
	timeout_ms = ms;
	timeout = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
	socket_timeout = (struct timeval){ms / 1000, ms % 1000 * 1000L};
}

static void *wake_later(void *wake)
{
	usleep((useconds_t)timeout_ms * 1000);
	(*(void (*const *)(void))wake)();
	return NULL;
}

static void try(const struct blocking_call *call, const char *kind, int number)
{
	pthread_t helper, waker;
	sigset_t all, before;
	/* Helpers take no signals of their own. */
	is_over = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_create(&helper, NULL, disturb, &number);
	if (call->wake) {
		pthread_create(&waker, NULL, wake_later, (void *)&call->wake);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	long result = call->call();
	printf("%s, %s: %s\n", call->name, kind,
		result < 0 ? strerrorname_np(errno) : "done");
	is_over = true;
	pthread_join(helper, NULL);
	if (call->wake) {
		pthread_join(waker, NULL);
		if (result < 0) {
			call->call(); /* takes what woke nobody */
		}
	}
}

static void try_all_kinds(const struct blocking_call *call)
{
	struct sigaction action = {.sa_handler = on_signal};

	set_timeout(SHORT_MS);
	try(call, "SIGWINCH by default", SIGWINCH);
	try(call, "SIGCONT by default", SIGCONT);
	try(call, "SIGHUP ignored", SIGHUP);
	sigaction(SIGUSR1, &action, NULL);
	set_timeout(LONG_MS);
	try(call, "handled", SIGUSR1);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	set_timeout(call->restarts ? SHORT_MS : LONG_MS);
	try(call, "handled and restarted", SIGUSR1);
}

void disturb_all(const struct blocking_call *calls, size_t count)
{
	main_thread = pthread_self();
	signal(SIGHUP, SIG_IGN);
	for (size_t i = 0; i < count; i++) {
		try_all_kinds(&calls[i]);
	}
}
