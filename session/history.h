/* SPDX-License-Identifier: MIT */
/*
 * What the database knows about an open question: how often its object was answered
 * before, how many recorded events each rung would also cover, and what could be learned
 * from the answers (session/offer.h). Read beside the loop, one question at a time; the
 * question is shown without it meanwhile.
 */
#ifndef SESSION_HISTORY_H
#define SESSION_HISTORY_H

#include "base/error.h"

#include <stdbool.h>

struct supervisor;
struct history_job;

struct history_reader {
	int fd;			 /* readable when a job is done; -1: none */
	struct history_job *job; /* the one that is being read; or NULL */
	unsigned long thread;
};

bool history_init(struct history_reader *reader, struct error *err);
void history_finish(struct history_reader *reader);

/* Starts reading about the first question that was not read about yet, if any. */
void history_start_next(struct supervisor *supervisor);
/* After fd became readable: adds what was found to the question. */
void history_take(struct supervisor *supervisor);

#endif
