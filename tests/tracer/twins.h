/* SPDX-License-Identifier: MIT */
/*
 * Two equal folders: in one a call is made natively, in the other on behalf; then the
 * results, and the folders, are compared.
 */
#ifndef TESTS_TRACER_TWINS_H
#define TESTS_TRACER_TWINS_H

#include "caller.h"

#include <stddef.h>

enum { TWINS_PATH_SIZE = 256, TWINS_TREE_SIZE = 32768 };

/* Descriptors that this process has into native, and the caller into other. */
enum twins_descriptor {
	TWINS_FILE = 200, /* read and write */
	TWINS_READER,	  /* the same file, for reading */
	TWINS_FOLDER,	  /* dir */
	TWINS_HANDLE,	  /* O_PATH of file */
	TWINS_INOTIFY,
	TWINS_PIPE, /* the reading end */
	TWINS_NONE, /* is not open */
};

struct twins {
	char base[TWINS_PATH_SIZE];
	char native[TWINS_PATH_SIZE], other[TWINS_PATH_SIZE];
	struct caller caller; /* stands in other; this process stands in native */
};

void twins_start(struct twins *twins);
void twins_finish(struct twins *twins);
/* Makes what both folders hold new; the descriptors stay what they are. */
void twins_reset(struct twins *twins);

/* An argument of a call: a number, or bytes in memory. */
struct twins_argument {
	uint64_t value;
	const void *bytes; /* NULL: value is the argument */
	size_t size;
};

/*
 * Makes the call in both ways and compares the results, and the folders if it
 * succeeded; true if all is the same. Says what is not, naming the call by label. What
 * changed is made anew.
 */
bool twins_agree(struct twins *twins, int number,
	const struct twins_argument arguments[6], const char *label);

/* What lies in a folder, as text: kinds, modes, owners, sizes, links. */
void twins_tree(const char *folder, char *text, size_t size);
/* True if both folders hold the same. */
bool twins_are_equal(const struct twins *twins);

#endif
