/* SPDX-License-Identifier: MIT */
/*
 * Other names of a file or folder by mounts: a file system may be mounted in several
 * places, whole or in part. What a person mounts later is not known here.
 */
#ifndef SESSION_MOUNT_NAMES_H
#define SESSION_MOUNT_NAMES_H

#include <stddef.h>
#include <stdio.h>

/* Owned, as is each of them. */
struct mount_names {
	char **names;
	size_t count;
};

/*
 * The other names of path, which is canonical and lies on the mount of that number, by
 * mounts in the format of /proc/self/mountinfo.
 */
void mount_names_read(
	struct mount_names *names, const char *path, int mount, FILE *mounts);
/* The same by the mounts of this process; path or what it lies in may be missing. */
void mount_names_find(struct mount_names *names, const char *path);
void mount_names_finish(struct mount_names *names);

#endif
