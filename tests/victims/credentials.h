/* SPDX-License-Identifier: MIT */
/* The calls that change files, as a table: each row is tried on each of its targets. */
#ifndef TESTS_VICTIMS_CREDENTIALS_H
#define TESTS_VICTIMS_CREDENTIALS_H

#include <stddef.h>

enum { STRANGER = 4711, CALL_ARGUMENTS = 6 };

/* Opened before the credentials change. */
enum { FD_TOP = 50, FD_FILE, FD_READER, FD_FOLDER, FD_HANDLE };

struct call_row {
	const char *name;
	long number;
	int target; /* which argument is the target; -1: none is */
	const char *const *targets;
	const void *arguments[CALL_ARGUMENTS];
};

extern const struct call_row call_rows[];
extern const size_t call_row_count;

#endif
