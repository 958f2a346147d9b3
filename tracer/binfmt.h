/* SPDX-License-Identifier: MIT */
/*
 * The programs that the kernel runs certain files with, as it was told by way of
 * /proc/sys/fs/binfmt_misc: which of them it would take for a file, by the rules of
 * load_misc_binary in fs/binfmt_misc.c. Inside tracer/ only.
 *
 * What is found is true of the moment; nothing is promised for handlers that are registered
 * or removed before the kernel looks, nor for those that cannot be seen because their file
 * system is not mounted there, as in most containers. Whoever executes compares what runs.
 */
#ifndef TRACER_BINFMT_H
#define TRACER_BINFMT_H

#include "tracer/exec_script.h"

#include <stdbool.h>
#include <stddef.h>

enum { BINFMT_TEXT_SIZE = 1920 }; /* MAX_REGISTER_LENGTH: all texts are shorter */

struct binfmt_handler {
	char interpreter[BINFMT_TEXT_SIZE]; /* as named: may be relative */
	bool is_enabled;
	bool keeps_first;  /* flag P: argv[0] follows the file's name */
	bool gives_opened; /* flags O and C: AT_EXECFD is the file, opened */
	bool is_opened;	   /* flag F: it was opened when it was registered */
	char extension[BINFMT_TEXT_SIZE]; /* empty: by the magic number */
	size_t offset, size;		  /* of the magic number; both within start */
	unsigned char magic[EXEC_START_SIZE], mask[EXEC_START_SIZE];
};

/*
 * Reads what an entry's file says; false if that is not understood. text ends with a zero.
 */
bool binfmt_handler_parse(struct binfmt_handler *handler, const char *text);

/*
 * Whether it is for a file that is executed by this name and begins so; with zeros after
 * the file's end. is_enabled does not count.
 */
bool binfmt_handler_takes(const struct binfmt_handler *handler, const char *name,
	const char start[EXEC_START_SIZE]);

/*
 * Copies the handler that the kernel would take now; false if there is none. What was read
 * before is kept while names and inodes in the folder stay the same. For any thread; takes
 * a few system calls, none of which waits.
 */
bool binfmt_find(struct binfmt_handler *found, const char *name,
	const char start[EXEC_START_SIZE]);

#endif
