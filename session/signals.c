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
/* Writing to a closed pipe or from the background is an error, never an end. */
static const int held_back[] = {SIGPIPE, SIGTTOU, SIGTTIN};

int signals_open(sigset_t *before, struct error *err)
{
	sigset_t read;
	sigset_t blocked;
	sigemptyset(&read);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
		sigaddset(&read, forwarded[i]);
	}
	blocked = read;
	for (size_t i = 0; i < sizeof(held_back) / sizeof(held_back[0]); i++) {
		sigaddset(&blocked, held_back[i]);
	}
	pthread_sigmask(SIG_BLOCK, &blocked, before);
	int fd = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		error_set(err, errno, "create a signalfd: %s", strerror(errno));
	}
	return fd;
}

/*
 * Without a terminal of its own the command is in our process group, so that what the
 * terminal sends to us it has got as well.
 */
static bool has_it_already(
	const struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL &&
	       !session_has_terminal(supervisor->options);
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
