/* SPDX-License-Identifier: MIT */
/* A program that is nothing but the tool's host. */
#ifndef TESTS_ATTACKS_ELF_HOST_H
#define TESTS_ATTACKS_ELF_HOST_H

#include <sys/types.h>

/*
 * Writes a program of the project's own that names the tool as its ELF interpreter. It has
 * the tool's headers, which then finds its own data by them, and is loaded elsewhere.
 * Returns where the kind of the segment that names it is, PT_INTERP in four bytes.
 */
off_t elf_host_make(const char *name);

#endif
