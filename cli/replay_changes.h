/* SPDX-License-Identifier: MIT */
/* How a whole recording was judged again: what came out otherwise, by event. */
#ifndef CLI_REPLAY_CHANGES_H
#define CLI_REPLAY_CHANGES_H

#include "session/rejudge.h"

#include <stdio.h>

struct replay_change_record {
	int64_t seq;
	enum verdict now;
	bool was_asked;
	const char *obstacle; /* NULL: it was judged again */
	uint32_t rule;	      /* index into rules; 0: none */
};

/* Borrowed from the rejudge. */
struct replay_change_rule {
	struct text rule, source;
};

struct replay_changes {
	struct rejudge *rejudge;
	struct replay_change_record *records; /* by seq */
	size_t count, capacity;
	struct replay_change_rule *rules; /* the first stands for none */
	size_t rule_count, rule_capacity;
	size_t last_rule; /* most come one after another */
};

/* Judges the whole recording; NULL with err. */
struct replay_changes *replay_changes_make(struct db *db,
	const struct session_record *session, const struct rejudge_options *options,
	struct error *err);
void replay_changes_free(struct replay_changes *changes); /* accepts NULL */

/* NULL: nothing is different. */
const struct replay_change_record *replay_changes_find(
	const struct replay_changes *changes, int64_t seq);
/* The nearest before or after; 0: none. */
int64_t replay_changes_beside(
	const struct replay_changes *changes, int64_t seq, bool is_forward);
/* Totals, and rules that never matched, in safe lines. */
void replay_changes_print(const struct replay_changes *changes, FILE *out);

#endif
