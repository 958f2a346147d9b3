/* SPDX-License-Identifier: MIT */
/*
 * Floods of plain lines. Of many lines that scroll by at once, those in the middle leave
 * no trace: neither on the screen nor in what is kept of lines above it. Not reading
 * them makes printing a big file fast.
 */
#include "tui/pane_internal.h"

/* Bytes that move the cursor to where it was, or draw: they change no other state. */
static bool is_plain(char byte)
{
	return (byte >= ' ' && byte <= '~') || byte == '\r' || byte == '\n' ||
	       byte == '\t';
}

static size_t plain_length(struct text bytes, size_t start)
{
	size_t end = start;

	while (end < bytes.length && is_plain(bytes.bytes[end])) {
		end++;
	}
	return end - start;
}

/* After that many line ends from at on; 0 if there are not so many before end. */
static size_t after_lines(struct text bytes, size_t at, size_t end, size_t lines)
{
	while (lines > 0) {
		const char *found = memmem(bytes.bytes + at, end - at, "\r\n", 2);
		if (found == NULL) {
			return 0;
		}
		at = (size_t)(found - bytes.bytes) + 2;
		lines--;
	}
	return at;
}

/* The same from end backwards: where the last that many lines begin. */
static size_t before_lines(struct text bytes, size_t start, size_t end, size_t lines)
{
	size_t at = end;

	while (at > start + 1) {
		if (bytes.bytes[at - 1] == '\n' && bytes.bytes[at - 2] == '\r' &&
			lines-- == 0) {
			return at;
		}
		at--;
	}
	return start;
}

struct pane_flood pane_flood_find(struct text bytes, size_t rows)
{
	const size_t kept_lines = PANE_HISTORY_MAX + 2 * rows;
	const size_t worth_it = 4 * kept_lines;
	size_t start = 0;

	while (start < bytes.length) {
		const size_t length = plain_length(bytes, start);
		const size_t end = start + length;
		if (length > worth_it) {
			const size_t from = after_lines(bytes, start, end, 2 * rows);
			const size_t to =
				from > 0 ? before_lines(bytes, from, end, kept_lines)
					 : 0;
			if (to > from) {
				return (struct pane_flood){from, to - from};
			}
		}
		start = end + 1;
	}
	return (struct pane_flood){bytes.length, 0};
}
