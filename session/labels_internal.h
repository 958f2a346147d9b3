/* SPDX-License-Identifier: MIT */
/* What the parts of labels share; for session/label*.c only. */
#ifndef SESSION_LABELS_INTERNAL_H
#define SESSION_LABELS_INTERNAL_H

#include "session/marks.h"
#include "session/supervisor.h"

/* How a label came into the session: somebody touched something. */
struct origin {
	char *object, *program;
	enum verb verb;
	pid_t pid;
	int64_t time; /* monotonic */
};

struct labels {
	struct supervisor *supervisor;
	char *names[LABELS_MAX];
	size_t name_count;
	bool has_too_many; /* names: what is carried is not known any more */
	struct origin *origins;
	size_t origin_count, origin_capacity;
	struct mount_table mounts; /* at the start of the session */
	struct marks *marks;
	const struct request **flying; /* allowed, and not yet known how they end */
	size_t flying_count, flying_capacity;
	bool has_identities;	       /* some marks are of files by whatever name */
	struct text texts[LABELS_MAX]; /* of the last subject */
	bool has_changed_system;       /* somebody in the tree may have, by a file */
	bool is_used;		       /* some process carries one */
	struct label_set everybody;    /* what anybody carried so far */
};

/* The bit of a label's name; 0 if there are too many. */
uint32_t label_bit(struct labels *labels, const char *name);

/* Records that the process took these labels on. */
void label_record_taken(struct supervisor *supervisor,
	const struct process_state *state, uint32_t added);

/*
 * Passes on what anybody carries to all whom it may reach by what they share now, and by
 * what they are about to open.
 */
void label_spread(struct supervisor *supervisor);

#endif
