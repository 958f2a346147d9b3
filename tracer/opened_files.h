/* SPDX-License-Identifier: MIT */
/*
 * linkat(2) gives an opened file without a name to those who may, and to whoever opened it
 * itself and has had the same credentials ever since (Linux 6.10). Files are opened on
 * behalf here, so that the kernel cannot tell; this can: which files a process opened since
 * it began, or executed its program. Of many it says that it may have opened any. Inside
 * tracer/ only.
 */
#ifndef TRACER_OPENED_FILES_H
#define TRACER_OPENED_FILES_H

#include "tracer/call.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { OPENED_FILES_SLOTS = 128, OPENED_FILES_MAX = 96 };

/* Zero-initialise. Read by performers while the loop adds to it. */
struct opened_files {
	_Atomic uint64_t slots[OPENED_FILES_SLOTS]; /* hashes; 0: free */
	_Atomic uint32_t count;
	bool is_unknown; /* opens are not seen: all may have been */
	/* The credentials before the first change that was seen: opens until then. */
	_Atomic uint64_t first_credentials;
};

/* The process executes or begins: nothing is open by what it is now. */
void opened_files_forget(struct opened_files *files);

/* The caller opens the file. */
void opened_files_note(
	struct opened_files *files, const struct call *call, const struct stat *status);

/* Before a process that had the supervisor's credentials may change its own. */
void opened_files_begin_change(struct opened_files *files, const struct call *call);

/* False if the caller, as it is now, has not opened the file for sure. */
bool opened_files_may_have(const struct opened_files *files, const struct call *call,
	const struct stat *status);

#endif
