/* SPDX-License-Identifier: MIT */
#include "session/mcp_lines.h"

#include "base/xalloc.h"

#include <stdlib.h>

enum { SMALL = 64 << 10 };

char *mcp_lines_room(struct mcp_lines *lines, size_t size)
{
	if (lines->first > 0 && lines->capacity - lines->end < size) {
		memmove(lines->bytes, lines->bytes + lines->first,
			mcp_lines_length(lines));
		lines->end -= lines->first;
		lines->first = 0;
	}
	if (lines->capacity - lines->end < size) {
		size_t wanted = lines->end + size;
		size_t doubled = lines->capacity * 2;
		lines->capacity = doubled > wanted ? doubled : wanted;
		lines->bytes = xrealloc(lines->bytes, lines->capacity);
	}
	return lines->bytes + lines->end;
}

void mcp_lines_filled(struct mcp_lines *lines, size_t size)
{
	lines->end += size;
}

void mcp_lines_add(struct mcp_lines *lines, struct text bytes)
{
	if (bytes.length > 0) {
		memcpy(mcp_lines_room(lines, bytes.length), bytes.bytes, bytes.length);
		mcp_lines_filled(lines, bytes.length);
	}
}

struct text mcp_lines_all(const struct mcp_lines *lines)
{
	if (mcp_lines_length(lines) == 0) {
		return (struct text){"", 0}; /* there may be no memory yet */
	}
	return (struct text){lines->bytes + lines->first, mcp_lines_length(lines)};
}

void mcp_lines_drop(struct mcp_lines *lines, size_t length)
{
	lines->first += length;
	lines->searched = lines->searched > length ? lines->searched - length : 0;
	if (lines->first < lines->end) {
		return;
	}
	lines->first = lines->end = lines->searched = 0;
	if (lines->capacity > SMALL) {
		free(lines->bytes);
		lines->bytes = NULL;
		lines->capacity = 0;
	}
}

/* The length of the first line with its newline; 0: it is not whole. */
static size_t line_length(struct mcp_lines *lines)
{
	struct text all = mcp_lines_all(lines);
	size_t left = all.length - lines->searched;
	const char *newline =
		left > 0 ? memchr(all.bytes + lines->searched, '\n', left) : NULL;

	lines->searched = newline ? 0 : all.length;
	return newline ? (size_t)(newline - all.bytes) + 1 : 0;
}

/* The rest of a line that was too long; false: it goes on. */
static bool discard(struct mcp_lines *lines)
{
	size_t length = line_length(lines);

	lines->is_discarding = length == 0;
	mcp_lines_drop(lines, length > 0 ? length : mcp_lines_length(lines));
	return !lines->is_discarding;
}

enum mcp_line mcp_lines_next(struct mcp_lines *lines, bool has_ended, struct text *line)
{
	if (mcp_lines_length(lines) == 0 || (lines->is_discarding && !discard(lines)) ||
		mcp_lines_length(lines) == 0) {
		return MCP_LINE_NONE;
	}
	size_t length = line_length(lines);
	size_t present = length > 0 ? length : mcp_lines_length(lines);
	if (present > MCP_LINE_MAX) {
		lines->is_discarding = length == 0;
		mcp_lines_drop(lines, present);
		return MCP_LINE_TOO_LONG;
	}
	if (length == 0 && !has_ended) {
		return MCP_LINE_NONE;
	}
	*line = (struct text){lines->bytes + lines->first, present};
	return MCP_LINE_WHOLE;
}

void mcp_lines_finish(struct mcp_lines *lines)
{
	free(lines->bytes);
	*lines = (struct mcp_lines){0};
}
