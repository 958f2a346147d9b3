/* SPDX-License-Identifier: MIT */
/*
 * The line that says on the tree's own standard error what was denied and why. It goes
 * nowhere but to the terminal or file that is the session's standard error, and only if
 * that is the caller's as well.
 */
#ifndef SESSION_DENIAL_LINE_H
#define SESSION_DENIAL_LINE_H

#include "session/judge.h"

struct denial_line {
	int fd;	      /* compared with the caller's descriptor 2; -1: nowhere */
	int write_fd; /* where the line is written; may be the same */
	bool is_quiet;
	int64_t second;	  /* the one in which `written` lines were written */
	unsigned written; /* lines of that second */
	unsigned long left_out;
};

/*
 * Another descriptor of the same pipe or terminal, by which nobody waits: the tree writes
 * there, too. The same one if it is something else, or cannot be had.
 */
int denial_line_open(int fd);

/* The line for a denied request, with its line end; owned. */
char *denial_line_format(const struct places *places, const struct request *request,
	struct judged *judged);

/* Writes the line if all conditions hold. now: monotonic, nanoseconds. */
void denial_line_write(struct denial_line *line, struct judge *judge,
	const struct request *request, struct judged *judged, int64_t now);

/*
 * For a session whose front end draws the tree's terminal, where a line out of nowhere
 * would disturb the picture: the same as a sentence for the person, whoever was denied,
 * except by the person. Owned; NULL if nothing is to be said.
 */
char *denial_line_notice(struct denial_line *line, struct judge *judge,
	const struct request *request, struct judged *judged, int64_t now);

/* Says how many lines were left out, if any and if a second has gone by. */
void denial_line_tick(struct denial_line *line, int64_t now);

#endif
