/* SPDX-License-Identifier: MIT */
/*
 * The tree's own terminal, for sessions with a front end: what the tree writes is
 * recorded and shown, what a person types is passed on. Never waits for either side.
 */
#ifndef SESSION_PTY_H
#define SESSION_PTY_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct supervisor;

struct pty {
	int master;   /* -1: the tree has no terminal of its own, or it was hung up */
	int slave;    /* becomes the command's 0, 1 and 2 */
	int line;     /* the slave once more, for our own lines; does not block */
	char *recent; /* the last output, for front ends that join later: a ring */
	size_t recent_end;
	bool recent_is_full;
	char *typed; /* input that the terminal has no room for yet */
	size_t typed_length;
	int64_t held_since; /* output is not read while a front end is behind; 0: it is */
	bool is_watched;
	bool is_impatient; /* waited long enough for who is behind */
};

/* Zeroed, with -1 as descriptors, when the session has no terminal. */
bool pty_open(struct supervisor *supervisor, struct error *err);
bool pty_watch(struct supervisor *supervisor, struct error *err);
void pty_close(struct supervisor *supervisor);

/* Handlers of the loop. */
void pty_ready(struct supervisor *supervisor, uint32_t events);
/* Takes up reading again once front ends have caught up, or took too long. */
void pty_tick(struct supervisor *supervisor, int64_t now);
/* Reads what is left, at the end. */
void pty_drain(struct supervisor *supervisor);

void pty_type(struct supervisor *supervisor, struct text bytes);
void pty_resize(struct supervisor *supervisor, uint16_t rows, uint16_t columns);
/* As when a terminal is closed: the tree gets SIGHUP. */
void pty_hang_up(struct supervisor *supervisor);
/* The recent output in two parts, oldest first. */
void pty_recent(const struct supervisor *supervisor, struct text parts[2]);

#endif
