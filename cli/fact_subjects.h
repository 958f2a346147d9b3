/* SPDX-License-Identifier: MIT */
/*
 * Subjects of recorded events together with what was known of each event: the MCP calls
 * in flight, labels, code. Equal ones are one, so that they can be told apart by address.
 */
#ifndef CLI_FACT_SUBJECTS_H
#define CLI_FACT_SUBJECTS_H

#include "db/event.h"

/* Zero-initialise. */
struct fact_subjects {
	struct fact_subject *first;
};

/* base with what the event says of it; base is borrowed. Lives as long as subjects. */
const struct subject *fact_subjects_find(struct fact_subjects *subjects,
	const struct subject *base, const struct event *event);
void fact_subjects_finish(struct fact_subjects *subjects);

#endif
