/* SPDX-License-Identifier: MIT */
/*
 * The signals that a full screen minds, as a descriptor: ends, sizes and stops. What each
 * of them means is the caller's matter.
 */
#ifndef TUI_SCREEN_SIGNALS_H
#define TUI_SCREEN_SIGNALS_H

#include <signal.h>

/*
 * Blocks SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP and
 * SIGCONT, and gives a signalfd(2) for them that does not block.
 */
int screen_signals_open(sigset_t *before);
/* Closes it and puts the mask back. */
void screen_signals_close(int signals, const sigset_t *before);

#endif
