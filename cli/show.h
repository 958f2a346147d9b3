/* SPDX-License-Identifier: MIT */
/*
 * Pieces of text output that several commands share: times, sizes, lists, objects cut to
 * the terminal's width. Everything that came from a tree is made safe to show.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/text.h"
#include "db/db.h"

#include <stddef.h>
#include <stdint.h>

enum { SHOW_SIZE = 40 }; /* enough for every fixed text below */

/* "2026-01-31 08:04:16", local time; "never" for 0. */
const char *show_date(int64_t nanoseconds, char buffer[static SHOW_SIZE]);
/* "08:04:16" */
const char *show_clock(int64_t nanoseconds, char buffer[static SHOW_SIZE]);
/* "0.3 s", "12 s", "4 min 02 s", "3 h 20 min", "2 d 04 h" */
const char *show_duration(int64_t nanoseconds, char buffer[static SHOW_SIZE]);
/* "812 bytes", "1.4 MB" */
const char *show_bytes(int64_t bytes, char buffer[static SHOW_SIZE]);
/* "running", "ended", "exit 1", "lost" (the supervisor died) */
const char *show_state(
	const struct session_record *session, char buffer[static SHOW_SIZE]);

/* Columns of the terminal behind standard output; 0 if it is none (nothing is cut). */
size_t show_width(void);

/* The safe text, at most width columns wide unless width is 0. Owned. */
char *show_text(struct text text, size_t width);
/* A command line: arguments quoted where needed, joined by spaces. Owned. */
char *show_command(const struct text *argv, size_t argc, size_t width);
/* An object with the arguments of an exec. Owned. */
char *show_object(
	struct text object, const struct text *argv, size_t argc, size_t width);
/* What decided: "rule 12: allow read /a", "a person, once" … Owned. */
char *show_decider(const struct event *event, size_t width);

/* `count` and the noun, with s unless it is one; "1 event", "12 events". */
const char *show_count(int64_t count, const char *noun, char buffer[static SHOW_SIZE]);

/*
 * Opens the database for reading. NULL without err->code if there is none yet, which
 * was said on standard output then.
 */
struct db *show_open(const char *path, struct error *err);

#endif
