/* SPDX-License-Identifier: MIT */
/*
 * Parts of file names and arguments that differ from run to run: hashes, UUIDs, process
 * numbers, dates, versions, names of temporary files.
 */
#ifndef RULES_RANDOM_PART_H
#define RULES_RANDOM_PART_H

#include "base/text.h"

enum randomness {
	RANDOM_NONE,
	RANDOM_NUMBER,	/* a number, a date, a version: two different ones tell */
	RANDOM_PERHAPS, /* a short mix, or a temporary name: likewise */
	RANDOM_SURELY,	/* nobody chose this name */
};

struct random_shape {
	enum randomness randomness;
	char *pattern;	       /* canonical, owned; NULL if NONE */
	size_t literal_length; /* bytes before the first wildcard: they stay */
};

/* The name (no slash in it) with its random parts as wildcards. */
struct random_shape random_shape_of(struct text name);

#endif
