/* SPDX-License-Identifier: MIT */
/*
 * Files that were judged as part of an exec, and that what was executed then opens by
 * name: a script by its interpreter. It gets the very file, whatever the name leads to by
 * then. Inside tracer/ only; owned by a process.
 */
#ifndef TRACER_HELD_FILES_H
#define TRACER_HELD_FILES_H

#include "tracer/exec_arguments.h"
#include "tracer/file_call.h"

#include <stddef.h>

enum { HELD_FILES_MAX = 12 };

struct held_file {
	uint64_t number; /* from 1 */
	int fd;		 /* pins it */
	unsigned opens;	 /* that worked */
	char *asked_as;	 /* as in argv */
	char *absolute;	 /* the same from the root: Python opens it so, twice */
	char *canonical; /* some interpreters look links up first */
};

/* Zero-initialise. */
struct held_files {
	struct held_file items[HELD_FILES_MAX];
	size_t count;
	uint64_t last_number;
};

/*
 * Takes the descriptor; names are from the working folder that the exec was in. Of too
 * many files the oldest is forgotten.
 */
void held_files_add(struct held_files *held, int fd, const char *asked_as,
	struct text canonical, const char *folder);

/*
 * Replaces what an open for reading is of by the held file of that name: by an absolute
 * name some times, by another the first time, since the working folder may change. Returns
 * the file's number for held_files_opened, or 0.
 */
uint64_t held_files_apply(const struct held_files *held, struct file_call *file);

/* That open worked, and does not start anew. */
void held_files_opened(struct held_files *held, uint64_t number);

/*
 * After another exec: files are still waited for that nobody opened and its arguments
 * name, as those of "#!/usr/bin/env python3" are.
 */
void held_files_keep(struct held_files *held, const struct arguments *arguments);
void held_files_finish(struct held_files *held);

#endif
