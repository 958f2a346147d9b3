/* SPDX-License-Identifier: MIT */
/*
 * The way to a name: every symbolic link on it, and where it ends. Whoever can change one
 * of these decides what is found there next time, whether or not anything is there now.
 */
#ifndef SESSION_LINK_WAY_H
#define SESSION_LINK_WAY_H

#include <stddef.h>

/* Canonical names; owned. */
struct link_way {
	char **links;
	size_t count;
};

/*
 * Adds the links on the way to path, which is absolute. Gives the canonical name of where
 * it ends, of which any part may be missing; owned.
 */
char *link_way_follow(struct link_way *way, const char *path);
void link_way_finish(struct link_way *way);

#endif
