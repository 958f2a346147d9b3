/* SPDX-License-Identifier: MIT */
/*
 * The process that runs notify-command. It is no child of the supervisor, which waits
 * for the tree only, and ends with the last one that holds the other end of its socket.
 */
#ifndef CLI_NOTIFIER_H
#define CLI_NOTIFIER_H

#include "base/error.h"

/*
 * Starts it and returns the socket for session_options.notify_fd. Call it while there is
 * one thread and no child to wait for. -1 if it failed.
 */
int notifier_start(char *const *command, struct error *err);

#endif
