/* SPDX-License-Identifier: MIT */
#include "tui/screen_signals.h"

#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int screen_signals_open(sigset_t *before)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1,
		SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		(void)sigaddset(&set, signals[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void screen_signals_close(int signals, const sigset_t *before)
{
	(void)close(signals);
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}
