/* SPDX-License-Identifier: MIT */
/* --reads sealed: the readable zone, held by Landlock for the tree's whole life. */
#ifndef TRACER_SEALED_READS_H
#define TRACER_SEALED_READS_H

#include <stdbool.h>

/*
 * Confines the calling process and what it starts: files and folders outside of these
 * trees (or files; NULL ends the list) cannot be opened for reading. What is not there is
 * left out. A name that ends in / gives only the listing of folders. Needs
 * no_new_privs; false with errno.
 */
bool sealed_reads_apply(const char *const *folders);

#endif
