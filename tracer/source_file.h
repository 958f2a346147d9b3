/* SPDX-License-Identifier: MIT */
/* Lines of source files as a process sees them, found under names that it claims. */
#ifndef TRACER_SOURCE_FILE_H
#define TRACER_SOURCE_FILE_H

#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct request;

/* Who asks: what is in a file that it may not read decides nothing, or it would learn it. */
struct code_reader {
	const struct request *request;
	pid_t tid;
	bool has_own_credentials;
	bool (*may_read)(void *user, const struct request *request, struct text path);
	void *user;
};

/* Where a relative file name begins, and the root folder of absolute ones. */
struct code_place {
	pid_t pid;
	const char *folder;
	const struct code_reader *reader; /* NULL: it is for people alone */
};

/*
 * 0 if a regular file of that name, or in an archive of that name, is in the process'
 * root folder; ENOENT if there is none; else why it cannot be told: ETIMEDOUT as well if
 * the reader may not read that archive.
 */
int source_file_look(struct text name, const struct code_place *place);

struct source_file {
	char *name;  /* owned, canonical: of what was looked into; NULL: of nothing */
	char *bytes; /* owned */
	size_t length;
	struct timespec changed; /* the last time that anything of it was */
	uid_t owner;
};

enum { SOURCE_FILE_MAX = 2 << 20 };

/*
 * 0 if it is a regular file of at most so many bytes, ENOENT if it is none, else why it
 * cannot be told. Where a file system does not answer, both do not wait for it: ETIMEDOUT,
 * as for what the reader may not read.
 */
int source_file_read(struct source_file *file, struct text name,
	const struct code_place *place, size_t max);
void source_file_finish(struct source_file *file);

/* The line of that number, from 1, without its end; no bytes: there is none. */
struct text source_file_line(const struct source_file *file, int number);

/* How much of source is shown. */
enum { SOURCE_LINES_SHOWN = 8, SOURCE_LINE_SHOWN = 160 };

/* As much of a line as is shown, without its indentation; owned. */
struct text source_line_shown(struct text line);
/* The first lines, "1: TEXT" each, and "30> TEXT" of the one that runs; owned. */
struct text source_excerpt(struct text source, int running);

#endif
