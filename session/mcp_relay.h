/* SPDX-License-Identifier: MIT */
/*
 * Stands between a program and whoever gave it a pipe or socket as standard input and
 * output: what either says passes through here, so that what the program reads is what
 * was judged, and in that order. Nothing here blocks, and flags of open files that others
 * have as well are left alone.
 */
#ifndef SESSION_MCP_RELAY_H
#define SESSION_MCP_RELAY_H

#include "session/mcp_lines.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum mcp_direction { MCP_TO_SERVER, MCP_TO_CLIENT, MCP_DIRECTION_COUNT };

/* One end of a direction. */
struct mcp_end {
	int fd; /* -1: closed */
	bool is_socket;
	bool is_watched;
	uint32_t events; /* as epoll has them */
	uint64_t data;
};

struct mcp_stream {
	struct mcp_end from, to;
	struct mcp_lines in, out;
	bool has_ended; /* from said all */
};

struct mcp_relay {
	int epoll_fd; /* borrowed */
	struct mcp_stream streams[MCP_DIRECTION_COUNT];
	/* What the program's descriptors 0 and 1 are, to know them again, and were. */
	dev_t devices[2];
	ino_t inodes[2], client_inodes[2];
	bool are_sockets[2];
};

/*
 * Takes over client, which were the program's 0 and 1, and gives what it gets instead
 * into program. data: of epoll events for the ends; bits 8 and 9 of it are the relay's.
 * False with errno: nothing was taken over.
 */
bool mcp_relay_open(struct mcp_relay *relay, int epoll_fd, uint64_t data,
	const int client[2], int program[2]);
void mcp_relay_close(struct mcp_relay *relay);
/* Whether the program of these descriptors has the relay's other ends. */
bool mcp_relay_has(const struct mcp_relay *relay, const int stdio[2]);
/* Whether the process has them as its 0 and 1. */
bool mcp_relay_has_process(const struct mcp_relay *relay, pid_t pid);

/* Reads what there is, within bounds; false if nothing came. */
bool mcp_relay_read(struct mcp_relay *relay, enum mcp_direction direction);
/* To be written when there is room. */
void mcp_relay_say(
	struct mcp_relay *relay, enum mcp_direction direction, struct text bytes);
/* Writes what can be written, closes what is over, and watches what is left. */
void mcp_relay_settle(struct mcp_relay *relay, bool is_waiting);
/* The direction that an event is about, after noting that an end is broken. */
enum mcp_direction mcp_relay_notice(
	struct mcp_relay *relay, uint64_t data, uint32_t events);
/* Nothing is left of it. */
bool mcp_relay_is_over(const struct mcp_relay *relay);

#endif
