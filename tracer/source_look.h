/* SPDX-License-Identifier: MIT */
/* Looks at a source file, waiting for it or not. For source_file.c. */
#ifndef TRACER_SOURCE_LOOK_H
#define TRACER_SOURCE_LOOK_H

#include "tracer/source_file.h"

struct source_look {
	int root;	 /* the folder in which all names are; borrowed */
	bool is_quick;	 /* only what is known without asking a disk or a server */
	bool would_wait; /* that did not suffice: the result is none */
};

/*
 * As source_file_look and source_file_read, whoever reads, by an absolute path; file must
 * be zeroed. Both say in it what they looked into, unless that would wait.
 */
int source_look_at(
	struct source_look *look, const char *path, struct source_file *file);
int source_read_at(struct source_look *look, const char *path, size_t max,
	struct source_file *file);

#endif
