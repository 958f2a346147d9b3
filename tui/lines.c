/* SPDX-License-Identifier: MIT */
#include "tui/lines.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
	MARK_SIZE = 48,
	TEXT_LEFT_MIN = 8,
	COLUMNS_FOR_A_MARK = 26,
	COLUMNS_FOR_WORDS = 40
};

void lines_finish(struct lines *lines)
{
	free(lines->bytes);
	*lines = (struct lines){.columns = lines->columns};
}

static void append(struct lines *lines, const char *bytes, size_t length)
{
	if (lines->length + length + 1 > lines->capacity) {
		lines->capacity = 2 * (lines->length + length) + 256;
		lines->bytes = xrealloc(lines->bytes, lines->capacity);
	}
	memcpy(lines->bytes + lines->length, bytes, length);
	lines->length += length;
	lines->bytes[lines->length] = '\0';
}

static void append_string(struct lines *lines, const char *string)
{
	append(lines, string, strlen(string));
}

static char *format_copy(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

static char *format_copy(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0) {
		return xstrdup("");
	}
	return text;
}

void lines_put(struct lines *lines, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = format_copy(format, arguments);
	va_end(arguments);
	append_string(lines, text);
	free(text);
}

/* Length in bytes of the character at safe (valid UTF-8), and its columns. */
static size_t character(const char *safe, size_t *columns)
{
	const unsigned char first = (unsigned char)*safe;
	const size_t length = first < 0x80   ? 1
			      : first < 0xe0 ? 2
			      : first < 0xf0 ? 3
					     : 4;
	unsigned value = length == 1 ? first : first & (0xffU >> (length + 1));

	*columns = 1;
	for (size_t i = 1; i < length; i++) {
		if (safe[i] == '\0') {
			return i;
		}
		value = value << 6 | ((unsigned char)safe[i] & 0x3fU);
	}
	if (length > 1) {
		/*
		 * What the locale does not know (-1) may be wide. Combining marks count,
		 * so that no heap of them takes endless bytes.
		 */
		const int width = wcwidth((wchar_t)value);
		*columns = width == 0 || width == 1 ? 1 : 2;
	}
	return length;
}

size_t lines_width(const char *safe)
{
	size_t total = 0;

	while (*safe != '\0') {
		size_t columns;
		safe += character(safe, &columns);
		total += columns;
	}
	return total;
}

/* How many bytes of safe fit into that many columns. */
static size_t fitting(const char *safe, size_t columns)
{
	size_t used = 0;
	size_t length = 0;

	while (safe[length] != '\0') {
		size_t width;
		const size_t bytes = character(safe + length, &width);
		if (used + width > columns) {
			break;
		}
		used += width;
		length += bytes;
	}
	return length;
}

/* Where the middle's mark would leave next to nothing: the beginning, and that it ends. */
static char *cut_off(const char *safe, size_t columns)
{
	static const char dots[] = "...";
	const size_t shown = columns < strlen(dots) ? columns : strlen(dots);

	return xasprintf("%.*s%.*s", (int)fitting(safe, columns - shown), safe,
		(int)shown, dots);
}

/* Says how much is left out, in words where there is room for some. */
static int put_mark(char mark[MARK_SIZE], size_t omitted, size_t columns)
{
	return columns < COLUMNS_FOR_WORDS
		       ? snprintf(mark, MARK_SIZE, "..%zu..", omitted)
		       : snprintf(mark, MARK_SIZE, "...(%zu more)...", omitted);
}

char *lines_shorten(const char *safe, size_t columns)
{
	const size_t width = lines_width(safe);
	char mark[MARK_SIZE];

	if (width <= columns) {
		return xstrdup(safe);
	}
	/* The mark's own length varies by a digit at most: taken for the longest. */
	const int most = put_mark(mark, width, columns);
	if (columns < COLUMNS_FOR_A_MARK || columns < (size_t)most + TEXT_LEFT_MIN) {
		return cut_off(safe, columns);
	}
	const size_t room = columns - (size_t)most;
	const size_t head = fitting(safe, room - room / 2);
	const char *tail = safe + head;
	size_t left = lines_width(tail);
	while (left > room / 2) {
		size_t step;
		tail += character(tail, &step);
		left -= step;
	}
	const size_t omitted = lines_width(safe + head) - left;
	(void)put_mark(mark, omitted, columns);
	return xasprintf("%.*s%s%s", (int)head, safe, mark, tail);
}

/* Bytes of the next line of a paragraph: up to the last space that fits. */
static size_t break_at_space(const char *text, size_t columns)
{
	const size_t fits = fitting(text, columns);

	if (text[fits] == '\0' || text[fits] == ' ') {
		return fits;
	}
	size_t at = fits;
	while (at > 0 && text[at] != ' ') {
		at--;
	}
	return at > columns / 2 ? at : fits;
}

void lines_add(struct lines *lines, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = format_copy(format, arguments);
	va_end(arguments);
	const char *rest = text;
	size_t indent = 0;
	do {
		const size_t length = break_at_space(rest, lines->columns - indent);
		append(lines, "    ", indent);
		append(lines, rest, length);
		append_string(lines, "\n");
		rest += length;
		rest += *rest == ' ' ? 1 : 0;
		indent = 2;
	} while (*rest != '\0');
	free(text);
}

/* The same, but the space stays, for text in which each byte counts. */
static size_t break_after_space(const char *text, size_t columns)
{
	const size_t fits = fitting(text, columns);
	size_t at = fits;

	if (text[fits] == '\0') {
		return fits;
	}
	while (at > 0 && text[at - 1] != ' ') {
		at--;
	}
	return at > fits - fits / 4 ? at : fits;
}

void lines_field(
	struct lines *lines, const char *label, const char *safe_value, size_t most)
{
	const size_t room = lines->columns - LINES_LABEL_COLUMNS;
	char *value =
		most > 0 ? lines_shorten(safe_value, most * room) : xstrdup(safe_value);
	const char *rest = value;

	lines_put(lines, "  %-*s", LINES_LABEL_COLUMNS - 2, label);
	for (;;) {
		const size_t length = break_after_space(rest, room);
		append(lines, rest, length);
		append_string(lines, "\n");
		rest += length;
		if (*rest == '\0') {
			break;
		}
		lines_put(lines, "%*s", LINES_LABEL_COLUMNS, "");
	}
	free(value);
}
