/* SPDX-License-Identifier: MIT */
/*
 * Plain lines of at most 80 columns, collected before they are written: labelled values
 * that wrap, and what is too long shortened in the middle. Values are safe text already
 * (base/escape.h).
 */
#ifndef TUI_LINES_H
#define TUI_LINES_H

#include <stddef.h>

enum { LINES_COLUMNS_MAX = 80, LINES_COLUMNS_MIN = 30 };
enum { LINES_LABEL_COLUMNS = 12 };

/* Zero-initialise but for columns, which lies between the two above. */
struct lines {
	char *bytes; /* owned, terminated once something was added; lines end with \n */
	size_t length, capacity;
	unsigned columns;
};

void lines_finish(struct lines *lines);

/* Adds text as it is, without an end of line. */
void lines_put(struct lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One paragraph, broken between words; further lines are indented by two columns. */
void lines_add(struct lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * "  label      value", broken anywhere, rather after a space, over at most `most` lines
 * and a little more (0: any number).
 * Further lines are indented so far that no value can look like a label.
 */
void lines_field(
	struct lines *lines, const char *label, const char *safe_value, size_t most);

/* Columns that the terminal needs for safe text; rather too many than too few. */
size_t lines_width(const char *safe);

/*
 * An owned copy of at most that many columns: "head...(N more)...tail", where there are
 * fewer "head..N..tail", and where there are too few for that "head...".
 */
char *lines_shorten(const char *safe, size_t columns);

#endif
