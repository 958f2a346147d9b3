/* SPDX-License-Identifier: MIT */
/* The tool calls of MCP servers that were in flight, in a few words. */
#ifndef TUI_MCP_WORDS_H
#define TUI_MCP_WORDS_H

#include "base/text.h"

/* "files/read, git/log" of the JSON that events have; safe and owned; empty: none. */
char *mcp_words(struct text calls) __attribute__((returns_nonnull));

#endif
