/* SPDX-License-Identifier: MIT */
/* Signals to the supervisor itself, which mean the command. */
#include "session/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int forwarded[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP, SIGWINCH};
/* What a fault of ours raises; no other signal that is not forwarded means anything. */
static const int own_faults[] = {
	SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};

int signals_open(sigset_t *before, struct error *err)
{
	sigset_t read;
	sigset_t blocked;
	sigemptyset(&read);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
		sigaddset(&read, forwarded[i]);
	}
	/* The tree may be in our process group, and signals to a group are its right. */
	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(own_faults) / sizeof(own_faults[0]); i++) {
		sigdelset(&blocked, own_faults[i]);
	}
	pthread_sigmask(SIG_BLOCK, &blocked, before);
	int fd = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		error_set(err, errno, "create a signalfd: %s", strerror(errno));
	}
	return fd;
}

void signals_close(const sigset_t *before)
{
	static const struct timespec at_once = {0, 0};
	sigset_t all;
	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &at_once) > 0) {
	}
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

/*
 * Without a terminal of its own the command is in our process group, so that what the
 * terminal, or a process of the tree, sends to the group it has got as well.
 */
static bool has_it_already(
	const struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	return !session_has_terminal(supervisor->options) &&
	       (info->ssi_code == SI_KERNEL ||
		       tracer_has_process(supervisor->tracer, (pid_t)info->ssi_pid));
}

void signals_read(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;
	while (read(supervisor->signal_fd, &info, sizeof(info)) ==
		(ssize_t)sizeof(info)) {
		int sig = (int)info.ssi_signo;
		/* The tree's terminal has a size of its own, which front ends set. */
		bool is_size =
			sig == SIGWINCH && session_has_terminal(supervisor->options);
		if (!is_size && !has_it_already(supervisor, &info)) {
			tracer_signal_command(supervisor->tracer, sig);
		}
	}
}

void signals_stop_self(struct supervisor *supervisor)
{
	if (session_has_terminal(supervisor->options)) {
		return;
	}
	/* Returns when the shell continues the job, and with it the command. */
	(void)raise(SIGSTOP);
	signals_read(supervisor);
}
