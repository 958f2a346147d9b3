/* SPDX-License-Identifier: MIT */
/*
 * What failed, as a code to branch on and a sentence to show.
 *
 * A function that can fail returns bool (or a pointer) and takes a struct error
 * last. The lowest layer that knows the cause words it; the layers above pass it on
 * unchanged; only cli/ prints it.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stdnoreturn.h>

enum { ERROR_TEXT_SIZE = 1024 };

/* Zero-initialise; a zero code means that nothing failed. */
struct error {
	int code; /* an errno value, or one of the ERROR_… codes below */
	char text[ERROR_TEXT_SIZE];
};

/* Codes above every errno value, for failures that are no system call's. */
enum {
	ERROR_SYNTAX = 10000, /* a text that a person wrote is not valid */
	ERROR_NOT_FOUND,      /* a named thing does not exist */
	ERROR_NEWER,          /* written by a newer Duenna */
	ERROR_DAMAGED,        /* stored data is not what was written */
	ERROR_USAGE,          /* wrong command line */
	ERROR_REFUSED,        /* asked for something that is not allowed */
};

/* Fills err (which may be NULL) and returns false, so that failing is one line. */
bool error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Aborts with a message, after the hook below: the tree dies with us, fail closed. */
noreturn void invariant_failed(const char *condition, const char *file, int line);

/* On in every build. Standard assert is not used: release builds define NDEBUG. */
#define invariant(condition)                                                             \
	((condition) ? (void)0 : invariant_failed(#condition, __FILE__, __LINE__))

/* Called once before an abort, to put the terminal right. Set by cli/. */
extern void (*invariant_hook)(void);

#endif
