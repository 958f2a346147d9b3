/* SPDX-License-Identifier: MIT */
/* What is said on the terminal after a session in which people were asked. */
#ifndef CLI_SESSION_END_H
#define CLI_SESSION_END_H

#include "session/session.h"

#include <sys/types.h>

/*
 * How many questions there were, which rules would answer them, and how to store those;
 * nothing if nothing was asked. supervisor is the process that ran the session. On
 * standard error; what cannot be read is not said.
 */
void session_end_print(const struct session_options *options, pid_t supervisor);

#endif
