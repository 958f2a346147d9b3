/* SPDX-License-Identifier: MIT */
/* What path.c and path_walk.c share. */
#ifndef TRACER_PATH_INTERNAL_H
#define TRACER_PATH_INTERNAL_H

#include "tracer/path.h"

/* A descriptor under which its number is kept as text, for /proc/self/fd. */
struct fd_text {
	char text[16];
};

struct fd_text fd_text_of(int fd);

/* openat2 for O_PATH; the descriptor or a negative errno. */
int path_open(int folder, const char *text, uint64_t flags, uint64_t resolve);

/*
 * Fills path for an object: takes fd. name is its canonical name, or NULL to take it
 * from the descriptor.
 */
int path_set_object(struct path *path, int fd, const char *name);

/*
 * Fills path for a component of a folder: takes folder. The component need not be
 * terminated. folder_name is canonical, or NULL to take it from the descriptor.
 */
int path_set_entry(struct path *path, int folder, const char *folder_name,
	struct text component, bool has_slash);

/* Resolves component by component, from base (borrowed). */
int path_walk(struct path *path, const struct path_request *request, int base);

#endif
