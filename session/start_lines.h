/* SPDX-License-Identifier: MIT */
/* What a person is told on standard error when a session starts. */
#ifndef SESSION_START_LINES_H
#define SESSION_START_LINES_H

#include "session/supervisor.h"

/* is_first: no session was recorded in this database before. */
void start_lines_print(const struct supervisor *supervisor, bool is_first);

#endif
