/* SPDX-License-Identifier: MIT */
/*
 * How many files that exist a rung of a question's ladder would also cover, and which of
 * them are sensitive. Looks only at names, at what lies on the same file system as the
 * folder that the rung is about, and for a limited time: for a thread beside the loop. That
 * what is asked about lies on no file system that may not answer, the caller knows.
 */
#ifndef SESSION_COVERED_FILES_H
#define SESSION_COVERED_FILES_H

#include "rules/rule_index.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { COVERED_FILES_MAX = 10000, COVERED_NAMES_MAX = 3 };

struct covered_files {
	int64_t count;			/* -1: not counted */
	bool is_partial;		/* there may be more than that */
	int64_t sensitive;		/* of them */
	char *names[COVERED_NAMES_MAX]; /* of sensitive ones; owned */
	size_t name_count;
};

/* When to leave off, and what is not counted: the objects that are asked about. */
struct covering {
	const struct rule_variables *variables;
	const struct text *asked;
	size_t asked_count;
	int64_t deadline; /* monotonic, ns */
	const atomic_bool *is_unwanted;
};

/* Leaves covered as not counted if the rules of the rung are not about paths. */
void covered_files_count(const struct covering *covering, const struct rule_list *rung,
	struct covered_files *covered);
void covered_files_finish(struct covered_files *covered);

#endif
