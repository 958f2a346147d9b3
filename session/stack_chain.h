/* SPDX-License-Identifier: MIT */
/*
 * What people are shown first of a call's Python or JavaScript frames: who called whom on
 * one line, and the source that runs.
 */
#ifndef SESSION_STACK_CHAIN_H
#define SESSION_STACK_CHAIN_H

#include "tracer/code_facts.h"
#include "tracer/source_file.h"

/* The chain, and an excerpt up to the line that runs. */
enum { STACK_CHAIN_LINES_MAX = 1 + SOURCE_LINES_SHOWN + 1 };

/*
 * "agent.py:20 main → tools.py:2 run → <generated code>:6 send", the outermost first;
 * frames of libraries that others of these called, and what there are too many of, are
 * left out. Then lines of source, numbered, the last of them the one that runs: of
 * generated code if its source is known, else of the innermost frame.
 * Owned lines, given back by field_texts_free; count 0: there are no frames.
 */
struct text *stack_chain_lines(const struct code_facts *code, size_t *count);

#endif
