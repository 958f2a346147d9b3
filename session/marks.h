/* SPDX-License-Identifier: MIT */
/*
 * Files that carry labels, by their path, or by their identity where they have several
 * (channels_identity): what labelled processes wrote, and where labelled files were moved
 * to. A folder that was moved marks all below it.
 */
#ifndef SESSION_MARKS_H
#define SESSION_MARKS_H

#include "session/labels.h"
#include "session/mount_names.h"

struct marks;

/* What mounts show in several places is one file there; borrowed, or NULL. */
struct marks *marks_create(const struct mount_table *mounts);
void marks_destroy(struct marks *marks); /* accepts NULL */

void marks_add(struct marks *marks, struct text path, const struct label_set *set);
/* The same, and for everything below it. */
void marks_add_below(
	struct marks *marks, struct text folder, const struct label_set *set);
/* What was marked below one folder holds below the other as well. */
void marks_move(struct marks *marks, struct text from, struct text to);
void marks_remove(struct marks *marks, struct text path);

/* Adds to set what the path carries. */
void marks_get(const struct marks *marks, struct text path, struct label_set *set);

#endif
