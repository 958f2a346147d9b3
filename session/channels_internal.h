/* SPDX-License-Identifier: MIT */
/* What a process has open and mapped; for session/channel*.c only. */
#ifndef SESSION_CHANNELS_INTERNAL_H
#define SESSION_CHANNELS_INTERNAL_H

#include "session/channels.h"

/* What an open file is, as far as data passes through it. */
enum end_kind {
	END_ANY,    /* whoever reads it gets what others write */
	END_MASTER, /* of a terminal: reads what slaves write, and the reverse */
	END_SLAVE,
};

struct end {
	uint64_t id; /* the same for all ends of one channel */
	enum end_kind kind;
	bool can_read, can_write;
};

struct holder {
	pid_t pid;
	bool is_opaque;	     /* it could not be looked at */
	bool counts_system;  /* what it maps of the system's files counts */
	bool is_leader;	     /* its first thread is being looked at */
	uint64_t last_inode; /* mapped last, if privately */
	char last_device[16];
	struct end *ends;
	size_t count, capacity;
	uint64_t *sockets; /* inodes */
	size_t socket_count, socket_capacity;
	char **written; /* paths of plain files */
	size_t written_count, written_capacity;
	const struct text *endpoints;
	size_t endpoint_count;
};

/* The id of the channel of that name. */
uint64_t channel_name_id(const char *name);
void channel_end_add(struct holder *holder, struct end end);

/* What the process has open in all of its threads, and what it shares by mappings. */
void channel_descriptors_take(struct holder *holder);
void channel_mappings_take(struct holder *holder);

/* As if it were open already. */
void channel_opening_add(struct holder *holder, const struct channel_opening *opening);

bool channel_kcmp(pid_t a, pid_t b, int what);

#endif
