/* SPDX-License-Identifier: MIT */
#include "tracer/exec_script.h"

#include <stddef.h>
#include <string.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The first byte from first to last, last included, that is none; or NULL. */
static const char *skip_blanks(const char *first, const char *last)
{
	while (first <= last && is_blank(*first)) {
		first++;
	}
	return first <= last ? first : NULL;
}

/* The first blank or zero from first to last, last included; or NULL. */
static const char *find_end_of_word(const char *first, const char *last)
{
	while (first <= last && !is_blank(*first) && *first != '\0') {
		first++;
	}
	return first <= last ? first : NULL;
}

/* Where the line ends; NULL if the name of its interpreter may be cut off. */
static const char *find_end_of_line(const char *start)
{
	const char *last = start + EXEC_START_SIZE - 1;
	const size_t length = strnlen(start, EXEC_START_SIZE);
	const char *end = memchr(start, '\n', length);

	if (!end) {
		const char *name = skip_blanks(start + 2, last);

		if (!name || !find_end_of_word(name, last)) {
			return NULL;
		}
		end = last;
	}
	while (is_blank(end[-1])) {
		end--;
	}
	return end;
}

/* Up to a zero or to the end; there is room for it. */
static void copy_text(char *copy, const char *text, const char *end)
{
	const size_t length = strnlen(text, (size_t)(end - text));

	memcpy(copy, text, length);
	copy[length] = '\0';
}

bool script_line_parse(struct script_line *line, const char start[EXEC_START_SIZE])
{
	if (start[0] != '#' || start[1] != '!') {
		return false;
	}
	const char *end = find_end_of_line(start);
	const char *name = end ? skip_blanks(start + 2, end) : NULL;

	if (!name || name == end) {
		return false;
	}
	const char *name_end = find_end_of_word(name, end);
	const char *argument =
		name_end && *name_end != '\0' ? skip_blanks(name_end, end) : NULL;

	copy_text(line->interpreter, name, name_end && name_end < end ? name_end : end);
	line->has_argument = argument != NULL;
	line->argument[0] = '\0';
	if (argument) {
		copy_text(line->argument, argument, end);
	}
	return true;
}
