/* SPDX-License-Identifier: MIT */
/*
 * Whether the labels in a recording are those that the rules of today would have given.
 * An event says what its process carried by the rules of then; with other `label` rules
 * it might carry more or less, and how that would have passed on cannot be known.
 */
#ifndef SESSION_REJUDGE_LABELS_H
#define SESSION_REJUDGE_LABELS_H

#include "db/db.h"
#include "rules/rule_index.h"
#include "session/labels.h"
#include "session/recorded_facts.h"
#include "tracer/tracer.h"

/* Zero-initialise. */
struct rejudge_labels {
	struct taken_label *taken; /* who took which, by process */
	size_t taken_count, taken_capacity;
	const char *touched[LABELS_MAX]; /* today's, of the index; met so far */
	size_t touched_count;
	bool are_doubtful; /* somebody would have taken one that was not recorded */
};

bool rejudge_labels_load(struct rejudge_labels *labels, struct db *db, int64_t session,
	struct error *err);
void rejudge_labels_finish(struct rejudge_labels *labels);

/* Of the next event, before it is noted. */
bool rejudge_labels_hold(
	const struct rejudge_labels *labels, const struct recorded_facts *facts);

/* For each action of a request its event, and whether it might have ended otherwise now. */
struct rejudged_request {
	const struct request *request;
	const struct action_record *records;
	const bool *may_differ;
};
/* In order of events. */
void rejudge_labels_note(struct rejudge_labels *labels, const struct rule_index *index,
	const struct rejudged_request *rejudged, const struct recorded_facts *facts);

#endif
