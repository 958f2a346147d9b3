/* SPDX-License-Identifier: MIT */
#include "session/link_way.h"

#include "base/xalloc.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* MAXSYMLINKS of the kernel */

static void add(struct link_way *way, const char *link)
{
	for (size_t i = 0; i < way->count; i++) {
		if (strcmp(way->links[i], link) == 0) {
			return;
		}
	}
	way->links = xreallocarray(way->links, way->count + 1, sizeof(*way->links));
	way->links[way->count++] = xstrdup(link);
}

/* Leaves the last segment out: "" is the root. */
static void cut_last(char *place)
{
	char *slash = strrchr(place, '/');

	if (slash != NULL) {
		*slash = '\0';
	}
}

/* Goes from place, which it takes, to what it has under that name. */
static char *enter(char *place, const char *name)
{
	if (strcmp(name, "..") == 0) {
		cut_last(place);
		return place;
	}
	if (name[0] == '\0' || strcmp(name, ".") == 0) {
		return place;
	}
	char *next = xasprintf("%s/%s", place, name);
	free(place);
	return next;
}

/* Puts what the link says before what is left; place is the link, and taken. */
static char *follow(char *place, const char *target, char **rest)
{
	char *longer = xasprintf("%s/%s", target, *rest);

	free(*rest);
	*rest = longer;
	cut_last(place);
	if (target[0] == '/') {
		place[0] = '\0';
	}
	return place;
}

char *link_way_follow(struct link_way *way, const char *path)
{
	char *rest = xstrdup(path);
	char *place = xstrdup("");
	int links = 0;

	while (rest[0] != '\0') {
		char target[PATH_MAX];
		const size_t length = strcspn(rest, "/");
		const size_t next = length + (rest[length] == '/');
		char *name = xmemdup0(rest, length);
		place = enter(place, name);
		free(name);
		memmove(rest, rest + next, strlen(rest + next) + 1);
		const ssize_t got = readlink(place, target, sizeof(target) - 1);
		if (got > 0 && ++links <= LINKS_MAX) {
			target[got] = '\0';
			add(way, place);
			place = follow(place, target, &rest);
		}
	}
	free(rest);
	if (place[0] == '\0') {
		free(place);
		return xstrdup("/");
	}
	return place;
}

void link_way_finish(struct link_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		free(way->links[i]);
	}
	free(way->links);
	*way = (struct link_way){0};
}
