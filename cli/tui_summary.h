/* SPDX-License-Identifier: MIT */
/* What the full-screen front end says of a session: how tiring it was, and what was done. */
#ifndef CLI_TUI_SUMMARY_H
#define CLI_TUI_SUMMARY_H

#include "base/error.h"

#include <stdint.h>

/* Plain, safe lines; owned; NULL with err. context is the path of the database. */
char *tui_summary(void *context, int64_t session, struct error *err);

#endif
