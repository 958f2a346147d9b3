/* SPDX-License-Identifier: MIT */
/* A question in words: what is about to happen, who does it, and how often it did. */
#ifndef TUI_QUESTION_TEXT_H
#define TUI_QUESTION_TEXT_H

#include "session/protocol.h"
#include "tui/lines.h"

enum question_detail {
	QUESTION_BRIEF, /* what a decision needs; long things shortened */
	QUESTION_WHOLE, /* everything that is known */
};

/* Adds the question, now_ms being the time (ms since the epoch). */
void question_text_describe(const struct protocol_question *question,
	enum question_detail detail, int64_t now_ms, struct lines *lines);

/*
 * The program as it is found, and its arguments: what it was called as is whatever who
 * calls it says. Owned.
 */
char *question_text_command(const struct protocol_action *action);

/* "read /etc/passwd", the first action in one line of at most that many columns. Owned. */
char *question_text_title(const struct protocol_question *question, size_t columns);

/* "python3 tool.py (412)": who asks. Owned. */
char *question_text_program(const struct protocol_program *program);

/* " [files, memory]": what it has to do with, or nothing. Safe, owned. */
char *question_text_vectors(const struct protocol_question *question);

/* Arguments as one line, each quoted where it needs to be. Owned. */
char *question_text_arguments(const struct text *argv, size_t argc);

/* "bash (400) < agent (100)": the programs above the one that asks. Owned. */
char *question_text_callers(const struct protocol_question *question);

/* "2 threads, for 3 s; asked before: once; decided: 4 times". Owned. */
char *question_text_counts(const struct protocol_question *question, int64_t now_ms);

#endif
