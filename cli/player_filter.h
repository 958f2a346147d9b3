/* SPDX-License-Identifier: MIT */
/*
 * Recorded terminal output made harmless for the terminal that it is played on: text,
 * colours, cursor movement and erasing go through; titles, the clipboard, questions to
 * the terminal and everything unknown do not.
 */
#ifndef CLI_PLAYER_FILTER_H
#define CLI_PLAYER_FILTER_H

#include <stddef.h>
#include <stdio.h>

enum { PLAYER_SEQUENCE_MAX = 48 };

/* What is unfinished from one chunk to the next. Zero-initialise. */
struct player_filter {
	enum {
		PLAYER_GROUND,
		PLAYER_CHARACTER,     /* within a UTF-8 character */
		PLAYER_ESCAPE,	      /* after ESC */
		PLAYER_CHARSET,	      /* after ESC ( and its kin */
		PLAYER_CONTROL,	      /* within ESC [ … */
		PLAYER_STRING,	      /* within a title or the like */
		PLAYER_STRING_ESCAPE, /* after ESC in it */
	} state;
	char bytes[PLAYER_SEQUENCE_MAX]; /* of the character or sequence so far */
	size_t length, wanted;
};

void player_filter_write(
	struct player_filter *filter, FILE *out, const char *bytes, size_t length);

#endif
