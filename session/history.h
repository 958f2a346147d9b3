/* SPDX-License-Identifier: MIT */
/*
 * What is looked up about an open question while it is shown already, beside the loop,
 * one question at a time. In the database: how often its object was answered before, how
 * many recorded events each rung would also cover, and what could be learned from the
 * answers (session/offer.h). On the disk: how many files each rung would also cover.
 */
#ifndef SESSION_HISTORY_H
#define SESSION_HISTORY_H

#include "base/error.h"

#include <stdbool.h>

struct supervisor;
struct history_job;

enum history_part { HISTORY_RECORDED, HISTORY_FILES, HISTORY_PARTS };

struct history_reader {
	enum history_part part;
	int fd;			 /* readable when a job is done; -1: none */
	struct history_job *job; /* the one that is being read; or NULL */
	unsigned long thread;
};

bool history_init(struct supervisor *supervisor, struct error *err);
void history_finish(struct supervisor *supervisor);

/* Starts looking up the first question that was not looked up yet, if any. */
void history_start_next(struct supervisor *supervisor);
/* After the part's fd became readable: adds what was found to the question. */
void history_take(struct supervisor *supervisor, enum history_part part);

#endif
