/* SPDX-License-Identifier: MIT */
/* What the views of the full-screen front end read from the database, and change there. */
#ifndef CLI_TUI_MEMORY_H
#define CLI_TUI_MEMORY_H

#include "tui/app.h"

/* database stays borrowed, and is opened anew for each use. */
struct tui_memory tui_memory_of(const char *database);

#endif
