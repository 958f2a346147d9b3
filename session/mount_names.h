/* SPDX-License-Identifier: MIT */
/*
 * Other names of a file or folder by mounts: a file system may be mounted in several
 * places, whole or in part, and what an overlay shows as written lies elsewhere as well.
 * What a person mounts later is not known here.
 */
#ifndef SESSION_MOUNT_NAMES_H
#define SESSION_MOUNT_NAMES_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Owned, as is each of them. */
struct mount_names {
	char **names;
	size_t count;
};

/* All mounts, in the format of /proc/self/mountinfo. Zero-initialise. */
struct mount_table {
	char *text;
	struct mount *list;
	size_t count;
	bool has_twins; /* some file system is mounted in several places */
};

void mount_table_read(struct mount_table *table, FILE *mounts);
/* Those of this process; none if they cannot be read. */
void mount_table_read_own(struct mount_table *table);
void mount_table_finish(struct mount_table *table);

/*
 * One name for what has several by mounts, which no path is: "DEVICE/PATH". What has none
 * keeps its own, and what is no absolute path as well. Owned.
 */
char *mount_table_place(const struct mount_table *table, struct text path);

/* The other names of path, which is canonical and lies on the mount of that number. */
void mount_names_of(struct mount_names *names, const char *path, int number,
	const struct mount_table *table);
/* The same for what is, or would be, there now: what path lies in may be missing. */
void mount_names_find(
	struct mount_names *names, const char *path, const struct mount_table *own);
void mount_names_finish(struct mount_names *names);

#endif
