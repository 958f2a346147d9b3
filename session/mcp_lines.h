/* SPDX-License-Identifier: MIT */
/*
 * Bytes that wait between the two ends of a relay, taken out line by line. Bounded: a
 * line that is longer than MCP_LINE_MAX is thrown away as it comes, and said to be so.
 */
#ifndef SESSION_MCP_LINES_H
#define SESSION_MCP_LINES_H

#include "base/text.h"

enum {
	/* What a person approves, or a tool reads, is far shorter. */
	MCP_LINE_MAX = 8 << 20,
};

struct mcp_lines {
	char *bytes;
	size_t first, end, capacity;
	size_t searched;    /* from first: no line ends there */
	bool is_discarding; /* the rest of a line that was too long */
};

enum mcp_line {
	MCP_LINE_NONE, /* not whole yet */
	MCP_LINE_WHOLE,
	MCP_LINE_TOO_LONG, /* once for each such line; it is gone */
};

/* Room for size more bytes; mcp_lines_filled then says how many came. */
char *mcp_lines_room(struct mcp_lines *lines, size_t size);
void mcp_lines_filled(struct mcp_lines *lines, size_t size);
void mcp_lines_add(struct mcp_lines *lines, struct text bytes);
static inline size_t mcp_lines_length(const struct mcp_lines *lines)
{
	return lines->end - lines->first;
}

/*
 * The next line with its newline; or, where has_ended says that nothing more comes, what
 * is left without one. Borrowed until the lines change.
 */
enum mcp_line mcp_lines_next(
	struct mcp_lines *lines, bool has_ended, struct text *line);
/* Everything there is, as it is; and taking length bytes of it away. */
struct text mcp_lines_all(const struct mcp_lines *lines);
void mcp_lines_drop(struct mcp_lines *lines, size_t length);
void mcp_lines_finish(struct mcp_lines *lines);

#endif
