/* SPDX-License-Identifier: MIT */
/*
 * Something that changes to and fro between what is allowed and what is not, as fast as
 * it can, in another thread or process, while a race tries its call.
 */
#ifndef TESTS_ATTACKS_FLIP_H
#define TESTS_ATTACKS_FLIP_H

#include <stdbool.h>
#include <stddef.h>

enum flip_by { FLIP_BY_THREAD, FLIP_BY_PROCESS, FLIP_BY_SHARING_PROCESS };

struct flip {
	const char *name;
	void (*prepare)(void);
	void (*turn)(int which); /* 0: allowed, 1: forbidden */
	enum flip_by by;
	bool is_text; /* turns bytes; else the object behind a name */
};

/*
 * Two texts of the same length in memory that flips write over, and the two folders and
 * the name in them that the texts are about. Set by flip_texts or flip_folders.
 */
struct flip_state {
	const char *folders[2];
	const char *name;
	char texts[2][4096];
	size_t length;
	char *bytes; /* shared memory: now one text, now the other */
	/* How the race names its object: what a *at call gets. */
	int folder;
	const char *path;
};
extern struct flip_state flip;

extern const struct flip flips[];
extern const size_t flip_count;

/* Flips name between the folders; all are made ready by flip_prepare. */
void flip_folders(const char *allowed, const char *forbidden, const char *name);
/* Flips other bytes than a path; both of length bytes. */
void flip_texts(const void *allowed, const void *forbidden, size_t length);

/* Starts turning; flip_stop also ends the other process. */
void flip_start(const struct flip *flip);
void flip_stop(void);

#endif
