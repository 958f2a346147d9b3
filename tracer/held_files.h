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
	char *asked_as;	 /* as in argv */
	char *canonical; /* some interpreters look links up first */
};

/* Zero-initialise. */
struct held_files {
	struct held_file items[HELD_FILES_MAX];
	size_t count;
	uint64_t last_number;
};

/* Takes the descriptor. Of too many, the oldest is forgotten. */
void held_files_add(
	struct held_files *held, int fd, struct text asked_as, struct text canonical);

/*
 * Replaces what an open for reading is of by the held file of that name. Returns the
 * number of the file that is to be forgotten once the open worked: it may start anew
 * before that. 0 if it is of none.
 */
uint64_t held_files_apply(const struct held_files *held, struct file_call *file);
void held_files_forget(struct held_files *held, uint64_t number);

/*
 * After another exec: only files that its arguments name are still waited for, as those
 * of "#!/usr/bin/env python3" are.
 */
void held_files_keep(struct held_files *held, const struct arguments *arguments);
void held_files_finish(struct held_files *held);

#endif
