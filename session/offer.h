/* SPDX-License-Identifier: MIT */
/*
 * What is proposed at a question once the same, or the like of it, was asked several
 * times: the rule that `duenna learn` would make of the answers in this project up to
 * now. Reads the database and may take a while: away from the loop.
 */
#ifndef SESSION_OFFER_H
#define SESSION_OFFER_H

#include "db/db.h"
#include "session/protocol.h"
#include "session/rule_set.h"

enum { OFFER_ASKED_MIN = 3 }; /* how often it was asked, this time included */

struct offer {
	char *rule;    /* without a verdict; owned; NULL: there is none */
	int64_t asked; /* how many questions speak for it, with this one */
};

/*
 * question is the one that is open in that session. Sources are only read. No offer is
 * made if anything fails: the question is as good without.
 */
void offer_find(struct db *db, const struct rule_sources *sources, int64_t session,
	const struct protocol_question *question, struct offer *offer);

#endif
