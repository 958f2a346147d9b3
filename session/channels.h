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

/* A process, and the endpoints in this machine that it connected to. Borrowed. */
struct channel_process {
	pid_t pid;
	const struct text *endpoints;
	size_t endpoint_count;
	bool is_opaque; /* it counts as one that shares with all */
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

/* The i-th plain file that the process may write at the moment; NULL after the last. */
const char *channels_written(const struct channels *channels, size_t process, size_t i);

#endif
