/* SPDX-License-Identifier: MIT */
/*
 * Loaders: the ELF interpreter that the kernel starts a dynamic program with, and loaders
 * started as programs themselves, which run the program that their arguments name. Either
 * way one file runs under the name of another. Inside tracer/ only.
 */
#ifndef TRACER_EXEC_LOADER_H
#define TRACER_EXEC_LOADER_H

#include "tracer/exec_name.h"
#include "tracer/path.h"

#include <stdbool.h>

enum { EXEC_HEAD_SIZE = 4096 };

/* A pinned file's first bytes, where nearly always everything is that is looked at. */
struct exec_head {
	char bytes[EXEC_HEAD_SIZE];
	size_t length;
};

/* 0 or a negative errno. */
int exec_head_read(struct exec_head *head, const struct path *path);

/*
 * Reads the name of the interpreter in a pinned ELF file (PT_INTERP) into name. Returns
 * its length, 0 if the file names none or is no ELF file, or a negative errno.
 */
ssize_t exec_loader_name(const struct path *program, const struct exec_head *head,
	char *name, size_t size);

/* True for a program of the 32-bit ABIs, none of whose calls is supervised. */
bool exec_head_is_narrow(const struct exec_head *head);

/* True for a loader of the system, /usr/lib/…/ld-….so: it is part of its programs. */
bool exec_loader_is_system(const struct path *path);

/* The index of the argument that names the program a started loader runs; 0: none. */
size_t exec_loader_program(const struct text *argv, size_t argc);

#endif
