/* SPDX-License-Identifier: MIT */
/* The open questions that the session told of, oldest first. */
#ifndef TUI_QUESTIONS_H
#define TUI_QUESTIONS_H

#include "session/protocol.h"

/* Zero-initialise. A question stays at its address until it is removed. */
struct questions {
	struct protocol_question **items;
	size_t count, capacity;
};

void questions_finish(struct questions *questions);

/* NULL if it is not open. */
struct protocol_question *questions_find(const struct questions *questions, int64_t id);

/* Position from 0; count if it is not open. */
size_t questions_position(const struct questions *questions, int64_t id);

/* The one after that, round from the last to the first; NULL if none is open. */
struct protocol_question *questions_after(
	const struct questions *questions, int64_t id);

enum questions_change {
	QUESTIONS_ADDED,
	QUESTIONS_COUNTED, /* known; only its counts differ */
	QUESTIONS_ALTERED, /* known; what is asked, or could be stored, differs */
};

/* Adds it, or updates the one with its id. Takes what question owns and zeroes it. */
enum questions_change questions_take(
	struct questions *questions, struct protocol_question *question);

void questions_remove(struct questions *questions, int64_t id);

#endif
