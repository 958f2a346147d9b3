/* SPDX-License-Identifier: MIT */
/*
 * Through what data can pass from one process to another at one moment: pipes, sockets,
 * the two ends of a terminal, shared memory, files that one may write and the other
 * read. Read from /proc without touching any file; a process that cannot be looked at
 * counts as one that shares with all.
 */
#ifndef SESSION_CHANNELS_H
#define SESSION_CHANNELS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct channels;

/*
 * True if what is written to the path may be read from there later: files and shared
 * memory, but no devices and nothing that the kernel makes up.
 */
bool channels_keep(struct text path);
/* True if what is written to the path is read at the other end of a terminal. */
bool channels_is_terminal(struct text path);

/*
 * Files of the system, which everybody maps: they count for nothing as long as nobody has
 * changed any.
 */
bool channels_is_of_system(struct text path);

enum { CHANNELS_IDENTITY_SIZE = 64 };
/* What a file is called whatever its names are; those begin with a slash, this does not. */
void channels_identity(char text[CHANNELS_IDENTITY_SIZE], unsigned major,
	unsigned minor, uint64_t inode);

/* A file that is about to be opened: what is written then may be read at once. */
struct channel_opening {
	struct text path;
	bool reads, writes;
};

/* A process, and the endpoints in this machine that it connected to. Borrowed. */
struct channel_process {
	pid_t pid;
	const struct text *endpoints;
	size_t endpoint_count;
	const struct channel_opening *openings;
	size_t opening_count;
	bool counts_system; /* somebody may have changed files of the system */
	bool is_opaque;	    /* it counts as one that shares with all */
};

/*
 * Two pipes, or sockets, of which somebody outside the tree passes all on from one to the
 * other: they are one channel.
 */
struct channel_relay {
	uint64_t inodes[2];
	bool is_socket;
};

/* Given back by channels_destroy. */
struct channels *channels_take(const struct channel_process *processes, size_t count,
	const struct channel_relay *relays, size_t relay_count);
void channels_destroy(struct channels *channels); /* accepts NULL */

/* True if what the from-th process writes may come to be read by the to-th. */
bool channels_lead(const struct channels *channels, size_t from, size_t to);

/*
 * The i-th plain file that the process may write at the moment, and once more by its
 * identity if it has other names; NULL after the last.
 */
const char *channels_written(const struct channels *channels, size_t process, size_t i);

#endif
